// Package problem answers errors over HTTP as RFC 9457 says, the same for all
// of our endpoints.
package problem

import (
	"encoding/json"
	"net/http"

	"github.com/distri-night/monitoring/internal/redact"
)

// Write answers with application/problem+json. detail is shown to whoever
// asked, redacted: it may quote what he sent, and proxies keep answers.
func Write(w http.ResponseWriter, status int, detail string) {
	var r *redact.Redactor
	detail = r.Text(detail)
	body, _ := json.Marshal(struct { // strings and a number cannot fail
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
	}{"about:blank", http.StatusText(status), status, detail})
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that left needs no answer
}
