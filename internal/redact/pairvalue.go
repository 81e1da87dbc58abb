package redact

import "strings"

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

// closes reports whether the quote at s[i] ends a string of JSON, as in
// {"note":"no token:","n":1}: inside of one, and followed by what follows one.
func (sc *scanner) closes(i int, quote string) bool {
	s := sc.s
	depth, after := len(quote)-1, i+len(quote)
	if quote[depth] != '"' || depth >= len(sc.inside) || after < len(s) && strings.IndexByte(",:}] \n\\\"", s[after]) < 0 {
		return false
	}
	for j := sc.quotes; j < i; j++ {
		if s[j] != '"' {
			continue
		}
		slashes := 0
		for j-slashes > 0 && s[j-slashes-1] == '\\' {
			slashes++
		}
		if slashes < len(sc.inside) {
			sc.inside[slashes] = !sc.inside[slashes]
			for deeper := slashes + 1; deeper < len(sc.inside); deeper++ {
				sc.inside[deeper] = false
			}
		}
	}
	sc.quotes = max(sc.quotes, i)
	return sc.inside[depth]
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
// mask, as q around its name, so that it is still JSON.
func (sc *scanner) jsonValue(from int, kind keyKind, q string) int {
	s := sc.s
	to := from
	if s[from] == '{' || s[from] == '[' {
		if kind >= connectionKey {
			return 0 // its members have their own names
		}
		to = bracketEnd(s, from, len(q)-1)
	} else {
		for to < len(s) && !space(s[to]) && strings.IndexByte(",}])\"'\\", s[to]) < 0 {
			to++
		}
	}
	if !secretText(s[from:to], kind) || sc.isKey(from, to) || s[from:to] == "[]" || s[from:to] == "{}" {
		return 0
	}
	if s[from:to] == Mask {
		return to
	}
	return sc.replace(from, to, q+Mask+q)
}

// bracketEnd is after the bracket that closes the one at s[i], or the end of
// s, or of the string that s[i] is in. Quotes have depth backslashes.
func bracketEnd(s string, i, depth int) int {
	open, inString, slashes := 0, false, 0
	for j := i; j < len(s); j++ {
		c := s[j]
		if c == '\\' {
			slashes++
			continue
		}
		if c == '"' {
			if slashes < depth {
				return j - slashes
			}
			if slashes == depth || depth == 0 && slashes%2 == 0 {
				inString = !inString
			}
		}
		slashes = 0
		if inString {
			continue
		}
		switch c {
		case '{', '[', '(':
			open++
		case '}', ']', ')':
			if open--; open == 0 {
				return j + 1
			}
		}
	}
	return len(s)
}

// bareValue is the end of a value without quotes.
func (sc *scanner) bareValue(sep, from int, key string, kind keyKind) int {
	s := sc.s
	if kind >= connectionKey { // may be none: not for more than such a value can have
		if s = s[:min(len(s), from+maxDecide/4)]; s[from] == '[' || s[from] == '{' || s[from] == '(' {
			return from
		}
	}
	if strings.HasPrefix(s[from:], Mask) {
		return from + len(Mask)
	}
	if s[sep] == ':' && header(key) {
		if word, _, _ := strings.Cut(s[from:min(len(s), from+16)], " "); says[strings.ToLower(strings.TrimRight(word, ".:,;!?"))] {
			return from // "authorization: denied for ..."
		}
		to := len(s)
		if line := strings.IndexAny(s[from:], "\r\n\"'`\\"); line >= 0 { // a header: all of its line
			to = from + line
		}
		return to
	}
	if c := s[from]; c == '[' || c == '{' || c == '(' { // as fmt prints lists and maps
		return bracketEnd(s, from, 0)
	}
	to := from
	for to < len(s) && !ends(s, to) {
		to++
	}
	if kind == vendorKey { // in a URL the query follows
		to = anyBytes.run(s[:to], from)
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

// header reports whether the name is that of a header whose whole line is
// secret.
func header(key string) bool {
	const cookie, authorization = "cookie", "authorization"
	return len(key) >= len(cookie) && equalFold(key[len(key)-len(cookie):], cookie) ||
		len(key) >= len(authorization) && equalFold(key[len(key)-len(authorization):], authorization)
}

// secretText reports whether value, under a name of this kind, has to go.
func secretText(value string, kind keyKind) bool {
	switch kind {
	case plainKey:
		return false
	case vendorKey:
		return opaqueValue(value)
	case connectionKey:
		// What has these is masked by pattern, so that the host stays.
		return value != "" && !strings.Contains(value, "://") && !strings.Contains(value, "=") && !strings.Contains(value, Mask)
	case pluralKey:
		if number(value) {
			return false
		}
	}
	switch len(value) {
	case 0:
		return false
	case 3, 4, 5, 9:
		if nothing[strings.ToLower(value)] {
			return false
		}
	}
	return !placeholder(value)
}

// placeholder reports whether a value will stand here, or stood: $1, ?, %s,
// ${DB_PASSWORD}, ****.
func placeholder(v string) bool {
	switch v[0] {
	case '$':
		if len(v) > 3 && v[1] == '{' {
			return (wordBytes|dots).run(v, 2) == len(strings.TrimSuffix(v, "}"))
		}
		return len(v) > 1 && (digits.run(v, 1) == len(v) || (capitals|joints).run(v, 1) == len(v) && len(v) > 3)
	case '%':
		return len(v) == 2 && strings.IndexByte("svqdx", v[1]) >= 0
	case '?', '*':
		return strings.Trim(v, v[:1]) == ""
	}
	return false
}

// nothing are values that are none.
var nothing = words("true false null nil <nil> none undefined")

// opaqueValue reports whether v can be a key of a service: letters and digits
// without a space.
func opaqueValue(v string) bool {
	if len(v) < 14 || len(v) > maxDecide/4 {
		return false
	}
	number, letter := false, false
	for i := range len(v) {
		switch l := letters[v[i]]; {
		case l == digits:
			number = true
		case l&(alnums&^digits) != 0:
			letter = true
		case l&(joints|dots|base64s|odd) == 0:
			return false
		}
	}
	return number && letter && !strings.Contains(v, "://") && !strings.HasPrefix(v, "/")
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
	"canceled cancelled blocked inactive used must cannot could is was should does got want expected line column position at " +
	"in on for from with by near before after when while if only too contains has have needs may will be been the a an " +
	"created updated deleted rotated refreshed granted accepted valid verified open opened started ended active read write " +
	"parse parsing decode decoding cut short long same different already still never")

// casual names are secrets' in code and headers, and anything's in a sentence.
var casual = words("auth session card signature pan sid")

// sentence reports whether value, after "key: ", is the next word of a
// sentence and no secret.
func sentence(s, key, value string, to int, kind keyKind) bool {
	trimmed := strings.TrimRight(value, ".:,;!?")
	if says[strings.ToLower(trimmed)] || key == "PASS" {
		return true
	}
	if casual[strings.ToLower(key)] && !strings.ContainsAny(trimmed, "0123456789") {
		return true
	}
	if !prose(trimmed) && (kind == numberKey || len(trimmed) > 3 || !number(trimmed)) {
		return false
	}
	rest := strings.TrimLeft(s[to:min(len(s), to+64)], " ")
	if rest == "" || len(rest) == min(len(s), to+64)-to || !lower(rest[0]) {
		return false
	}
	next, _, _ := strings.Cut(rest, " ")
	return prose(strings.TrimRight(next, ".:,;!?")) // another word of prose follows
}
