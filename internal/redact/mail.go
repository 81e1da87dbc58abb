package redact

import "strings"

// notMail are endings of file names with an @: logo@2x.png.
var notMail = words("png jpg jpeg gif svg webp avif ico js mjs css ts json map html")

// mail masks an e-mail address whose "@", or "%40", is at s[i], and what
// stands before the "@" of a host: the credentials in "user:password@tcp(host)",
// "user:password@host:port" and "user/password@//host".
func (sc *scanner) mail(i int) int {
	s := sc.s
	after := i + 1
	if s[i] == '%' {
		after = i + 3
	}
	if end := sc.credentials(i, after); end > 0 {
		return end
	}
	from := i
	for from > sc.done && localByte(s[from-1]) {
		from--
	}
	from = unescaped(s, from, i)
	for from < i && (s[from] == '.' || s[from] == '-') { // "--to=..." and "...": not the address
		from++
	}
	to, tld := domainEnd(s, after)
	if !sc.e.on[shapeMail] || from == i || tld == "" || notMail[strings.ToLower(tld)] || s[from:i] == "git" {
		return 0
	}
	return sc.mask(from, to)
}

// credentials masks what stands before the "@" at s[i] and is no name in an
// address.
func (sc *scanner) credentials(i, after int) int {
	s := sc.s
	rest := s[after:]
	if strings.HasPrefix(rest, "tcp(") || strings.HasPrefix(rest, "unix(") || strings.HasPrefix(rest, "//") {
		from := i
		for from > sc.done && i-from < maxURL && !space(s[from-1]) && strings.IndexByte("\"'`=", s[from-1]) < 0 &&
			(s[from-1] != '/' || rest[0] == '/') && (s[from-1] != ':' || !strings.HasSuffix(s[:from-1], ":thin")) {
			from--
		}
		if !sc.e.on[shapeDriverDSN] || rest[0] == '/' && !strings.Contains(s[from:i], "/") {
			return 0
		}
		sc.mask(from, i)
		return after
	}
	// user:password@host:port
	from := i
	for from > sc.done && i-from < 256 && !space(s[from-1]) && strings.IndexByte("\"'`=(<[{,;@", s[from-1]) < 0 {
		from--
	}
	user, password, ok := strings.Cut(s[from:i], ":")
	if !sc.e.on[shapeBareUserInfo] || !ok || user == "" || password == "" || strings.HasPrefix(password, "//") || !alnum(user[0]) {
		return 0
	}
	host := dotted.run(s, after)
	if host == after || host+1 >= len(s) || s[host] != ':' || !digit(s[host+1]) {
		return 0
	}
	sc.mask(from, i)
	return after
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

// local are the bytes of the name in an address.
var local = func() (t [256]bool) {
	for c := range t {
		t[c] = alnum(byte(c)) || c >= 0x80 || strings.IndexByte("._+-!$*^|~", byte(c)) >= 0
	}
	return t
}()

func localByte(c byte) bool { return local[c] }
