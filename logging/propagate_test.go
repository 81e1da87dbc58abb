package logging

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/distri-night/monitoring/internal/reqctx"
)

const (
	callerTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callerSpan  = "00f067aa0ba902b7"
	traceparent = "00-" + callerTrace + "-" + callerSpan + "-01"
)

var testNet = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's peer

// serve gives the headers to the middleware of l, and runs fn inside.
func serve(l *Logger, h http.Header, fn func(ctx context.Context)) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = h
	l.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { fn(r.Context()) })).ServeHTTP(httptest.NewRecorder(), r)
}

func TestATraceIsBelievedFromTrustedCallersOnly(t *testing.T) {
	in := http.Header{
		"Traceparent": {traceparent}, "Tracestate": {"a=1", "b@c=2"}, "Baggage": {"tenant=7"}, "X-Request-Id": {"req-1"},
	}
	for name, trusted := range map[string][]netip.Prefix{
		"nobody": nil, "others": {netip.MustParsePrefix("10.0.0.0/8")},
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := open(t, Config{TrustedCallers: trusted})
			serve(l, in, func(ctx context.Context) {
				scope := reqctx.From(ctx)
				assert.NotEqual(t, callerTrace, scope.Trace().TraceIDString())
				assert.True(t, scope.Trace().Valid())
				assert.False(t, scope.Trace().Sampled)
				assert.Nil(t, scope.Request.Tracing())
				assert.Equal(t, "req-1", CorrelationID(ctx), "the ID is believed from all")
			})
		})
	}
	l, _ := open(t, Config{TrustedCallers: testNet})
	serve(l, in, func(ctx context.Context) {
		scope := reqctx.From(ctx)
		assert.Equal(t, callerTrace, scope.Trace().TraceIDString())
		assert.True(t, scope.Trace().Sampled)
		assert.Equal(t, callerSpan, scope.Request.Tracing().Parent.String())
		assert.Equal(t, "a=1,b@c=2", scope.Request.Tracing().State)
		assert.Equal(t, "tenant=7", scope.Request.Tracing().Baggage)
	})
}

func TestThePackagesMiddlewareTrustsWhomTheDefaultTrusts(t *testing.T) {
	l, _ := open(t, Config{TrustedCallers: testNet})
	SetDefault(l)
	defer SetDefault(nil)
	serve(nil, http.Header{"Traceparent": {traceparent}}, func(ctx context.Context) {
		assert.Equal(t, callerTrace, reqctx.From(ctx).Trace().TraceIDString())
	})
}

func TestSentrysOwnHeaderIsUnderstood(t *testing.T) {
	l, _ := open(t, Config{TrustedCallers: testNet})
	serve(l, http.Header{"Sentry-Trace": {callerTrace + "-" + callerSpan}}, func(ctx context.Context) {
		scope := reqctx.From(ctx)
		assert.Equal(t, callerTrace, scope.Trace().TraceIDString())
		assert.False(t, scope.Request.Tracing().Decided, "no flag: it is for the callee to decide")
	})
}

// sent is what Transport makes of a call to url from ctx.
func sent(ctx context.Context, t *testing.T, l *Logger, url string) (got http.Header) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	_, _ = l.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return nil, http.ErrHandlerTimeout
	})).RoundTrip(r)
	return got
}

func TestWhatIsOthersGoesToOurOwnHostsOnly(t *testing.T) {
	in := http.Header{"Traceparent": {traceparent}, "Tracestate": {"a=1"}, "Baggage": {"tenant=7,bad key=1"}}
	for _, tc := range []struct {
		to   []string
		host string
		all  bool
	}{
		{nil, "127.0.0.1:8080", true},
		{nil, "[::1]:8080", true},
		{nil, "10.1.2.3", true},
		{nil, "orders", true},
		{nil, "orders.shop.svc.cluster.local", true},
		{nil, "orders.internal", true},
		{nil, "localhost:1", true},
		{nil, "api.stripe.com", false},
		{nil, "8.8.8.8", false},
		{nil, "internal.example.com", false},
		{[]string{}, "127.0.0.1", false},
		{[]string{"*"}, "api.stripe.com", true},
		{[]string{"*.Shop.example"}, "ORDERS.shop.example:443", true},
		{[]string{"*.shop.example"}, "shop.example", false},
		{[]string{"*.shop.example"}, "evilshop.example", false},
		{[]string{"shop.example"}, "shop.example.", true},
		{[]string{"shop.example"}, "shop.example.evil.com", false},
	} {
		t.Run(fmt.Sprint(tc.to, tc.host), func(t *testing.T) {
			l, _ := open(t, Config{TrustedCallers: testNet, PropagateTo: tc.to})
			serve(l, in, func(ctx context.Context) {
				got := sent(ctx, t, l, "http://"+tc.host+"/pay")
				assert.Equal(t, callerTrace, got.Get("X-Request-ID"))
				assert.True(t, strings.HasPrefix(got.Get("traceparent"), "00-"+callerTrace+"-"))
				assert.NotContains(t, got.Get("traceparent"), callerSpan, "the span is ours")
				assert.True(t, strings.HasSuffix(got.Get("traceparent"), "-01"), "the caller's decision goes on")
				if tc.all {
					assert.Equal(t, "a=1", got.Get("tracestate"))
					assert.Equal(t, "tenant=7", got.Get("baggage"))
				} else {
					assert.Len(t, got, 2)
				}
			})
		})
	}
}

func TestAJobCarriesTheIDsOfWhoQueuedIt(t *testing.T) {
	l, out := open(t, Config{TrustedCallers: testNet})
	carrier := map[string]string{"own": "1"}
	serve(l, http.Header{"X-Request-Id": {"req-7"}, "Traceparent": {traceparent}, "Tracestate": {"a=1"}, "Baggage": {"tenant=7"}}, func(ctx context.Context) {
		Inject(reqctx.WithUser(ctx, reqctx.User{ID: "u1", Email: "a@b.example"}), carrier)
	})
	assert.Equal(t, "req-7", carrier["x-request-id"])
	assert.Equal(t, "tenant=7", carrier["baggage"])
	assert.Equal(t, "a=1", carrier["tracestate"])
	assert.Len(t, carrier, 5, "nothing else, the user least of all")

	ctx := Extract(context.Background(), carrier)
	assert.Equal(t, "req-7", CorrelationID(ctx))
	l.InfoContext(ctx, "work")
	assert.Equal(t, callerTrace, line(t, out)["trace_id"])
	got := sent(ctx, t, l, "http://orders/")
	assert.Equal(t, "tenant=7", got.Get("baggage"))
	assert.Contains(t, got.Get("traceparent"), callerTrace)
}

func TestAJobsHeadersAreChecked(t *testing.T) {
	for name, carrier := range map[string]map[string]string{
		"nil": nil, "empty": {}, "malformed": {"x-request-id": "a b\n", "traceparent": "00-zz", "tracestate": "?", "baggage": "=;,"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := Extract(context.Background(), carrier)
			trace := reqctx.From(ctx).Trace()
			assert.True(t, trace.Valid())
			assert.Equal(t, trace.TraceIDString(), CorrelationID(ctx))
		})
	}
	ctx := Extract(nil, map[string]string{"X-Request-ID": "req-1", "TraceParent": traceparent}) //nolint:staticcheck // a caller's mistake does no harm
	assert.Equal(t, "req-1", CorrelationID(ctx), "in any case")
	assert.Equal(t, callerTrace, reqctx.From(ctx).Trace().TraceIDString())
	assert.NotPanics(t, func() { Inject(ctx, nil) })
	empty := map[string]string{}
	Inject(context.Background(), empty)
	assert.Empty(t, empty)
}

func TestAJobStartedInARequestHasAScopeOfItsOwn(t *testing.T) {
	l, _ := open(t, Config{})
	serve(l, http.Header{"X-Request-Id": {"req-1"}}, func(ctx context.Context) {
		job := Extract(With(ctx, "worker", 3), map[string]string{"x-request-id": "job-1"})
		reqctx.From(job).Request.AddBreadcrumb(reqctx.Breadcrumb{Message: "of the job"})
		assert.Empty(t, reqctx.From(ctx).Request.Breadcrumbs())
		assert.Equal(t, "job-1", CorrelationID(job))
		assert.Equal(t, "req-1", CorrelationID(ctx))
		assert.Equal(t, "worker", reqctx.From(job).Attrs()[0].Key, "what is bound to the context stays")
	})
}

// withOTel makes an OpenTelemetry span active.
func withOTel(ctx context.Context, span byte) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{0xaa, 15: 1}, SpanID: trace.SpanID{span}, TraceFlags: trace.FlagsSampled,
	}))
}

func TestAnActiveOpenTelemetrySpanGivesTheIDs(t *testing.T) {
	const otelTrace = "aa000000000000000000000000000001"
	l, out := open(t, Config{})
	ids := func(ctx context.Context) []any {
		l.InfoContext(ctx, "hi")
		rec := line(t, out)
		return []any{rec["trace_id"], rec["span_id"]}
	}
	t.Run("without a scope of ours", func(t *testing.T) {
		assert.Equal(t, []any{otelTrace, "0100000000000000"}, ids(withOTel(context.Background(), 1)))
	})
	t.Run("inside our middleware", func(t *testing.T) {
		serve(l, http.Header{}, func(ctx context.Context) {
			ours := reqctx.From(ctx).Trace().TraceIDString()
			assert.Equal(t, ours, ids(ctx)[0])
			inner := withOTel(ctx, 2)
			assert.Equal(t, []any{otelTrace, "0200000000000000"}, ids(inner))
			assert.Equal(t, []any{otelTrace, "0200000000000000"}, ids(With(inner, "k", "v")), "also below a scope of ours")
			assert.Equal(t, "00-"+otelTrace+"-0200000000000000-01", sent(inner, t, l, "http://h.example").Get("traceparent"))
		})
	})
	t.Run("outside our middleware", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r = r.WithContext(withOTel(r.Context(), 3))
		l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, []any{otelTrace, "0300000000000000"}, ids(r.Context()))
			assert.Equal(t, otelTrace, w.Header().Get("X-Request-ID"), "our trace is its")
			assert.Equal(t, otelTrace, reqctx.From(r.Context()).Request.Trace().TraceIDString())
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
	t.Run("through FromContext", func(t *testing.T) {
		SetDefault(l)
		defer SetDefault(nil)
		FromContext(withOTel(context.Background(), 4)).Info("hi")
		assert.Equal(t, "0400000000000000", line(t, out)["span_id"])
	})
}

func TestACallIsASpanOfARecordedRequestAndTheCalleesParent(t *testing.T) {
	l, _ := open(t, Config{})
	ctx := reqctx.NewJob(context.Background(), "job-1", reqctx.NewTrace(), nil)
	request := reqctx.From(ctx).Request
	request.Sample(reqctx.NewSampler(1, nil))
	var inside reqctx.Trace
	rt := l.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		inside, _ = reqctx.ParseTraceparent(r.Header.Get("traceparent"))
		assert.Equal(t, inside.SentryTrace(), r.Header.Get("sentry-trace"))
		assert.Contains(t, r.Header.Get("baggage"), "sentry-trace_id="+inside.TraceIDString())
		return &http.Response{StatusCode: http.StatusBadGateway}, nil
	}))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://user:pw@orders:8080/pay/7?card=4111111111111111", nil)
	require.NoError(t, err)
	_, err = rt.RoundTrip(r)
	require.NoError(t, err)
	spans, _, _ := request.TakeSpans()
	require.Len(t, spans, 1)
	assert.Equal(t, spans[0].ID, inside.SpanID)
	assert.Equal(t, request.Trace().TraceID, inside.TraceID)
	assert.True(t, inside.Sampled)
	assert.Equal(t, "POST http://orders:8080/pay/7", spans[0].Name)
	assert.Equal(t, "internal_error", spans[0].Status)
	assert.Contains(t, fmt.Sprint(spans[0].Attrs), "http.response.status_code=502")
	assert.EqualValues(t, 1, request.Calls())
}

func TestTheServicesOwnHeadersStay(t *testing.T) {
	l, _ := open(t, Config{TrustedCallers: testNet})
	serve(l, http.Header{"Traceparent": {traceparent}, "Tracestate": {"a=1"}, "Baggage": {"tenant=7"}}, func(ctx context.Context) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://orders/", nil)
		require.NoError(t, err)
		own := http.Header{"Traceparent": {"own"}, "Baggage": {"own=1"}}
		r.Header = own.Clone()
		_, _ = l.Transport(roundTrip(func(sent *http.Request) (*http.Response, error) {
			assert.Equal(t, own["Traceparent"], sent.Header["Traceparent"])
			assert.Equal(t, own["Baggage"], sent.Header["Baggage"])
			assert.Empty(t, sent.Header["Tracestate"], "it belongs to the other traceparent")
			return nil, http.ErrHandlerTimeout
		})).RoundTrip(r)
		assert.Equal(t, own, r.Header, "nor is the caller's request changed")
	})
}

func TestOpenTelemetryAndSentryAreEachToldTheirOwnSpan(t *testing.T) {
	l, _ := open(t, Config{})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r = r.WithContext(withOTel(r.Context(), 1))
	l.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		request := reqctx.From(r.Context()).Request
		assert.False(t, request.Tracing().Decided, "how much OpenTelemetry samples is its own matter")
		assert.Equal(t, "0100000000000000", request.Tracing().Parent.String())
		request.Sample(reqctx.NewSampler(1, nil))
		got := sent(withOTel(r.Context(), 2), t, l, "http://orders/")
		assert.Equal(t, "00-aa000000000000000000000000000001-0200000000000000-01", got.Get("traceparent"))
		theirs, decided, ok := reqctx.ParseSentryTrace(got.Get("sentry-trace"))
		assert.True(t, ok && decided && theirs.Sampled)
		spans, _, _ := request.TakeSpans()
		require.Len(t, spans, 1)
		assert.Equal(t, spans[0].ID, theirs.SpanID)
	})).ServeHTTP(httptest.NewRecorder(), r)
}
