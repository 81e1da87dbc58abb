package redact

import (
	"net/url"
	"strings"
)

// URL masks the user part, tokens in the path and in the query; scheme and
// host stay. Of the query the values of secret names go, those that hold a
// secret by their pattern, and long opaque ones. Values and parts of the path
// are looked at as they read once decoded, too.
func (r *Redactor) URL(s string) string {
	s = r.Text(s)
	rest, fragment, hasFragment := strings.Cut(s, "#")
	head, query, hasQuery := strings.Cut(rest, "?")
	head = r.path(head)
	if hasQuery {
		pairs := strings.Split(query, "&")
		for i, p := range pairs {
			key, value, ok := strings.Cut(p, "=")
			if !ok {
				key, value = "", p
			}
			if opaque(value) && r.rules().on[shapeOpaqueQuery] || r.hides(value, url.QueryUnescape) {
				if pairs[i] = Mask; ok {
					pairs[i] = key + "=" + Mask
				}
			}
		}
		head += "?" + strings.Join(pairs, "&")
	}
	if hasFragment {
		if r.hides(fragment, url.PathUnescape) {
			fragment = Mask
		}
		head += "#" + fragment
	}
	return head
}

// path masks the parts of a path, of which host and scheme are some, that hold
// a secret in an encoded form.
func (r *Redactor) path(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	parts := strings.Split(s, "/")
	for i, p := range parts {
		if r.hides(p, url.PathUnescape) {
			parts[i] = Mask
		}
	}
	if s = strings.Join(parts, "/"); r.hides(s, url.PathUnescape) {
		// Encoded slashes or spaces part what belongs together.
		scheme, rest, ok := strings.Cut(s, "://")
		host, _, _ := strings.Cut(rest, "/")
		if !ok {
			return Mask
		}
		return scheme + "://" + host + "/" + Mask
	}
	return s
}

// hides reports whether part holds a secret once it is decoded.
func (r *Redactor) hides(part string, decode func(string) (string, error)) bool {
	if strings.IndexByte(part, '%') < 0 && strings.IndexByte(part, '+') < 0 {
		return false
	}
	plain, err := decode(part)
	return err == nil && plain != part && r.Text(plain) != plain
}

// opaque: 24 bytes or more of letters and digits mixed, without a word break.
// UUIDs are shorter between their hyphens.
func opaque(v string) bool {
	if len(v) < 24 {
		return false
	}
	run, digits, letters := 0, 0, 0
	for i := range len(v) {
		if !alnum(v[i]) {
			run, digits, letters = 0, 0, 0
			continue
		}
		run++
		if digit(v[i]) {
			digits++
		} else {
			letters++
		}
		if run >= 24 && digits > 0 && letters > 0 {
			return true
		}
	}
	return false
}

// maxURL is how far the user part of a URL is looked for, so that hostile text
// costs no more than its length.
const maxURL = 2048

// url masks the user part of a URL whose "://" is at s[i].
func (sc *scanner) url(i int) int {
	s := sc.s
	from := i + 3
	end := urlEnd(s, from, "/?#")
	at := from + strings.LastIndexByte(s[from:end], '@')
	if at < from && oddPassword(s[from:end]) {
		// A slash or the like in a password that nobody escaped.
		at = from + strings.LastIndexByte(s[from:urlEnd(s, end, "")], '@')
	}
	if at <= from || !sc.e.on[shapeUserInfo] {
		return from
	}
	sc.mask(from, at)
	return at + 1
}

// urlEnd is where the URL ends, or the first of stop.
func urlEnd(s string, i int, stop string) int {
	end := i
	for end < len(s) && end-i < maxURL && !space(s[end]) && strings.IndexByte("\"'`<>\\", s[end]) < 0 &&
		strings.IndexByte(stop, s[end]) < 0 && !strings.HasPrefix(s[end:], "://") {
		end++
	}
	return end
}

// oddPassword: "user:pass" where a host and a port should be.
func oddPassword(authority string) bool {
	_, port, ok := strings.Cut(authority, ":")
	return ok && port != "" && !strings.HasPrefix(authority, "[") && !number(port)
}

// pathToken masks the path after an address of pathRules that ends at s[i].
func (sc *scanner) pathToken(i int) int {
	s := sc.s
	for _, r := range sc.e.paths {
		if i < len(r.address) || !equalFold(s[i-len(r.address):i], r.address) {
			continue
		}
		end := i + 1
		for end < len(s) && !space(s[end]) && strings.IndexByte("\"'`<>#),;\\", s[end]) < 0 {
			end++
		}
		for end > i && (s[end-1] == ':' || s[end-1] == '.') { // the sentence's
			end--
		}
		if end <= i+1 {
			return 0
		}
		return sc.mask(i+1, end)
	}
	return 0
}

// botToken masks a Telegram bot's token, /bot<number>:<token>, with the colon
// at s[i].
func (sc *scanner) botToken(i int) int {
	s := sc.s
	from := digits.runBack(s, i, max(0, i-17))
	if i-from < 5 || !sc.e.on[shapeTelegram] {
		return 0
	}
	end := wordBytes.run(s, i+1)
	bot := from >= 3 && s[from-3:from] == "bot"
	if end-i-1 >= 30 && (bot || end-i-1 == 35) || bot && from >= 4 && s[from-4] == '/' && end-i > 8 {
		return sc.mask(from, end)
	}
	return 0
}
