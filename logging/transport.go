package logging

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// Transport hands on, in requests that go out with a context that has them, the
// correlation ID as X-Request-ID and the trace as traceparent. They are no
// secret, and every host gets them. Where the request is recorded, the call
// becomes a span of it, and its ID is the one in traceparent.
//
// tracestate, baggage (the members that came with the request, and Sentry's)
// and sentry-trace go to the hosts in Config.PropagateTo only: baggage of a
// caller may be private, and Sentry's names the release and the route.
//
// Headers that are there already stay. nil: http.DefaultTransport.
func (l *Logger) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return transport{next, l}
}

type transport struct {
	next http.RoundTripper
	log  *Logger
}

// RoundTrip adds the headers to a copy of the request.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	scope := reqctx.From(ctx)
	if scope != nil {
		scope.Request.Called()
	}
	var span *reqctx.OpenSpan
	if scope.Recording() {
		_, span = reqctx.StartSpan(ctx, reqctx.OpHTTPClient, r.Method+" "+address(r))
	}
	all := t.log.settings().targets.match(r.URL.Hostname())
	asked := r
	propagate(ctx, span, all, func(name, value string) {
		if asked.Header[name] != nil || name == "Tracestate" && asked.Header["Traceparent"] != nil {
			return // the service's own, and what belongs to it
		}
		if r == asked {
			r = withOwnHeader(asked)
		}
		r.Header[name] = []string{value}
	})
	resp, err := t.next.RoundTrip(r)
	if span != nil {
		endClient(span, r, resp, err)
	}
	return resp, err
}

// withOwnHeader is r with a header that may be written to.
func withOwnHeader(r *http.Request) *http.Request {
	copied := *r
	if copied.Header = r.Header.Clone(); copied.Header == nil {
		copied.Header = http.Header{}
	}
	return &copied
}

// propagate gives set what goes out, by header: what every callee may know, and
// if all is set what is for our own. span is that of the call; nil: none.
func propagate(ctx context.Context, span *reqctx.OpenSpan, all bool, set func(header, value string)) {
	scope := reqctx.From(ctx)
	if id := scope.CorrelationID(); validID(id) {
		set("X-Request-Id", id)
	}
	w3c, ours, state := reqctx.Outgoing(ctx, span)
	if w3c.Valid() {
		set("Traceparent", w3c.String())
	}
	if !all {
		return
	}
	if state != "" {
		set("Tracestate", state)
	}
	if scope == nil {
		return
	}
	if baggage := scope.Request.OutgoingBaggage(); baggage != "" {
		set("Baggage", baggage)
	}
	if tracing := scope.Request.Tracing(); tracing != nil && tracing.Sampler != nil && ours.Valid() {
		set("Sentry-Trace", ours.SentryTrace())
	}
}

// address is whom r calls, without what may be a secret.
func address(r *http.Request) string {
	return r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath()
}

// endClient records a call as Sentry shows them. The time is that until the
// answer's header.
func endClient(span *reqctx.OpenSpan, r *http.Request, resp *http.Response, err error) {
	attrs := make([]slog.Attr, 0, 3)
	attrs = append(attrs, slog.String("http.request.method", r.Method), slog.String("server.address", r.URL.Hostname()))
	status := reqctx.StatusUnavailable
	switch {
	case err == nil && resp != nil:
		status, attrs = reqctx.HTTPStatus(resp.StatusCode), append(attrs, slog.Int("http.response.status_code", resp.StatusCode))
	case r.Context().Err() != nil:
		status = reqctx.ContextStatus(r.Context())
	}
	span.End(status, attrs...)
}

// CloseIdleConnections passes on to the transport inside.
func (t transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
