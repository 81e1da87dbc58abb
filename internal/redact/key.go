package redact

import (
	"strings"
	"sync/atomic"
)

// keyKind is what a name says of the value under it.
type keyKind uint8

const (
	plainKey  keyKind = iota
	secretKey         // a secret
	pluralKey         // secrets, or how many of them: "tokens"
)

// The words that make a name a secret's. A name is split at separators and at
// changes of case: "X-Api-Key" and "xApiKey" are the words x, api and key.
var (
	// strong words make the name a secret's wherever they stand, unless the
	// last word says that it is only about one ("token_count").
	strong = words("password passwd pwd passphrase passcode secret token authorization cookie credential apikey " +
		"privatekey accesskey secretkey signingkey encryptionkey masterkey authkey accountkey sshkey jwt bearer csrf xsrf " +
		"cvv cvc csc ssn otp totp creditcard debitcard cardnumber cardno sessionid sessionkey phpsessid jsessionid sessid")
	plurals = words("passwords tokens secrets cookies credentials sessions cards apikeys jwts creditcards")
	// about are last words under which no secret stands.
	about = words("count type kind length len size ttl expires expiry expiration expired expire at age policy enabled disabled " +
		"valid invalid present limit usage used rate duration seconds ms version strength status changed required name remaining " +
		"budget total method mode attempts attempt failures error errors reason rotation scope scopes issuer refreshed")
	// last words make the name a secret's only at its end.
	last = words("pass pin auth signature sig iban session card sid pan")
	// a key, code or number is secret after one of these words.
	keyOf = words("api access secret private signing encryption decryption ssh license master account shared auth admin client " +
		"hmac tls ssl session deploy subscription storage symmetric webhook service stripe root")
	codeOf   = words("verification otp mfa security auth authorization recovery backup pin access activation confirmation time")
	numberOf = words("card account routing security")
	// cardData are the words that make "card_..." a secret's.
	cardData = words("number no num pan cvv cvc csc exp expiry holder data details track code pin")
	idWords  = words("id key token cookie")
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

const maxKey = 64 // bytes of a name that are looked at, from its end, and kept in the memo

// memo remembers the last answer by a small hash of the name: names come from
// source code, so the same few hundred are asked for again and again. It is
// bounded, and holds copies.
var memo [512]atomic.Pointer[judged]

type judged struct {
	name string
	kind keyKind
}

// kindOf judges a name, from the memo if it can.
func kindOf(name string) keyKind {
	n := len(name)
	if n < 3 {
		return plainKey // the shortest secret names: pin, otp, pwd
	}
	if n > maxKey {
		return judge(name[n-maxKey:])
	}
	h := uint32(n)*31 + uint32(name[0])*17 + uint32(name[n/2])*257 + uint32(name[n-1])*5 + uint32(name[n-2])*67
	slot := &memo[h%uint32(len(memo))]
	if known := slot.Load(); known != nil && known.name == name {
		return known.kind
	}
	kind := judge(name)
	slot.Store(&judged{name: strings.Clone(name), kind: kind})
	return kind
}

// judge decides by the words of the name.
func judge(name string) keyKind {
	all := split(name)
	if len(all) == 0 {
		return plainKey
	}
	end := all[len(all)-1]
	before := ""
	if len(all) > 1 {
		before = all[len(all)-2]
	}
	switch {
	case last[end], end == "key" && keyOf[before], end == "keys" && keyOf[before],
		end == "code" && codeOf[before], end == "number" && numberOf[before]:
		return secretKey
	}
	kind := plainKey
	for i, w := range all {
		next := ""
		if i+1 < len(all) {
			next = all[i+1]
		}
		switch {
		case strong[w], runTogether(w), w == "card" && cardData[next], w == "session" && idWords[next],
			w == "private" && next == "key", w == "api" && next == "key", w == "secret" && next == "access":
			kind = secretKey
		case kind == plainKey && plurals[w], strings.HasSuffix(w, "tokens") || strings.HasSuffix(w, "secrets"):
			kind = pluralKey
		}
	}
	if kind == secretKey && about[end] && len(all) > 1 {
		return plainKey
	}
	return kind
}

// runTogether finds the secret in words without a boundary, such as
// "accesstoken" or "passwordhash".
func runTogether(w string) bool {
	if w == "passwordless" {
		return false
	}
	for _, s := range [...]string{"password", "passwd", "secret", "token", "apikey", "cookie", "passphrase", "authorization"} {
		if strings.HasSuffix(w, s) {
			return true
		}
	}
	for _, s := range [...]string{"password", "passwd", "sessionid", "sessiontoken", "apikey", "secretkey", "accesstoken", "creditcard", "cardnum"} {
		if strings.HasPrefix(w, s) {
			return true
		}
	}
	return false
}

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
