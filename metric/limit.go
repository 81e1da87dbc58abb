package metric

import (
	"strings"
	"unicode/utf8"

	"github.com/distri-night/monitoring/internal/redact"
)

// maxValue bounds an attribute's value, in bytes.
const maxValue = 256

// limiter is the bound of one key: the values it has, and whether the warning
// was given.
type limiter struct {
	known  map[string]struct{}
	max    int
	warned bool
}

// admit is v, or "other" past the limit; first says that this is the first one
// past it.
func (l *limiter) admit(v string) (_ string, first bool) {
	if _, ok := l.known[v]; ok || v == "" || v == other {
		return v, false
	}
	if len(l.known) >= l.max {
		first = !l.warned
		l.warned = true
		return other, first
	}
	if l.known == nil {
		l.known = make(map[string]struct{})
	}
	l.known[v] = struct{}{}
	return v, false
}

// clean makes a value that every reader can take: without a secret, valid
// UTF-8, of bounded length, and a copy, so that it does not hold a whole
// request in memory.
func clean(v string) string {
	var r *redact.Redactor
	v = r.Text(v)
	if len(v) > maxValue {
		end := maxValue
		for end > maxValue-utf8.UTFMax && !utf8.RuneStart(v[end]) {
			end--
		}
		v = v[:end]
	}
	return strings.Clone(strings.ToValidUTF8(v, "\uFFFD"))
}
