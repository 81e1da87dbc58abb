package logging

import (
	"encoding/hex"
	"net/http"

	"github.com/distri-night/monitoring/internal/reqctx"
)

const maxID = 128

// validID reports whether id is [A-Za-z0-9._-]{1,128}: what may go into
// headers, logs and links as it is.
func validID(id string) bool {
	if len(id) == 0 || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// traceID is the trace ID in hexadecimal, with one allocation.
func traceID(t reqctx.Trace) string {
	var b [32]byte
	hex.Encode(b[:], t.TraceID[:])
	return string(b[:])
}

// correlating is the middleware's identity: IDs are given once a request,
// whichever instance does it.
var correlating reqctx.Owner

// Middleware gives each request its correlation ID: that of the X-Request-ID
// header if it is well formed, else the trace ID of a valid traceparent
// header, else a new one. The answer has it as X-Request-ID. It logs nothing.
func (l *Logger) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, r, req := reqctx.Begin(w, r)
		if req.Claim(&correlating) {
			id, trace := correlate(r.Header)
			req.Identify(id, trace, w.Header())
		}
		next.ServeHTTP(w, r)
	})
}

// correlate gives a request with these headers its IDs; "" is the trace's own.
func correlate(h http.Header) (id string, trace reqctx.Trace) {
	known := false
	if in := h["Traceparent"]; len(in) == 1 {
		trace, known = reqctx.ParseTraceparent(in[0])
	}
	if known {
		trace = trace.Child() // the span of this request
	} else {
		trace = reqctx.NewTrace()
	}
	if in := h["X-Request-Id"]; len(in) > 0 && validID(in[0]) {
		return in[0], trace
	}
	return "", trace
}

// Transport hands the correlation ID on, as X-Request-ID, with the trace as
// traceparent, in requests that go out with a context that has them. Headers
// that are there already stay. Whoever gets the request sees the IDs. nil:
// http.DefaultTransport.
func (l *Logger) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return transport{next}
}

type transport struct{ next http.RoundTripper }

// RoundTrip adds the headers to a copy of the request.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	scope := reqctx.From(r.Context())
	id, trace := scope.CorrelationID(), scope.Trace()
	addID := validID(id) && r.Header["X-Request-Id"] == nil
	addTrace := trace.Valid() && r.Header["Traceparent"] == nil
	if addID || addTrace {
		header := r.Header.Clone()
		if header == nil {
			header = http.Header{}
		}
		copied := *r.WithContext(r.Context())
		copied.Header = header
		r = &copied
		if addID {
			header["X-Request-Id"] = []string{id}
		}
		if addTrace {
			header["Traceparent"] = []string{trace.String()}
		}
	}
	return t.next.RoundTrip(r)
}

// CloseIdleConnections passes on to the transport inside.
func (t transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
