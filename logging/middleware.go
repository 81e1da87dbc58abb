package logging

import (
	"encoding/hex"
	"net/http"
	"net/netip"

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
// header if it is well formed, from whomever it comes; else the trace ID. The
// answer has it as X-Request-ID. It logs nothing.
//
// The trace is that of an OpenTelemetry span which is active already, else that
// of the headers traceparent, tracestate and baggage (and sentry-trace) if the
// peer is one of Config.TrustedCallers, else a new one.
func (l *Logger) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, r, req := reqctx.Begin(w, r)
		if req.Claim(&correlating) {
			req.SetTrace(reqctx.Continue(r, l.settings().TrustedCallers))
			id := ""
			if in := r.Header["X-Request-Id"]; len(in) > 0 && validID(in[0]) {
				id = in[0]
			}
			req.Identify(id, reqctx.Trace{}, w.Header())
		}
		next.ServeHTTP(w, r)
	})
}

// propagation is what Middleware and Transport go by.
type propagation struct {
	TrustedCallers []netip.Prefix
	targets        targets
}

var noPropagation propagation // without a Logger: never written to

// settings are those of l, else of the default at the time of the call.
func (l *Logger) settings() *propagation {
	if l == nil {
		l = Default()
	}
	if l == nil || l.core == nil || l.core.propagation == nil {
		return &noPropagation
	}
	return l.core.propagation
}
