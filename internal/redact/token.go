package redact

import "strings"

// maxDecide is how far is looked to decide whether something is a token, so
// that hostile text costs no more than its length. What is one, is masked to
// its end.
const maxDecide = 1024

// alone are the token rules whose prefix is common in longer names: they hold
// at the start of a name only. So do those with a prefix of under 4 bytes.
var alone = words("mailgun live-or-test octopus secret-key model")

// tokenAt finds a token of a known format that begins at s[i], and gives its
// end; 0 if there is none.
func (e *engine) tokenAt(s string, i int) int {
	inside := i > 0 && (s[i-1] == '_' || s[i-1] == '-' || s[i-1] == '.')
	for _, r := range e.tokens[s[i]] {
		if !strings.HasPrefix(s[i:], r.prefixes) || inside && (len(r.prefixes) < 4 || alone[r.name]) {
			continue
		}
		from := i + len(r.prefixes)
		near := s[:min(len(s), from+maxDecide)]
		end := r.body.run(near, from)
		for end > from && s[end-1] == '.' { // the sentence's
			end--
		}
		if n := end - from; n < r.least || r.most > 0 && n > r.most || r.most > 0 && end < len(s) && alnum(s[end]) {
			continue
		}
		if body := s[from:end]; r.body != capitals && !mixed(body) || len(r.prefixes) < 3 && !strings.ContainsAny(body, "0123456789") {
			continue
		}
		if end == len(near) {
			end = r.body.run(s, end)
		}
		return wordBytes.run(s, end) // never half of a token
	}
	return 0
}

// infix masks a token of which s[i] is in the middle.
func (sc *scanner) infix(rules []infixRule, i int) int {
	s := sc.s
	for _, r := range rules {
		if !strings.HasPrefix(s[i:], r.infix) {
			continue
		}
		from := i
		if r.before > 0 {
			from = r.body.runBack(s, i, max(sc.done, i-r.most))
			if n := i - from; n < r.before || n > r.most || !starts(s, from) {
				continue
			}
		}
		if r.infix == "~" && (s[i-1] != 'Q' || !digit(s[i-2])) {
			continue
		}
		tail := i + len(r.infix)
		end := r.tail.run(s[:min(len(s), tail+maxDecide)], tail)
		for end > tail && s[end-1] == '.' {
			end--
		}
		if n := end - tail; n < r.after || r.maxTail > 0 && n > r.maxTail || end < len(s) && alnum(s[end]) {
			continue
		}
		if r.after > 20 && !mixed(s[tail:end]) {
			continue
		}
		return sc.mask(from, end)
	}
	return 0
}

// jwt masks a JSON web token that begins at s[i]: header.payload.signature or
// more parts, each base64url. The header is a JSON object, so it begins with
// eyJ; encoded once more, with ZXlK.
func (sc *scanner) jwt(i int) int {
	s := sc.s
	if s[i] == 'Z' {
		end := tokenBytes.run(s, i)
		if !sc.e.on[shapeJWTEncoded] || end-i < 60 {
			return 0
		}
		return sc.mask(i, end)
	}
	end := dotted.run(s[:min(len(s), i+8*maxDecide)], i)
	if end == i+8*maxDecide && strings.Contains(s[i:end], ".") {
		end = dotted.run(s, end)
	}
	for end > i && s[end-1] == '.' { // the sentence's
		end--
	}
	points := strings.Count(s[i:end], ".")
	if !sc.e.on[shapeJWT] || points == 0 || points == 1 && end-i < 30 || end-i < 20 {
		return 0
	}
	return sc.mask(i, end)
}

// discordBot masks the token of a bot: its number in base64, a time, a
// signature. The first word of it is s[from:i].
func (sc *scanner) discordBot(from, i int) int {
	s := sc.s
	second := wordBytes.run(s, i+1)
	if !sc.e.on[shapeDiscordBot] || i-from > 28 || second-i-1 != 6 || second == len(s) || s[second] != '.' {
		return 0
	}
	end := wordBytes.run(s, second+1)
	if n := end - second - 1; n < 27 || n > 40 {
		return 0
	}
	return sc.mask(from, end)
}

// scheme masks the credentials after "Bearer", "Basic" or "token", which
// stands at s[word:i].
func (sc *scanner) scheme(word, i int) int {
	s := sc.s
	if !sc.e.on[shapeScheme] {
		return 0
	}
	from := i
	for from < len(s) && (s[from] == ' ' || s[from] == '\t') {
		from++
	}
	to := anyBytes.run(s, from)
	for to > from && (s[to-1] == '.' || s[to-1] == ':') {
		to--
	}
	cred := s[from:to]
	switch {
	case s[word]|0x20 == 't': // "token count": a secret only if it cannot be a word
		if len(cred) < 16 || !mixed(cred) || strings.ContainsAny(cred, "=:/") {
			return 0
		}
	// "Basic authentication" and "bearer of news" are prose.
	case len(cred) < 4, prose(cred) && (len(cred) < 20 || !strings.ContainsAny(cred, "=/+")):
		return 0
	case s[word]|0x20 == 'b' && i-word == 5 && (len(cred) < 6 || strings.ContainsAny(cred, ".:") || strings.Contains(cred, "-") && !mixed(cred)):
		return 0 // "Basic plan: 5 users", "basic pre-check"
	}
	return sc.mask(from, to)
}

// digest masks the parameters of an "Authorization: Digest" header, which
// begin at s[i]: they prove the password.
func (sc *scanner) digest(i int) int {
	s := sc.s
	if !sc.e.on[shapeDigest] {
		return 0
	}
	end, quote := i, ""
	for j := i; j < len(s) && j-i < maxDecide; {
		for j < len(s) && (s[j] == ' ' || s[j] == ',') {
			j++
		}
		eq := alnums.run(s, j)
		if eq == j || eq+1 >= len(s) || s[eq] != '=' {
			break
		}
		j = eq + 1
		if q := quoteAt(s, j); q != "" {
			if quote == "" {
				quote = q
			}
			if len(q) < len(quote) { // the end of the string around
				break
			}
			near := s[:min(len(s), j+maxDecide)]
			j = min(len(near), closing(near, j+len(q), q)+len(q))
		} else {
			j = dotted.run(s, j)
		}
		end = j
	}
	if !strings.Contains(s[i:end], "response=") || !strings.Contains(s[i:end], "nonce=") {
		return 0
	}
	return sc.mask(i+1, end)
}

// prose reports whether w could be a word of a sentence: letters of one case,
// the first letter apart.
func prose(w string) bool {
	for i := range len(w) {
		if !lower(w[i]) && (i > 0 || !upper(w[i])) {
			return false
		}
	}
	return true
}

// pem masks a private key from its BEGIN to its END line, or to the end of the
// text. i is at the first hyphen.
func (sc *scanner) pem(i int) int {
	s := sc.s
	const begin = "-----BEGIN "
	if !sc.e.on[shapePEM] || !strings.HasPrefix(s[i:], begin) {
		return 0
	}
	head := s[i+len(begin) : min(len(s), i+len(begin)+80)]
	label, _, ok := strings.Cut(head, "-----")
	if !ok || !strings.HasSuffix(label, "PRIVATE KEY") && !strings.HasSuffix(label, "PRIVATE KEY BLOCK") {
		return 0
	}
	end := "-----END " + label + "-----"
	if j := strings.Index(s[i:], end); j >= 0 {
		return sc.mask(i, i+j+len(end))
	}
	return sc.mask(i, len(s))
}
