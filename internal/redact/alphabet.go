package redact

// alphabet is a set of bytes that a token is made of.
type alphabet uint16

const (
	digits     alphabet = 1 << iota // 0-9
	lowerHex                        // a-f
	upperHex                        // A-F
	lowerOther                      // g-z
	upperOther                      // G-Z
	joints                          // _ and -
	dots                            // .
	base64s                         // / + =
	odd                             // $ ~ % : *

	lowerHexes  = digits | lowerHex
	hexes       = lowerHexes | upperHex
	capitals    = digits | upperHex | upperOther
	alnums      = hexes | lowerOther | upperOther
	wordBytes   = alnums | joints
	dotted      = wordBytes | dots
	base64Bytes = alnums | base64s
	tokenBytes  = dotted | base64s
	anyBytes    = tokenBytes | odd
)

var letters = func() (t [256]alphabet) {
	for c := range t {
		switch {
		case '0' <= c && c <= '9':
			t[c] = digits
		case 'a' <= c && c <= 'f':
			t[c] = lowerHex
		case 'A' <= c && c <= 'F':
			t[c] = upperHex
		case 'g' <= c && c <= 'z':
			t[c] = lowerOther
		case 'G' <= c && c <= 'Z':
			t[c] = upperOther
		case c == '_', c == '-':
			t[c] = joints
		case c == '.':
			t[c] = dots
		case c == '/', c == '+', c == '=':
			t[c] = base64s
		case c == '$', c == '~', c == '%', c == ':', c == '*':
			t[c] = odd
		}
	}
	return t
}()

func (a alphabet) has(c byte) bool { return letters[c]&a != 0 }

// run is where the bytes of a end that begin at s[i].
func (a alphabet) run(s string, i int) int {
	for i < len(s) && letters[s[i]]&a != 0 {
		i++
	}
	return i
}

// runBack is where the bytes of a begin that end before s[i], not before low.
func (a alphabet) runBack(s string, i, low int) int {
	for i > low && letters[s[i-1]]&a != 0 {
		i--
	}
	return i
}

// mixed reports whether s is made up rather than written: digits among
// letters, or letters of both cases in no word's order.
func mixed(s string) bool {
	number, small, capital := false, false, false
	for i := range len(s) {
		switch l := letters[s[i]]; {
		case l == digits:
			number = true
		case l&(lowerHex|lowerOther) != 0:
			small = true
		case l&(upperHex|upperOther) != 0:
			capital = capital || i > 0
		}
	}
	return number || small && capital
}
