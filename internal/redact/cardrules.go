package redact

// A cardRule is an issuer of cards: the range of its prefixes, and the lengths
// of its numbers as a set of bits (ISO/IEC 7812).
type cardRule struct {
	name     string
	from, to int // of four digits
	lengths  uint32
}

const allLengths = 1<<12 | 1<<13 | 1<<14 | 1<<15 | 1<<16 | 1<<17 | 1<<18 | 1<<19

var cardRules = []cardRule{
	{"card:visa", 4000, 4999, 1<<13 | 1<<16 | 1<<19},
	{"card:mastercard", 5100, 5599, 1 << 16},
	{"card:mastercard-2", 2221, 2720, 1 << 16},
	{"card:amex-34", 3400, 3499, 1 << 15},
	{"card:amex-37", 3700, 3799, 1 << 15},
	{"card:diners-36", 3600, 3699, 1<<14 | 1<<16},
	{"card:diners-38", 3800, 3999, 1<<14 | 1<<16},
	{"card:diners-30", 3000, 3059, 1<<14 | 1<<16},
	{"card:jcb", 3528, 3589, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"card:discover", 6011, 6011, 1<<16 | 1<<19},
	{"card:discover-65", 6500, 6599, 1<<16 | 1<<19},
	{"card:discover-644", 6440, 6499, 1<<16 | 1<<19},
	{"card:unionpay", 6200, 6299, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"card:unionpay-81", 8100, 8199, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"card:mir", 2200, 2204, 1<<16 | 1<<17 | 1<<18 | 1<<19},
	{"card:maestro-50", 5018, 5020, allLengths},
	{"card:maestro-5038", 5038, 5038, allLengths},
	{"card:maestro-58", 5893, 5893, allLengths},
	{"card:maestro-63", 6304, 6304, allLengths},
	{"card:maestro-67", 6759, 6763, allLengths},
}
