package logging

import "unicode/utf8"

// lead is a piece of JSON that is written again and again. Short ones are
// copied at their full room, which costs less than to look at their length.
type lead struct {
	text string
	room [32]byte
}

func newLead(text string) (l lead) {
	l.text = text
	copy(l.room[:], text)
	return l
}

func (l *lead) append(b []byte) []byte {
	if n := len(b); len(l.text) <= len(l.room) && cap(b)-n >= len(l.room) {
		*(*[len(l.room)]byte)(b[n : n+len(l.room)]) = l.room
		return b[:n+len(l.text)]
	}
	return append(b, l.text...)
}

const hexDigits = "0123456789abcdef"

// asIs are the ASCII bytes that a JSON string holds as they are.
var asIs = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\' && c != 0x7f
	}
	return t
}()

// appendQuoted writes a JSON string. Beyond what JSON asks for it escapes all
// that moves a terminal or breaks a line: DEL, C1 controls, line separators
// and marks of writing direction.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	b = appendEscaped(b, s)
	return append(b, '"')
}

func appendEscaped(b []byte, s string) []byte {
	if clean(s) {
		return append(b, s...)
	}
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if asIs[c] {
				i++
				continue
			}
			b = append(b, s[done:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = appendU(b, rune(c))
			}
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || hidden(r) {
			b = append(b, s[done:i]...)
			b = appendU(b, r)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...)
}

// clean reports whether all bytes of s are asIs, eight of them at a time.
func clean(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if len(s) < 8 {
		for i := range len(s) {
			if c := s[i]; c >= utf8.RuneSelf || !asIs[c] {
				return false
			}
		}
		return true
	}
	for i := 0; ; i += 8 {
		if i > len(s)-8 { // the last ones, some of them again
			if i == len(s) {
				return true
			}
			i = len(s) - 8
		}
		t := s[i : i+8]
		w := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		quote, slash := w^'"'*ones, w^'\\'*ones
		// The high bit of a byte is set in w beyond ASCII, in w-' '*ones below ' ', in w+ones at DEL, and in
		// x-ones where x was 0. What is carried on reaches only bytes beside one that is found anyway.
		if (w|(w-' '*ones)|(w+ones)|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0 {
			return false
		}
	}
}

func appendU(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// hidden reports whether r acts on a terminal instead of showing.
func hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x200e || r == 0x200f || r == 0x2028 || r == 0x2029 ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}
