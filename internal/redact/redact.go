package redact

import "strings"

// Mask stands where a secret stood.
const Mask = "[redacted]"

// Redactor masks by key, by type and by pattern. A nil Redactor masks with no
// exceptions allowed. Safe for concurrent use.
type Redactor struct {
	e      *engine
	allow  map[string]bool
	dotted bool // some allowed name is a path
}

// New makes a Redactor that leaves the fields named in allow as they are. A
// name is a key ("email") or a path of keys ("user.email"); case, "_" and "-"
// make no difference.
func New(allow []string) *Redactor {
	r := &Redactor{e: std, allow: map[string]bool{}}
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

func (r *Redactor) rules() *engine {
	if r == nil {
		return std
	}
	return r.e
}
