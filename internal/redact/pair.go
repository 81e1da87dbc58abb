package redact

import (
	"net/url"
	"strconv"
	"strings"
)

const maxPairKey = 80

// pair looks at "key=value" or "key: value" with the separator at s[i], in
// prose, connection strings, query strings, headers and JSON, and masks the
// value of a secret key.
func (sc *scanner) pair(i int) int {
	s := sc.s
	if bot := sc.botToken(i); bot > 0 {
		return bot
	}
	key, quoted := keyBefore(s, i)
	if len(key) < 3 {
		return 0
	}
	kind := kindOf(key)
	if kind == plainKey && strings.ContainsAny(key, `%\`) {
		kind = kindOf(unescape(key))
	}
	if kind == plainKey && (s[i] != '=' || !queryOnly(s, i, key)) {
		return 0
	}
	if i+1 < len(s) && (s[i+1] == '=' || s[i+1] == ':') { // "==", "::"
		return 0
	}
	from := i + 1
	for from < len(s) && (s[from] == ' ' || s[from] == '\t' || quoted && space(s[from])) {
		from++
	}
	if from == len(s) {
		return 0
	}
	if q := quoteAt(s, from); q != "" {
		body := from + len(q)
		return sc.mask(body, closing(s, body, q))
	}
	if quoted {
		return sc.jsonValue(from, kind)
	}
	to := sc.bareValue(i, from, key)
	if value := s[from:to]; to <= from || harmless(value, kind) || s[i] == ':' && from > i+1 && sentence(s, value, to) {
		return 0
	}
	return sc.mask(from, to)
}

// keyBefore gives the name that ends at s[i], and whether it is in quotes.
func keyBefore(s string, i int) (key string, quoted bool) {
	end := i
	for end > 0 && (s[end-1] == ' ' || s[end-1] == '\t') {
		end--
	}
	if end > 0 && (s[end-1] == '"' || s[end-1] == '\'') {
		quoted = true
		end--
		for end > 0 && s[end-1] == '\\' {
			end--
		}
	}
	start := end
	for start > 0 && end-start < maxPairKey && keyByte(s[start-1], quoted) {
		start--
	}
	if key = s[start:end]; !quoted && (equalFold(key, "key") || equalFold(key, "number") || equalFold(key, "code")) {
		// "api key: ..."
		if start > 1 && s[start-1] == ' ' && alnum(s[start-2]) {
			for start--; start > 0 && end-start < maxPairKey && alnum(s[start-1]); {
				start--
			}
		}
	}
	return s[start:end], quoted
}

// flag masks the argument after a flag such as "--password", which ends at
// s[i].
func (sc *scanner) flag(i int) int {
	s := sc.s
	key, _ := keyBefore(s, i)
	if !strings.HasPrefix(key, "-") || kindOf(strings.TrimLeft(key, "-")) != secretKey {
		return 0
	}
	if before := i - len(key) - 1; before >= 0 && !space(s[before]) && s[before] != '"' && s[before] != '\'' && s[before] != '`' {
		return 0
	}
	from := i + 1
	to := from
	for to < len(s) && !space(s[to]) {
		to++
	}
	if to == from || s[from] == '-' || prose(strings.TrimRight(s[from:to], ".,:;!?")) && says[strings.ToLower(strings.TrimRight(s[from:to], ".,:;!?"))] {
		return 0
	}
	if q := quoteAt(s, from); q != "" {
		return sc.mask(from+len(q), closing(s, from+len(q), q))
	}
	return sc.mask(from, to)
}

// element masks the text of an XML element with a secret's name; its start tag
// ends at s[i].
func (sc *scanner) element(i int) int {
	s := sc.s
	open := i
	for open > 0 && i-open < maxPairKey && s[open-1] != '<' && s[open-1] != '>' {
		open--
	}
	if open == 0 || s[open-1] != '<' || open == i || s[open] == '/' || s[i-1] == '/' {
		return 0
	}
	name, _, _ := strings.Cut(s[open:i], " ")
	if kindOf(name) != secretKey {
		return 0
	}
	end := strings.IndexByte(s[i:], '<')
	if end <= 1 {
		return 0
	}
	return sc.mask(i+1, i+end)
}

func keyByte(c byte, quoted bool) bool {
	switch c {
	case '_', '-', '.', '%', '[', ']':
		return true
	case ' ', '\\', '/':
		return quoted
	default:
		return alnum(c) || c >= 0x80
	}
}

// unescape undoes %XX and \uXXXX in a name.
func unescape(key string) string {
	if u, err := url.QueryUnescape(key); err == nil {
		key = u
	}
	if u, err := strconv.Unquote(`"` + key + `"`); err == nil {
		key = u
	}
	return key
}

// queryOnly: names that are secret in a URL's query only, with a long value.
func queryOnly(s string, i int, key string) bool {
	switch strings.ToLower(key) {
	case "code", "key", "state", "x-amz-credential", "hash", "hmac":
	default:
		return false
	}
	before := i - len(key) - 1
	if before < 0 || s[before] != '?' && s[before] != '&' && s[before] != '#' {
		return false
	}
	n := 0
	for j := i + 1; j < len(s) && s[j] != '&' && s[j] != '#' && !space(s[j]) && s[j] != '"'; j++ {
		n++
	}
	return n >= 16
}
