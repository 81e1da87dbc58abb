package redact

// Card numbers are known by three things at once (ISO/IEC 7812): the issuer's
// prefix, a length that this issuer uses, and the check digit of Luhn. One in
// ten numbers has a right check digit, so it alone would mask order IDs and
// times.

const (
	minCard = 12
	maxCard = 19
)

// card reports whether d, of digits only, is a card number.
func (e *engine) card(d []byte) bool {
	n := len(d)
	if n < minCard || n > maxCard || !e.issued(d) || !luhn(d) {
		return false
	}
	return n != 13 || !ean13(d) // barcodes of Germany start with 4, too
}

// issued reports whether an issuer has this prefix at this length.
func (e *engine) issued(d []byte) bool {
	p := 0
	for _, c := range d[:4] {
		p = p*10 + int(c-'0')
	}
	for i := range e.issuers {
		if r := &e.issuers[i]; p >= r.from && p <= r.to && r.lengths&(1<<len(d)) != 0 {
			return true
		}
	}
	return false
}

func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// ean13 reports whether the digits are a valid article number.
func ean13(d []byte) bool {
	sum := 0
	for i, c := range d {
		v := int(c - '0')
		if i%2 == 1 {
			v *= 3
		}
		sum += v
	}
	return sum%10 == 0
}

// cardAt finds a card number that begins at s[i], bare or in groups that a
// space or hyphen parts, and gives its end; 0 if there is none.
func (e *engine) cardAt(s string, i int) int {
	if i > 0 {
		if c := s[i-1]; c == '+' || !starts(s, i) || c == '.' && i > 1 && digit(s[i-2]) {
			return 0 // a phone number, part of a name, a fraction
		}
	}
	var d [maxCard]byte
	n, groups, end := 0, 0, 0
	for j := i; j < len(s); {
		k := j
		for k < len(s) && digit(s[k]) {
			k++
		}
		if k == j || n+k-j > maxCard {
			break
		}
		n += copy(d[n:], s[j:k])
		groups++
		if k < len(s) && (alnum(s[k]) || s[k] >= 0x80) {
			break
		}
		if (groups == 1 || grouped(groups, k-j)) && e.card(d[:n]) {
			end = k
		}
		if k-j > 6 || k-j < 3 || k+1 >= len(s) || s[k] != ' ' && s[k] != '-' {
			break
		}
		j = k + 1
	}
	return end
}

// grouped reports whether the n-th group of a printed card number can have so
// many digits: 4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3.
func grouped(n, size int) bool { return n <= 5 && size >= 1 && size <= 6 }

// cardNumber reports whether v is a card number as an integer.
func (e *engine) cardNumber(v uint64) bool {
	if v < 1e11 || !e.on[typeCardNumber] {
		return false
	}
	var d [20]byte
	i := len(d)
	for ; v > 0; v /= 10 {
		i--
		d[i] = byte('0' + v%10)
	}
	return e.card(d[i:])
}
