package redact

import "strings"

// notMail are endings of file names with an @: logo@2x.png.
var notMail = words("png jpg jpeg gif svg webp avif ico js mjs css ts json map html")

// mail masks an e-mail address whose "@", or "%40", is at s[i], and the
// password of "user:password@tcp(host)".
func (sc *scanner) mail(i int) int {
	s := sc.s
	after := i + 1
	if s[i] == '%' {
		after = i + 3
	}
	if strings.HasPrefix(s[after:], "tcp(") || strings.HasPrefix(s[after:], "unix(") {
		from := i
		for from > sc.done && !space(s[from-1]) && strings.IndexByte("\"'`=/", s[from-1]) < 0 {
			from--
		}
		sc.mask(from, i)
		return after
	}
	from := i
	for from > sc.done && localByte(s[from-1]) {
		from--
	}
	for from < i && (s[from] == '.' || s[from] == '-') { // "--to=..." and "...": not the address
		from++
	}
	to, tld := domainEnd(s, after)
	if from == i || tld == "" || notMail[strings.ToLower(tld)] || s[from:i] == "git" {
		return 0
	}
	return sc.mask(from, to)
}

// domainEnd reads a domain with at least one dot and a top level of letters.
func domainEnd(s string, i int) (end int, tld string) {
	label := i // where the current label begins
	for j := i; ; j++ {
		if j < len(s) && (alnum(s[j]) || s[j] >= 0x80 || s[j] == '-' && j > label) {
			continue
		}
		if j == label {
			break
		}
		if label > i && topLevel(s[label:j]) {
			end, tld = j, s[label:j]
		} else if label > i {
			end, tld = 0, "" // as in 1.2.3
		}
		if j == len(s) || s[j] != '.' {
			break
		}
		label = j + 1
	}
	return end, tld
}

func topLevel(label string) bool {
	if len(label) < 2 {
		return false
	}
	for i := range len(label) {
		if c := label[i]; digit(c) && !strings.HasPrefix(label, "xn--") {
			return false
		}
	}
	return true
}

func localByte(c byte) bool {
	return alnum(c) || c >= 0x80 || strings.IndexByte("._+-!#$&'*/?^`{|}~", c) >= 0 && c != '/' && c != '?' && c != '&' && c != '\'' && c != '`' && c != '{' && c != '#'
}
