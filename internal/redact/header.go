package redact

import (
	"net/http"
	"strings"
)

// Header gives the headers that may be shown, masked, joined by ", ". Nil for
// none.
func (r *Redactor) Header(h http.Header) map[string]string {
	if len(h) == 0 {
		return nil
	}
	shown := make(map[string]string, len(h))
	for name, values := range h {
		shown[name] = r.headerValue(name, strings.Join(values, ", "))
	}
	return shown
}

func (r *Redactor) headerValue(name, value string) string {
	switch {
	case r.Allowed(name):
		return value
	case r.rules().on[typeHeader] && !shown(r.rules().kindOf(name), value):
		return Mask
	case strings.EqualFold(name, "Referer"), strings.EqualFold(name, "Location"), strings.EqualFold(name, "Content-Location"):
		return r.URL(value)
	default:
		return r.Text(value)
	}
}
