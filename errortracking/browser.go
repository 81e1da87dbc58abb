package errortracking

import (
	"encoding/json"
	"net/http"

	"github.com/distri-night/monitoring/internal/problem"
)

// browserConfig is what the script in the page needs to know.
type browserConfig struct {
	DSN                      string  `json:"dsn,omitempty"` // public by design: it lets one send, not read
	Environment              string  `json:"environment"`
	Release                  string  `json:"release"`
	TracesSampleRate         float64 `json:"tracesSampleRate"`
	ReplaysSessionSampleRate float64 `json:"replaysSessionSampleRate"`
	ReplaysOnErrorSampleRate float64 `json:"replaysOnErrorSampleRate"`
}

// BrowserConfig serves the settings of the browser's Sentry SDK as JSON.
// Without a DSN there is none in it.
func (t *Tracker) BrowserConfig() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t == nil || t.config.Disabled {
			problem.Write(w, http.StatusNotFound, "error tracking is switched off")
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			problem.Write(w, http.StatusMethodNotAllowed, "the settings are for GET")
			return
		}
		c := browserConfig{
			Environment: t.config.Environment, Release: t.config.Release,
			TracesSampleRate:         *t.config.TracesSampleRate,
			ReplaysSessionSampleRate: *t.config.ReplaysSessionSampleRate,
			ReplaysOnErrorSampleRate: *t.config.ReplaysOnErrorSampleRate,
		}
		if t.dsn != nil && t.config.Sink == nil {
			c.DSN = publicDSN(t.dsn)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(c)
	})
}
