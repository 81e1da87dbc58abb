package redact

import (
	"net/url"
	"strconv"
	"strings"
)

const maxPairKey = 80

// pair looks at "key=value" or "key: value" with the separator at s[i], in
// prose, code, connection strings, query strings, headers and JSON, and masks
// the value of a secret key.
func (sc *scanner) pair(i int) int {
	s := sc.s
	if s[i] == ':' {
		if end := sc.botToken(i); end > 0 {
			return end
		}
		if i+1 < len(s) && s[i+1] == ':' { // std::vector
			return i + 2
		}
	}
	if s[i] == ':' && sourceFile(s, i) {
		return 0
	}
	end := i
	for end > 0 && end > i-2 && strings.IndexByte(":?|!+", s[end-1]) >= 0 { // :=, ?=, ||=, !=
		end--
	}
	key, q := keyBefore(s, end)
	quoted := q != ""
	if len(key) < minKey {
		return 0
	}
	kind := sc.e.kindOf(key)
	if kind == plainKey && strings.ContainsAny(key, `%\`) {
		kind = sc.e.kindOf(unescape(key))
	}
	from := i + 1
	for from < len(s) && from < i+3 && (s[from] == '=' || s[from] == '>') { // ==, =>, :=
		from++
	}
	if kind == plainKey {
		switch {
		case s[i] == '=' && sc.queryOnly(i, key):
			kind = secretKey
		case equalFold(key, "value") && sc.named(end, key):
			kind = secretKey
		default:
			return 0
		}
	}
	for from < len(s) && (s[from] == ' ' || s[from] == '\t' || quoted && space(s[from])) {
		from++
	}
	if from == len(s) || !sc.e.on[shapePair] && !quoted || !sc.e.on[shapePairQuoted] && quoted {
		return 0
	}
	if open := quoteAt(s, from); open != "" {
		if len(open) < len(q) || open != q && sc.closes(from, open) { // the end of the string that the name is in
			return 0
		}
		body := from + len(open)
		to := closing(s, body, open)
		if body > to || !secretText(s[body:to], kind) {
			return 0
		}
		return sc.mask(body, to)
	}
	if quoted {
		return sc.jsonValue(from, kind, q)
	}
	to := sc.bareValue(i, from, key, kind)
	if to <= from || !secretText(s[from:to], kind) || sc.isKey(from, to) || s[i] == ':' && from > i+1 && sentence(s, key, s[from:to], to, kind) {
		return 0
	}
	return sc.mask(from, to)
}

// keyBefore gives the name that ends at s[i], and the quote with backslashes
// that it is in.
func keyBefore(s string, i int) (key, quote string) {
	end := i
	for end > 0 && end > i-8 && (s[end-1] == ' ' || s[end-1] == '\t') {
		end--
	}
	if end > 1 && s[end-1] == ']' && (s[end-2] == '"' || s[end-2] == '\'') { // config["token"] =
		end--
	}
	if end > 0 && (s[end-1] == '"' || s[end-1] == '\'') {
		last := end
		for end--; end > 0 && s[end-1] == '\\'; {
			end--
		}
		quote = s[end:last]
	}
	quoted := quote != ""
	start := end
	for start > 0 && end-start < maxPairKey && keyByte(s[start-1], quoted) {
		start--
	}
	if !quoted {
		start = unescaped(s, start, end)
	}
	if key = s[start:end]; !quoted && (equalFold(key, "key") || equalFold(key, "number") || equalFold(key, "code")) {
		// "api key: ..."
		if start > 1 && s[start-1] == ' ' && alnum(s[start-2]) {
			for start--; start > 0 && end-start < maxPairKey && alnum(s[start-1]); {
				start--
			}
			start = unescaped(s, start, end)
		}
	}
	return s[start:end], quote
}

// isKey reports whether what stands for a value, s[from:to], is itself the
// name of a secret that follows: "password: client_secret=...".
func (sc *scanner) isKey(from, to int) bool {
	s := sc.s
	name := strings.TrimRight(s[from:to], ":= \t")
	if len(name) > maxKey || sc.e.kindOf(name) == plainKey {
		return false
	}
	next := from + len(name)
	for next < len(s) && next < to+4 && (s[next] == ' ' || s[next] == '\t') {
		next++
	}
	return next+1 < len(s) && (s[next] == '=' || s[next] == ':')
}

// sourceFile reports whether the name of one ends at s[i], as in
// "tokens.go:12: undefined: x".
func sourceFile(s string, i int) bool {
	dot := strings.LastIndexByte(s[max(0, i-6):i], '.')
	return dot >= 0 && source[s[max(0, i-6)+dot+1:i]] && i+1 < len(s) && digit(s[i+1])
}

var source = words("go js ts tsx jsx py rb java kt rs c h cc cpp cs php sql sh yml yaml json toml")

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
func (sc *scanner) queryOnly(i int, key string) bool {
	s := sc.s
	switch strings.ToLower(key) {
	case "code", "key", "state", "x-amz-credential", "x-goog-credential", "hash", "hmac", "ticket", "samlresponse", "samlrequest":
	default:
		return false
	}
	before := i - len(key) - 1
	if !sc.e.on[shapeQuery] || before < 0 || s[before] != '?' && s[before] != '&' && s[before] != '#' {
		return false
	}
	n := 0
	for j := i + 1; j < len(s) && n < 16 && s[j] != '&' && s[j] != '#' && !space(s[j]) && s[j] != '"'; j++ {
		n++
	}
	return n >= 16
}
