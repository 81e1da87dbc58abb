package errortracking

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// Middleware recovers panics of the handlers inside: the panic becomes one
// event, with the stack of where it happened, and one log record; the client
// gets a 500 with the correlation ID, as problem+json if it takes JSON. If the
// header is out already the connection is cut, so that the client does not
// take half an answer for a whole one. http.ErrAbortHandler passes through.
func (t *Tracker) Middleware(next http.Handler) http.Handler {
	if t == nil || t.config.Disabled {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, r, shared := reqctx.Begin(w, r)
		if !shared.Claim(&t.owner) {
			next.ServeHTTP(w, r)
			return
		}
		if start := t.startTrace(shared, r); !start.IsZero() {
			defer t.endTrace(shared, r, start)
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // as net/http compares
				panic(p)
			}
			shared.Panicked()
			t.capturePanic(r.Context(), p, slog.LevelError, panicSite())
			if shared.Writer.Status() != 0 || shared.Writer.Hijacked() {
				panic(http.ErrAbortHandler)
			}
			answer500(w, r, shared.CorrelationID())
		}()
		next.ServeHTTP(w, r)
	})
}

// answer500 tells the client what it may know.
func answer500(w http.ResponseWriter, r *http.Request, correlationID string) {
	h := w.Header()
	for _, ofTheBody := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified", "Cache-Control"} {
		h.Del(ofTheBody)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	if !strings.Contains(r.Header.Get("Accept"), "json") {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		text := "Internal Server Error\n"
		if correlationID != "" {
			text += "Reference: " + correlationID + "\n"
		}
		_, _ = io.WriteString(w, text)
		return
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusInternalServerError)
	_ = json.NewEncoder(w).Encode(struct {
		Type          string `json:"type"`
		Title         string `json:"title"`
		Status        int    `json:"status"`
		CorrelationID string `json:"correlation_id,omitempty"`
	}{"about:blank", "Internal Server Error", http.StatusInternalServerError, correlationID})
}
