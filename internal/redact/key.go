package redact

import "strings"

// keyKind is what a name says of the value under it.
type keyKind uint8

const (
	plainKey      keyKind = iota
	secretKey             // a secret
	numberKey             // a secret that may be a short number: a PIN, a one-time code
	pluralKey             // secrets, or how many of them: "tokens"
	connectionKey         // a connection string
	vendorKey             // a key of a service, or something else of it
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	add(set, list)
	return set
}

const (
	minKey = 3  // bytes of the shortest names of secrets: pin, otp, pwd
	maxKey = 64 // bytes of a name that are looked at, from its end, and kept in the memo
)

type judged struct {
	name string
	kind keyKind
}

// kindOf judges a name, from the memo if it can. Names come from source code,
// so the same few hundred are asked for again and again. The memo is bounded,
// holds copies, and has four places for a name.
func (e *engine) kindOf(name string) keyKind {
	n := len(name)
	if n < minKey {
		return plainKey
	}
	if n > maxKey {
		return e.judge(name[n-maxKey:])
	}
	h := uint32(n)*31 + uint32(name[0])*1021 + uint32(name[n>>1])*257 + uint32(name[n-1])*67 + uint32(name[n>>2])*17
	for i := range uint32(4) {
		known := e.memo[(h+i)%uint32(len(e.memo))].Load()
		if known == nil {
			break
		}
		if known.name == name {
			return known.kind
		}
	}
	return e.remember(h, name)
}

func (e *engine) remember(h uint32, name string) keyKind {
	j := &judged{name: strings.Clone(name), kind: e.judge(name)}
	for i := range uint32(4) {
		if e.memo[(h+i)%uint32(len(e.memo))].CompareAndSwap(nil, j) {
			return j.kind
		}
	}
	e.memo[(h+uint32(len(name))%4)%uint32(len(e.memo))].Store(j)
	return j.kind
}

// judge decides by the words of the name.
func (e *engine) judge(name string) keyKind {
	all := split(name)
	if len(all) == 0 {
		return plainKey
	}
	end := all[len(all)-1]
	if e.last[end] {
		if end == "pin" {
			return numberKey
		}
		return secretKey
	}
	if e.connection[end] {
		return connectionKey
	}
	kind := plainKey
	for i, w := range all {
		k := e.word(w)
		if k == plainKey && i > 0 && e.vendor[all[i-1]+w] { // "new_relic"
			k = vendorKey
		}
		if i > 0 && e.pairs[[2]string{all[i-1], w}] {
			switch {
			case w == "string", w == "str":
				k = connectionKey
			case strings.HasPrefix(w, "code"):
				k = numberKey
			default:
				k = secretKey
			}
		}
		if kind == plainKey || k == secretKey || k == numberKey {
			kind = k
		}
	}
	if len(all) > 1 && (kind == secretKey || kind == numberKey) && about[end] && !e.paired(all) ||
		kind == vendorKey && (about[end] || aboutService[end]) {
		return plainKey
	}
	return kind
}

// paired: the last two words say what the name is ("card_expiry").
func (e *engine) paired(all []string) bool {
	n := len(all)
	return all[n-2] == "card" && e.pairs[[2]string{"card", all[n-1]}]
}

func (e *engine) word(w string) keyKind {
	switch {
	case e.strong[w]:
		if w == "otp" || w == "totp" || w == "cvv" || w == "cvc" || w == "csc" || w == "passcode" {
			return numberKey
		}
		return secretKey
	case e.plural[w]:
		return pluralKey
	case e.vendor[w]:
		return vendorKey
	}
	return e.runTogether(w)
}

// runTogether finds the secret in words without a boundary, such as
// "accesstoken" or "passwordhash".
func (e *engine) runTogether(w string) keyKind {
	if w == "passwordless" || w == "tokenizer" || w == "cookiecutter" || w == "secretary" {
		return plainKey
	}
	for n := len(w) - 1; n >= 5; n-- {
		if tail := w[len(w)-n:]; e.runs[tail] {
			if strings.HasSuffix(tail, "s") {
				return pluralKey
			}
			return secretKey
		}
		if head := w[:n]; e.runs[head] && prefixed[head] {
			return secretKey
		}
	}
	return plainKey
}

// prefixed are the runs that also begin a word.
var prefixed = words("password passwd passwort sessionid sessiontoken apikey secretkey privatekey creditcard cardnum")

// split cuts a name into words in lower case. Digits at the end of a word go:
// "password2", "cvv2".
func split(name string) []string {
	var all []string
	start := 0
	flush := func(end int) {
		w := strings.TrimRight(name[start:end], "0123456789")
		if w != "" {
			all = append(all, strings.ToLower(w))
		}
		start = end
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case !alnum(c) && c < 0x80:
			flush(i)
			start = i + 1
		case upper(c) && i > start && (!upper(name[i-1]) || i+1 < len(name) && lower(name[i+1])):
			flush(i)
		}
	}
	flush(len(name))
	return all
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func lower(c byte) bool { return 'a' <= c && c <= 'z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }
func alnum(c byte) bool { return lower(c) || upper(c) || digit(c) }
