package perfmon

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// SetRoute names the route of ctx's request: what a router other than
// http.ServeMux matched. It overrides Request.Pattern. Give a pattern, never
// the raw path: past 200 routes a new one counts as "other".
func SetRoute(ctx context.Context, pattern string) {
	if s := reqctx.From(ctx); s != nil {
		s.Request.SetRoute(pattern)
	}
}

// Middleware measures each request that passes it, once, however often it is
// in the chain. It recovers no panic: a panic is counted as an error, with
// route and time, and goes on outwards.
func (m *Monitor) Middleware(next http.Handler) http.Handler {
	if m == nil || m.config.Disabled {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, r, shared := reqctx.Begin(w, r)
		if !shared.Claim(&m.owner) {
			next.ServeHTTP(w, r)
			return
		}
		start := time.Since(m.epoch) // half the cost of time.Now
		m.inFlight.Add(1)
		panicked := true
		defer func() {
			m.inFlight.Add(-1)
			var cause any
			if panicked {
				cause = recover()
			}
			m.finish(r, shared, time.Since(m.epoch)-start, panicked, cause)
			if cause != nil {
				panic(cause)
			}
		}()
		next.ServeHTTP(w, r)
		panicked = false
	})
}

// finish records one request.
func (m *Monitor) finish(r *http.Request, shared *reqctx.Request, took time.Duration, panicked bool, cause any) {
	seen := shared.Measured()
	if seen.Excluded {
		return
	}
	if seen.UserID != "" {
		m.users.seen(seen.UserID, m.now())
	}
	route := m.routes.find(seen.Pattern)
	if shared.Writer.Stream() {
		route.streams.Observe(took.Seconds())
		return
	}
	o := outcomeAborted
	if seen.Panicked || cause != http.ErrAbortHandler { //nolint:errorlint // as net/http compares
		o = outcomeOf(r.Context(), shared.Writer, panicked || seen.Panicked)
	}
	m.routes.handle(route, r.Method, o).Observe(took.Seconds())
}

type outcome uint8

// The outcomes of a request, in the order of outcomeNames.
const (
	outcomeOK outcome = iota
	outcomeClientError
	outcomeError
	outcomeAborted
	outcomes
)

var outcomeNames = [outcomes]string{"ok", "client_error", "error", "aborted"}

// outcomeOf decides. A client that went away is neither good nor bad,
// whatever the handler made of it; a panic is an error, whatever was answered
// before it.
func outcomeOf(ctx context.Context, w *reqctx.Writer, panicked bool) outcome {
	status := w.Status()
	switch {
	case panicked:
		return outcomeError
	case errors.Is(ctx.Err(), context.Canceled) && !w.Hijacked():
		return outcomeAborted
	case status >= 500:
		return outcomeError
	case status >= 400:
		return outcomeClientError
	default:
		return outcomeOK
	}
}
