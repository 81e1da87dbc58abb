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

// SetStream says that the answer to ctx's request takes as long as the client
// or another event likes: a long poll, an endless download. It then counts as a
// stream. Event streams, multipart/x-mixed-replace, gRPC and upgraded
// connections need no such call.
func SetStream(ctx context.Context) {
	if s := reqctx.From(ctx); s != nil && s.Request.Writer != nil {
		s.Request.Writer.SetStream()
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
		s := served{r: r, shared: shared, body: reqctx.CountBody(r), start: reqctx.Clock(), panicked: true}
		m.serving.Add(1)
		defer func() {
			m.serving.Add(-1)
			s.took = reqctx.Clock() - s.start
			if s.panicked {
				s.cause = recover()
			}
			m.finish(&s)
			if s.cause != nil {
				panic(s.cause)
			}
		}()
		next.ServeHTTP(w, r)
		s.panicked = false
	})
}

// served is one request at its end.
type served struct {
	r        *http.Request
	shared   *reqctx.Request
	body     *reqctx.Body
	start    time.Duration
	took     time.Duration
	panicked bool
	cause    any
}

// finish records one request.
func (m *Monitor) finish(s *served) {
	seen := s.shared.Measured()
	if seen.Excluded {
		return
	}
	if seen.UserID != "" {
		m.users.seen(seen.UserID, m.now())
	}
	route := m.routes.find(seen.Pattern)
	w := s.shared.Writer
	if s.stream() {
		route.streams.Observe(s.took.Seconds())
		return
	}
	o := outcomeAborted
	if seen.Panicked || s.cause != http.ErrAbortHandler { //nolint:errorlint // as net/http compares
		s.panicked = s.panicked || seen.Panicked
		o = s.outcome()
	}
	m.routes.handle(route, s.r.Method, o).Observe(s.took.Seconds())
	if o == outcomeAborted {
		return // its sizes and times are the client's choice
	}
	route.firstByte.Observe(s.firstByte().Seconds())
	size := s.r.ContentLength
	if size < 0 {
		size = s.body.Size()
	}
	route.requestSize.Observe(float64(size))
	size = 0
	if s.r.Method != http.MethodHead { // the server drops what is written to it
		size = w.Written()
	}
	route.responseSize.Observe(float64(size))
}

// firstByte is the time to the first byte of the answer, or to its end if the
// handler wrote none.
func (s *served) firstByte() time.Duration {
	if after, ok := s.shared.Writer.FirstByte(s.start); ok {
		return after
	}
	return s.took
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

// stream reports whether the request's time was the client's choice.
func (s *served) stream() bool {
	w := s.shared.Writer
	switch {
	case w.Stream():
		return true
	case s.r.Method == http.MethodConnect: // a tunnel; in HTTP/2 also a WebSocket
		return w.Status() >= 200 && w.Status() < 300
	default:
		// Taken over behind our back, by Unwrap: where a wrapper around ours is
		// no Hijacker itself.
		return w.Status() == 0 && !s.panicked && s.r.Header["Upgrade"] != nil && w.Written() == 0
	}
}

// outcome decides. A client that went away is neither good nor bad, whatever
// the handler made of it; a panic is an error, whatever was answered before it.
func (s *served) outcome() outcome {
	status := s.shared.Writer.Status()
	err := s.r.Context().Err()
	switch {
	case s.panicked:
		return outcomeError
	case err != nil && s.canceled(err) && (s.r.Method != http.MethodHead || status == 0): // HTTP/2 cancels a HEAD that is answered
		if s.late() {
			return outcomeError
		}
		return outcomeAborted
	case status >= 500 || status == 0 && err != nil:
		return outcomeError
	case status >= 400:
		return outcomeClientError
	default:
		return outcomeOK
	}
}

// canceled tells a client that left from a service that gave up: a deadline, or
// a cancellation with a cause of its own.
func (s *served) canceled(err error) bool {
	return errors.Is(err, context.Canceled) && errors.Is(context.Cause(s.r.Context()), context.Canceled)
}

// late reports whether the answer began after the server's WriteTimeout, which
// cuts the connection: that looks like a client that left.
func (s *served) late() bool {
	server, _ := s.r.Context().Value(http.ServerContextKey).(*http.Server)
	return server != nil && server.WriteTimeout > 0 && s.firstByte() >= server.WriteTimeout
}
