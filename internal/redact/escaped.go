package redact

import "strings"

// Encoders hide the very bytes that secrets are found by: "&" is \u0026 in
// JSON that is safe in HTML, "=" is %3D in a URL inside a URL.

// escapedByte is the byte with the two hexadecimal digits, if it is one that
// secrets are found by and that JSON needs not escape; else 0.
func escapedByte(a, b byte) byte {
	switch {
	case a == '2' && b == '6':
		return '&'
	case a == '2' && b|0x20 == 'f':
		return '/'
	case a == '3' && b|0x20 == 'a':
		return ':'
	case a == '3' && b|0x20 == 'c':
		return '<'
	case a == '3' && b|0x20 == 'e':
		return '>'
	case a == '3' && b|0x20 == 'd':
		return '='
	case a == '4' && b == '0':
		return '@'
	}
	return 0
}

// plainly writes escaped bytes as they are, at any depth of JSON inside JSON.
func plainly(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			j := i
			for j < len(s) && s[j] == '\\' {
				j++
			}
			if j+4 < len(s) && s[j] == 'u' && s[j+1] == '0' && s[j+2] == '0' {
				if c := escapedByte(s[j+3], s[j+4]); c != 0 {
					b.WriteByte(c)
					i = j + 4
					continue
				}
			}
			b.WriteString(s[i:j])
			i = j - 1
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escapeEnd is after the escape that the backslash at s[i] begins: the letter
// in "\nghp_..." is no part of the word. It is i+1 if there is none.
func escapeEnd(s string, i int) int {
	if i+1 >= len(s) {
		return i + 1
	}
	switch s[i+1] {
	case 'n', 'r', 't', 'b', 'f':
		return i + 2
	case 'u':
		if end := (hexes).run(s[:min(len(s), i+6)], i+2); end == i+6 {
			return end
		}
	}
	return i + 1
}

// unescaped moves the start of a word that was found backwards past the rest
// of an escape.
func unescaped(s string, from, to int) int {
	if from > 0 && from < to && s[from-1] == '\\' {
		return min(escapeEnd(s, from-1), to)
	}
	return from
}

// starts reports whether a word can start at s[i]: nothing of a word stands
// before, or what does is the rest of an escape.
func starts(s string, i int) bool {
	if i == 0 || !alnum(s[i-1]) {
		return true
	}
	return i > 1 && s[i-2] == '\\' && escapeEnd(s, i-2) == i || i > 5 && s[i-6] == '\\' && escapeEnd(s, i-6) == i
}

// encodedPair masks the value in "key%3Dvalue", as in a URL inside a URL, with
// the "%" at s[i].
func (sc *scanner) encodedPair(i int) int {
	s := sc.s
	start := dotted.runBack(s, i, max(0, i-maxPairKey))
	key := s[start:i]
	if start > 1 && s[start-1] == '%' { // "%26token": the first two bytes are the escape's
		if len(key) < 2 {
			return 0
		}
		key = key[2:]
	}
	if !sc.e.on[shapeEscape] || len(key) < minKey || sc.e.kindOf(key) != secretKey {
		return 0
	}
	to := i + 3
	for to < len(s) && (tokenBytes|joints).has(s[to]) || to+2 < len(s) && s[to] == '%' && (s[to+1] != '2' || s[to+2] != '6') {
		to++
	}
	return sc.mask(i+3, to)
}
