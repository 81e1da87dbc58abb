package dashboard

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/distri-night/monitoring/internal/access"
)

// problem answers with application/problem+json (RFC 9457).
func problem(w http.ResponseWriter, status int, detail string) {
	body, _ := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
	}{"about:blank", http.StatusText(status), status, detail})
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that left needs no answer
}

// refuse answers what the guard said.
func refuse(w http.ResponseWriter, err error) {
	var denied *access.Denied
	if errors.As(err, &denied) {
		problem(w, denied.Status, denied.Reason)
		return
	}
	problem(w, http.StatusForbidden, "not allowed")
}
