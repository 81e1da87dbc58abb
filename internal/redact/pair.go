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

// quoteAt gives the quote at s[i] with the backslashes before it: JSON inside
// JSON has \" and \\\".
func quoteAt(s string, i int) string {
	j := i
	for j < len(s) && s[j] == '\\' {
		j++
	}
	if j < len(s) && (s[j] == '"' || s[j] == '\'' || s[j] == '`') {
		return s[i : j+1]
	}
	return ""
}

// closing finds the quote q that ends the string that begins at s[i], or the
// end of s. A quote after more backslashes than q has is an escaped one; after
// fewer it ends the string around.
func closing(s string, i int, q string) int {
	mark, depth := q[len(q)-1], len(q)-1
	for j := i; j < len(s); j++ {
		if s[j] != mark {
			continue
		}
		slashes := 0
		for j-slashes > i && s[j-slashes-1] == '\\' {
			slashes++
		}
		switch {
		case slashes == depth, slashes < depth:
			return j - slashes
		case depth == 0 && slashes%2 == 0: // "\\" ends in an escaped backslash
			return j
		}
	}
	return len(s)
}

// jsonValue masks a value of JSON that is no string, with quotes around the
// mask so that it is still JSON.
func (sc *scanner) jsonValue(from int, kind keyKind) int {
	s := sc.s
	to := from
	if s[from] == '{' || s[from] == '[' {
		to = bracketEnd(s, from)
	} else {
		for to < len(s) && !space(s[to]) && strings.IndexByte(`,}])"'`, s[to]) < 0 {
			to++
		}
	}
	if harmless(s[from:to], kind) || s[from:to] == "[]" || s[from:to] == "{}" {
		return 0
	}
	quote := `"` + Mask + `"`
	if s[from:to] == Mask {
		return to
	}
	return sc.replace(from, to, quote)
}

// bracketEnd is after the bracket that closes the one at s[i], or the end of s.
func bracketEnd(s string, i int) int {
	depth, inString := 0, false
	for j := i; j < len(s); j++ {
		switch c := s[j]; {
		case c == '\\':
			if j+1 < len(s) && s[j+1] == '"' && !inString {
				continue // JSON inside JSON: its quotes have backslashes
			}
			j++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[', c == '(':
			depth++
		case c == '}', c == ']', c == ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return len(s)
}

// bareValue is the end of a value without quotes.
func (sc *scanner) bareValue(sep, from int, key string) int {
	s := sc.s
	if strings.HasPrefix(s[from:], Mask) {
		return from + len(Mask)
	}
	lowered := strings.ToLower(key)
	if s[sep] == ':' && (strings.HasSuffix(lowered, "cookie") || strings.HasSuffix(lowered, "authorization")) {
		if line := strings.IndexAny(s[from:], "\r\n\"'`"); line >= 0 { // a header: all of its line
			return from + line
		}
		return len(s)
	}
	if c := s[from]; c == '[' || c == '{' || c == '(' { // as fmt prints lists and maps
		return bracketEnd(s, from)
	}
	to := from
	for to < len(s) && !ends(s, to) {
		to++
	}
	return to
}

// ends reports whether a value without quotes ends before s[i]. A separator or
// closing bracket is part of it if what follows does not look like the next
// pair: passwords have all of them.
func ends(s string, i int) bool {
	rest := s[i+1:]
	switch c := s[i]; c {
	case ' ', '\t', '\n', '\r', '"', '\'', '`', '<', '\\':
		return true
	case ',', ';', '&':
		return rest == "" || space(rest[0]) || startsPair(rest)
	case ')', ']', '}', '>':
		return rest == "" || space(rest[0]) || strings.IndexByte(`,;:.)]}>"'`, rest[0]) >= 0
	case '#':
		return startsPair(rest)
	default:
		return false
	}
}

func startsPair(s string) bool {
	for i := 0; i < len(s) && i < maxPairKey; i++ {
		switch c := s[i]; {
		case c == '=' || c == ':':
			return i > 0
		case c != ' ' && c != '"' && !keyByte(c, false):
			return false
		}
	}
	return false
}

// harmless values hold no secret whatever their name.
func harmless(value string, kind keyKind) bool {
	switch strings.ToLower(value) {
	case "", "true", "false", "null", "nil", "<nil>", "none", "undefined":
		return true
	}
	return kind == pluralKey && number(value)
}

func number(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) && s[i] != '.' && s[i] != '-' && s[i] != '+' {
			return false
		}
	}
	return s != ""
}

// says are words that follow "token: " or "password: " in error messages.
var says = words("eof expired invalid missing required timeout denied revoked unknown empty not found unexpected failed " +
	"malformed mismatch wrong refused unauthorized forbidden disabled ok yes no set unset absent rejected closed exceeded " +
	"canceled cancelled blocked inactive used must cannot could is was should does")

// sentence reports whether value, after "key: ", is the next word of a
// sentence and no secret.
func sentence(s, value string, to int) bool {
	trimmed := strings.TrimRight(value, ".:,;!?")
	if says[strings.ToLower(trimmed)] {
		return true
	}
	if !prose(trimmed) {
		return false
	}
	rest := strings.TrimLeft(s[to:], " ")
	if rest == "" || rest == s[to:] || !lower(rest[0]) {
		return false
	}
	next, _, _ := strings.Cut(rest, " ")
	return prose(strings.TrimRight(next, ".:,;!?")) // another word of prose follows
}
