// Package redact is the one engine that masks secrets before every way out:
// log, Sentry, dashboard, alert, plan.
//
// It masks in three ways. By key: whatever stands under a name such as
// "password", "X-Api-Key" or "cardNumber", in attributes, maps, structs and
// encoded JSON. By type: a struct field tagged `redact:"true"` is masked, one
// tagged `log:"-"` is left out, and a [slog.LogValuer] speaks for itself. By
// pattern in free text: card numbers, tokens of known formats, the user part
// of URLs, passwords in connection strings, e-mail addresses, private keys.
//
// Redact first and cut to length after: half a secret matches no pattern.
//
// It is a net under the service's own care, not a proof: a secret that looks
// like a word and stands under a harmless name passes. Text in which nothing is
// masked costs a scan, and no allocation.
package redact

import "strings"

// Mask stands where a secret stood.
const Mask = "[redacted]"

// Redactor masks by key, by type and by pattern. A nil Redactor masks with no
// exceptions allowed. Safe for concurrent use.
type Redactor struct {
	allow  map[string]bool
	dotted bool // some allowed name is a path
}

// New makes a Redactor that leaves the fields named in allow as they are. A
// name is a key ("email") or a path of keys ("user.email"); case, "_" and "-"
// make no difference.
func New(allow []string) *Redactor {
	r := &Redactor{allow: map[string]bool{}}
	for _, name := range allow {
		name = fold(name)
		r.allow[name] = true
		r.dotted = r.dotted || strings.Contains(name, ".")
	}
	return r
}

// Allowed reports whether the field may go out as it is.
func (r *Redactor) Allowed(field string) bool {
	return r != nil && len(r.allow) > 0 && r.allow[fold(field)]
}

// fold makes names comparable: "User_ID" and "user-id" are "userid".
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '_' || c == '-' || c == ' ':
			return -1
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		default:
			return c
		}
	}, name)
}
