package redact

import "strings"

// Other forms in which a name and its secret stand: flags, XML, SQL, lists.

// named reports whether the "value" that ends at s[i] follows a secret's name:
// name="password" value="..." in XML, "name":"password","value":"..." in JSON.
func (sc *scanner) named(i int, key string) bool {
	s := sc.s
	if !sc.e.on[shapeAttribute] {
		return false
	}
	j := strings.LastIndex(s[:i], key)
	for j > 0 && j > i-40 && strings.IndexByte(" \t\n\r,\"'\\", s[j-1]) >= 0 {
		j-- // to the quote that opens the string before is too far by one
	}
	// s[j:] now begins with the closing quote of what stands before.
	for j < i && strings.IndexByte("\"'\\", s[j]) < 0 {
		j++
	}
	name := s[:j]
	start := dotted.runBack(name, j, max(0, j-maxPairKey))
	if start == j || start == 0 || s[start-1] != '"' && s[start-1] != '\'' {
		return false
	}
	return sc.e.kindOf(name[start:]) == secretKey
}

// listPair masks the second of two strings, as in put("token", "..."), if it
// cannot be a word.
func (sc *scanner) listPair(i int) int {
	s := sc.s
	key, quote := keyBefore(s, i)
	if !sc.e.on[shapePairList] || quote == "" || len(key) < minKey || sc.e.kindOf(key) != secretKey {
		return 0
	}
	from := i + 1
	for from < len(s) && space(s[from]) && from < i+8 {
		from++
	}
	q := quoteAt(s, from)
	if q == "" {
		return 0
	}
	body := from + len(q)
	to := closing(s, body, q)
	if to-body < 10 || !opaqueValue(s[body:to]) {
		return 0
	}
	return sc.mask(body, to)
}

// flag masks the argument after a flag such as "--password", which ends at
// s[i], and the credentials after "-u".
func (sc *scanner) flag(i int) int {
	s := sc.s
	key, _ := keyBefore(s, i)
	if !strings.HasPrefix(key, "-") {
		return 0
	}
	user := key == "-u" || key == "--user" || key == "--proxy-user"
	if !user && (len(key) < 5 || sc.e.kindOf(strings.TrimLeft(key, "-")) != secretKey) {
		return 0
	}
	if before := i - len(key) - 1; before >= 0 && !space(s[before]) && s[before] != '"' && s[before] != '\'' && s[before] != '`' {
		return 0
	}
	from := i + 1
	to := from
	for to < len(s) && !space(s[to]) && strings.IndexByte("\"'`\\", s[to]) < 0 {
		to++
	}
	q := quoteAt(s, from)
	if to == from && q == "" || s[from] == '-' {
		return 0
	}
	if q != "" {
		from += len(q)
		to = closing(s, from, q)
	}
	value := s[from:to]
	if user {
		name, secret, ok := strings.Cut(value, ":")
		if !sc.e.on[shapeUserFlag] || !ok || secret == "" || number(name) || strings.HasPrefix(secret, "//") {
			return 0
		}
		return sc.mask(from+len(name)+1, to)
	}
	if word := strings.TrimRight(value, ".,:;!?"); !sc.e.on[shapeFlag] || q == "" && prose(word) && says[strings.ToLower(word)] || q == "" && sc.isKey(from, to) {
		return 0
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
	if !sc.e.on[shapeElement] || open == 0 || s[open-1] != '<' || open == i || s[open] == '/' || s[i-1] == '/' {
		return 0
	}
	name, _, _ := strings.Cut(s[open:i], " ")
	if k := sc.e.kindOf(name); k != secretKey && k != numberKey {
		return 0
	}
	end := strings.IndexByte(s[i:], '<')
	if end <= 1 {
		return 0
	}
	return sc.mask(i+1, i+end)
}

// sqlPassword masks the string that begins at s[i] after PASSWORD or
// IDENTIFIED BY.
func (sc *scanner) sqlPassword(i int) int {
	s := sc.s
	before := s[max(0, i-14):i]
	before = strings.ToLower(strings.TrimRight(before, " "))
	if !sc.e.on[shapeSQLPassword] || !strings.HasSuffix(before, "password") && !strings.HasSuffix(before, "identified by") {
		return 0
	}
	return sc.mask(i+1, closing(s, i+1, "'"))
}

// netrc masks what follows the word "password" at s[word:i]: in quotes, or
// after "login name".
func (sc *scanner) netrc(word, i int) int {
	s := sc.s
	if !sc.e.on[shapeNetrc] || i+1 >= len(s) {
		return 0
	}
	from := i + 1
	if s[from] == '"' || s[from] == '`' {
		return sc.mask(from+1, closing(s, from+1, s[from:from+1]))
	}
	j := word - 1
	for j > 0 && space(s[j]) && j > word-8 {
		j--
	}
	for j > 0 && !space(s[j]) && j > word-80 {
		j--
	}
	if j < 5 || !equalFold(s[j-5:j], "login") {
		return 0
	}
	to := from
	for to < len(s) && !space(s[to]) && strings.IndexByte("\"'\\", s[to]) < 0 {
		to++
	}
	return sc.mask(from, to)
}
