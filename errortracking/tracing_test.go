package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/internal/sentrytest"
)

var (
	all     = 1.0
	none    = 0.0
	testNet = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's peer
)

// serve runs fn behind the middleware of a Tracker that records all, and gives
// what Sentry got.
func serve(t testing.TB, c Config, h http.Header, fn http.HandlerFunc) *sentrytest.Server {
	t.Helper()
	s := sentrytest.New(t)
	c.DSN = s.DSN
	if c.TracesSampleRate == nil {
		c.TracesSampleRate = &all
	}
	tr := tracker(t, c)
	mux := http.NewServeMux()
	mux.HandleFunc("/orders/{id}", fn)
	r := httptest.NewRequest(http.MethodGet, "/orders/secret-7?token=abc", nil)
	if h != nil {
		r.Header = h
	}
	func() {
		defer func() { _ = recover() }()
		tr.Middleware(mux).ServeHTTP(httptest.NewRecorder(), r)
	}()
	flush(t, tr)
	return s
}

func TestARecordedRequestBecomesOneTransactionWithItsSpans(t *testing.T) {
	s := serve(t, Config{Environment: "stage", Release: "v1"}, nil, func(w http.ResponseWriter, r *http.Request) {
		ctx, open := reqctx.StartSpan(reqctx.WithUser(r.Context(), reqctx.User{ID: "u1", Email: "a@b.example"}), reqctx.OpMark, "checkout")
		reqctx.From(ctx).AddSpan(reqctx.Span{
			Op: reqctx.OpQuery, Name: "order by id", Status: reqctx.StatusOK, Start: time.Now(), Took: time.Millisecond,
			Attrs: []slog.Attr{slog.String("db.system", "postgresql"), slog.String("password", "hunter2")},
		})
		_, call := reqctx.StartSpan(ctx, reqctx.OpHTTPClient, "GET https://u:pw@hooks.slack.com/services/T0/B0/abcdefghijklmnopqrstuvwx")
		call.End(reqctx.StatusUnavailable)
		open.End("")
		w.WriteHeader(http.StatusConflict)
	})
	require.Len(t, s.Transactions(), 1)
	require.Empty(t, s.Refused())
	e := s.Transactions()[0]
	assert.Equal(t, "GET /orders/{id}", e.Text("transaction"))
	assert.Equal(t, "route", e.Text("transaction_info.source"))
	assert.Equal(t, "http.server", e.Text("contexts.trace.op"))
	assert.Equal(t, "already_exists", e.Text("contexts.trace.status"))
	assert.Equal(t, "GET", e.At("contexts.trace.data").(map[string]any)["http.request.method"])
	assert.Equal(t, "/orders/{id}", e.At("contexts.trace.data").(map[string]any)["http.route"])
	assert.EqualValues(t, 409, e.At("contexts.trace.data").(map[string]any)["http.response.status_code"])
	assert.Equal(t, "u1", e.Text("user.id"))

	spans := e["spans"].([]any)
	require.Len(t, spans, 3)
	byOp := map[string]map[string]any{}
	for _, sp := range spans {
		sp := sp.(map[string]any)
		byOp[sp["op"].(string)] = sp
		assert.Equal(t, e.Text("contexts.trace.trace_id"), sp["trace_id"])
	}
	assert.Equal(t, e.Text("contexts.trace.span_id"), byOp["mark"]["parent_span_id"])
	assert.Equal(t, byOp["mark"]["span_id"], byOp["db.query"]["parent_span_id"], "inside the mark")
	assert.Equal(t, byOp["mark"]["span_id"], byOp["http.client"]["parent_span_id"])
	assert.Equal(t, "order by id", byOp["db.query"]["description"])
	assert.Equal(t, "ok", byOp["db.query"]["status"])
	assert.Equal(t, "postgresql", byOp["db.query"]["data"].(map[string]any)["db.system"])

	whole := fmt.Sprint(e)
	for _, secret := range []string{"secret-7", "token", "hunter2", "a@b.example", "abcdefghijklmnopqrstuvwx", "pw@"} {
		assert.NotContains(t, whole, secret)
	}
	head := s.Envelopes()[0].Header["trace"].(map[string]any)
	assert.Equal(t, e.Text("contexts.trace.trace_id"), head["trace_id"])
	assert.Equal(t, "true", head["sampled"])
	assert.Equal(t, "1", head["sample_rate"])
	assert.Equal(t, sentrytest.Key, head["public_key"])
	assert.Equal(t, "GET /orders/{id}", head["transaction"])
}

func TestAnErrorNamesTheSpanThatItHappenedIn(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN, TracesSampleRate: &all})
	tr.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, open := reqctx.StartSpan(r.Context(), reqctx.OpMark, "pay")
		tr.CaptureException(ctx, errors.New("boom"))
		open.End("")
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	flush(t, tr)
	require.Len(t, s.Events(), 1)
	require.Len(t, s.Transactions(), 1)
	event, transaction := s.Events()[0], s.Transactions()[0]
	assert.Equal(t, transaction.Text("contexts.trace.trace_id"), event.Text("contexts.trace.trace_id"))
	assert.Equal(t, transaction["spans"].([]any)[0].(map[string]any)["span_id"], event.Text("contexts.trace.span_id"))
	assert.Equal(t, "GET", transaction.Text("transaction"), "no route: never the raw path")
	for _, e := range s.Envelopes() {
		assert.Equal(t, event.Text("contexts.trace.trace_id"), e.Header["trace"].(map[string]any)["trace_id"], "the header of both")
	}
}

func TestWhoDecidesWhatIsRecorded(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	parent := func(flags string) http.Header {
		return http.Header{"Traceparent": {"00-" + id + "-00f067aa0ba902b7-" + flags}}
	}
	sentryRand := func(rand string) http.Header {
		return http.Header{"Sentry-Trace": {id + "-00f067aa0ba902b7"}, "Baggage": {"sentry-trace_id=" + id + ",sentry-sample_rand=" + rand}}
	}
	half := 0.5
	for _, tc := range []struct {
		name    string
		rate    float64
		in      http.Header
		trusted []netip.Prefix
		want    bool
	}{
		{"the rate: all", 1, nil, nil, true},
		{"the rate: none", 0, nil, nil, false},
		{"a trusted caller: yes", 0.000001, parent("01"), testNet, true},
		{"a trusted caller: no", 1, parent("00"), testNet, false},
		{"a stranger is not asked: yes", 0.000001, parent("01"), nil, false},
		{"a stranger is not asked: no", 1, parent("00"), nil, true},
		{"none wanted, whatever a caller says", 0, parent("01"), testNet, false},
		{"Sentry's number below the rate", half, sentryRand("0.4"), testNet, true},
		{"Sentry's number above the rate", half, sentryRand("0.6"), testNet, false},
		{"Sentry's number makes no sense", 1, sentryRand("NaN"), testNet, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var trace reqctx.Trace
			s := serve(t, Config{TracesSampleRate: &tc.rate, TrustedCallers: tc.trusted}, tc.in, func(_ http.ResponseWriter, r *http.Request) {
				trace = reqctx.TraceOf(r.Context())
				assert.Equal(t, tc.want, reqctx.From(r.Context()).Recording())
			})
			assert.Len(t, s.Transactions(), map[bool]int{true: 1}[tc.want])
			if tc.rate > 0 {
				assert.Equal(t, tc.want, trace.Sampled, "callees are told")
				assert.Equal(t, tc.trusted != nil, trace.TraceIDString() == id)
			}
		})
	}
}

func TestTheShareOfRecordedTracesIsTheRate(t *testing.T) {
	s := reqctx.NewSampler(0.1, nil)
	const n = 20_000
	recorded := 0
	for range n {
		var r reqctx.Request
		r.SetTrace(reqctx.NewTrace(), nil)
		if r.Sample(s) {
			recorded++
		}
	}
	assert.InDelta(t, 0.1, float64(recorded)/n, 0.015)
}

func TestACallerOfSentrysKeepsItsSamplingContext(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	in := http.Header{
		"Sentry-Trace": {id + "-00f067aa0ba902b7-1"},
		"Baggage":      {"tenant=7,sentry-trace_id=" + id + ",sentry-public_key=front,sentry-release=web%401,sentry-sample_rate=0.5,sentry-sampled=true"},
	}
	var out string
	s := serve(t, Config{TrustedCallers: testNet}, in, func(_ http.ResponseWriter, r *http.Request) {
		out = reqctx.From(r.Context()).Request.OutgoingBaggage()
	})
	require.Len(t, s.Transactions(), 1)
	assert.Equal(t, "00f067aa0ba902b7", s.Transactions()[0].Text("contexts.trace.parent_span_id"))
	head := s.Envelopes()[0].Header["trace"].(map[string]any)
	assert.Equal(t, "front", head["public_key"])
	assert.Equal(t, "web@1", head["release"])
	b := reqctx.ParseBaggage(out)
	tenant, _ := b.Value("tenant")
	assert.Equal(t, "7", tenant)
	release, _ := b.Value("sentry-release")
	assert.Equal(t, "web@1", release, "the head's, not ours")
	assert.Equal(t, 1, strings.Count(out, "sentry-trace_id"))
}

func TestWhatIsNoWorkOfTheServiceMakesNoTransaction(t *testing.T) {
	for name, fn := range map[string]http.HandlerFunc{
		"our own endpoints": func(_ http.ResponseWriter, r *http.Request) { reqctx.From(r.Context()).Request.Exclude() },
		"a stream": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = w.Write([]byte("data: 1\n\n"))
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Empty(t, serve(t, Config{}, nil, fn).Transactions()) })
	}
}

func TestHowARequestEndedIsItsTransactionsStatus(t *testing.T) {
	for want, fn := range map[string]http.HandlerFunc{
		"internal_error": func(http.ResponseWriter, *http.Request) { panic("boom") },
		"not_found":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"ok":             func(http.ResponseWriter, *http.Request) {},
		"unavailable":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		t.Run(want, func(t *testing.T) {
			s := serve(t, Config{}, nil, fn)
			require.Len(t, s.Transactions(), 1)
			assert.Equal(t, want, s.Transactions()[0].Text("contexts.trace.status"))
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		s := sentrytest.New(t)
		tr := tracker(t, Config{DSN: s.DSN, TracesSampleRate: &all})
		ctx, cancel := context.WithCancel(context.Background())
		r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
		tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() })).ServeHTTP(httptest.NewRecorder(), r)
		flush(t, tr)
		assert.Equal(t, "cancelled", s.Transactions()[0].Text("contexts.trace.status"))
	})
}

func TestSpansAreBoundedAndLateOnesDoNoHarm(t *testing.T) {
	var late context.Context
	s := serve(t, Config{}, nil, func(_ http.ResponseWriter, r *http.Request) {
		late = r.Context()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 400 {
					reqctx.From(late).AddSpan(reqctx.Span{Op: reqctx.OpQuery, Name: "q", Start: time.Now()})
				}
			})
		}
		wg.Wait()
	})
	require.Len(t, s.Transactions(), 1)
	assert.Len(t, s.Transactions()[0]["spans"], 1000)
	assert.EqualValues(t, 600, s.Transactions()[0].At("contexts.trace.data").(map[string]any)["spans.dropped"])
	assert.False(t, reqctx.From(late).Recording(), "the request has ended")
	reqctx.From(late).AddSpan(reqctx.Span{})
	_, open := reqctx.StartSpan(late, reqctx.OpMark, "late")
	assert.Nil(t, open)
	open.End("")
}

func TestWhatIsNotRecordedCostsNoAllocation(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN, TracesSampleRate: &none})
	assert.Nil(t, tr.sampler, "nothing wanted")
	low := 1e-6
	tr = tracker(t, Config{DSN: s.DSN, TracesSampleRate: &low})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	requests, next := make([]reqctx.Request, 200), 0
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		shared := &requests[next]
		next++
		shared.SetTrace(reqctx.Trace{TraceID: [16]byte{9: 255}, SpanID: reqctx.SpanID{1}}, nil)
		if !tr.startTrace(shared, r).IsZero() {
			t.Error("recorded")
		}
	}))
	ctx := reqctx.WithCorrelationID(context.Background(), "x")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if scope := reqctx.From(ctx); scope.Recording() {
			t.Error("recording")
		}
		_, open := reqctx.StartSpan(ctx, reqctx.OpMark, "m")
		open.End("")
	}))
}
