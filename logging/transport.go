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
	scope, trace := reqctx.Find(r.Context())
	id := scope.CorrelationID()
	if scope != nil {
		scope.Request.Called()
	}
	if id == "" && !trace.Valid() {
		return t.next.RoundTrip(r)
	}
	var span *reqctx.OpenSpan
	if scope.Recording() {
		var ctx context.Context
		ctx, span = reqctx.StartSpan(r.Context(), reqctx.OpHTTPClient, r.Method+" "+address(r))
		if inner := span.Trace(); inner.TraceID == trace.TraceID {
			trace = inner
		}
		r = r.WithContext(ctx)
	}
	copied := *r
	copied.Header = r.Header.Clone()
	if copied.Header == nil {
		copied.Header = http.Header{}
	}
	all := t.log.settings().targets.match(r.URL.Hostname())
	propagate(scope, id, trace, all, func(name, value string) {
		if copied.Header[name] == nil {
			copied.Header[name] = []string{value}
		}
	})
	resp, err := t.next.RoundTrip(&copied)
	if span != nil {
		endClient(span, r, resp, err)
	}
	return resp, err
}

// propagate gives set what goes out, by header: what every callee may know, and
// if all is set what is for our own.
func propagate(scope *reqctx.Scope, id string, trace reqctx.Trace, all bool, set func(header, value string)) {
	if validID(id) {
		set("X-Request-Id", id)
	}
	if trace.Valid() {
		set("Traceparent", trace.String())
	}
	if !all || scope == nil {
		return
	}
	tracing := scope.Request.Tracing()
	if tracing == nil {
		return
	}
	if tracing.State != "" {
		set("Tracestate", tracing.State)
	}
	if baggage := scope.Request.OutgoingBaggage(); baggage != "" {
		set("Baggage", baggage)
	}
	if tracing.Sampler != nil && trace.Valid() {
		set("Sentry-Trace", trace.SentryTrace())
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
