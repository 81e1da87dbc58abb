package errortracking

import "strings"

const maxNormalized = 200

// normalize puts a star where a text has what differs each time: words with a
// digit, quoted parts, e-mail addresses, paths, what follows "=", and words so
// long that nobody wrote them. A list of such is one star.
func normalize(s string) string {
	if len(s) > 4*maxNormalized {
		s = s[:4*maxNormalized]
	}
	var buf [2 * maxNormalized]byte
	n := normalizer{out: buf[:0]}
	for len(s) > 0 && len(n.out) < maxNormalized {
		s = n.step(s)
	}
	return strings.TrimRight(string(n.out), " ")
}

type normalizer struct{ out []byte }

const longWord = 32

// step takes something off the front of s.
func (n *normalizer) step(s string) string {
	c := s[0]
	switch {
	case c == '"' || c == '`' || c == '\'' && n.between():
		if end := strings.IndexByte(s[1:], c); end >= 0 {
			n.star()
			return s[end+2:]
		}
	case c == '/' && n.between() && len(s) > 1 && wordByte(s[1]):
		n.star()
		return s[pathEnd(s):]
	case wordByte(c):
		end, varies := wordEnd(s)
		if varies || end >= longWord || len(n.out) > 0 && n.out[len(n.out)-1] == '=' {
			n.star()
		} else {
			n.out = append(n.out, s[:end]...)
		}
		return s[end:]
	}
	n.out = append(n.out, c)
	return s[1:]
}

// between reports whether a word or quotation may begin here.
func (n *normalizer) between() bool {
	return len(n.out) == 0 || strings.IndexByte(" ([{=:,", n.out[len(n.out)-1]) >= 0
}

// star writes one, unless all since the last one is what stands between the
// members of a list.
func (n *normalizer) star() {
	i := len(n.out)
	for i > 0 && (n.out[i-1] == ' ' || n.out[i-1] == ',' || n.out[i-1] == ';') {
		i--
	}
	if i > 0 && n.out[i-1] == '*' {
		n.out = n.out[:i]
		return
	}
	n.out = append(n.out, '*')
}

// wordEnd is how long the word at the front of s is, and whether it has a digit or
// an "@".
func wordEnd(s string) (end int, varies bool) {
	for end < len(s) {
		c := s[end]
		inside := end > 0 && strings.IndexByte("-.@:", c) >= 0 && end+1 < len(s) && wordByte(s[end+1])
		if !wordByte(c) && !inside {
			break
		}
		varies = varies || c >= '0' && c <= '9' || c == '@'
		end++
	}
	return end, varies
}

// pathEnd is where the path at the front of s ends.
func pathEnd(s string) int {
	i := strings.IndexAny(s, " \t\n\"'`,;)]}")
	if i < 0 {
		i = len(s)
	}
	for i > 1 && (s[i-1] == ':' || s[i-1] == '.') {
		i--
	}
	return i
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
