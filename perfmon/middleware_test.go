package perfmon_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

var epoch = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// bench is a Monitor on a Registry whose clock the test moves.
type bench struct {
	*perfmon.Monitor
	registry *metric.Registry
	now      time.Time
}

func newBench(t testing.TB, c perfmon.Config) *bench {
	t.Helper()
	b := &bench{now: epoch}
	var err error
	b.registry, err = metric.NewRegistry(metric.Config{Manual: true, Now: func() time.Time { return b.now }})
	require.NoError(t, err)
	c.Registry, c.Now = b.registry, func() time.Time { return b.now }
	b.Monitor, err = perfmon.New(c)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, b.Close(context.Background()))
		assert.NoError(t, b.registry.Close(context.Background()))
	})
	b.sample()
	return b
}

func (b *bench) sample() {
	b.now = b.now.Add(10 * time.Second)
	b.registry.Sample(b.now)
}

func (b *bench) read(t *testing.T, indicator string) metric.Reading {
	t.Helper()
	readings, err := b.registry.Read(indicator)
	require.NoError(t, err, indicator)
	require.Len(t, readings, 1)
	return readings[0]
}

// counts are the requests by "METHOD route outcome".
func (b *bench) counts() map[string]uint64 {
	counts := map[string]uint64{}
	b.Produce(func(f metric.Family) {
		if f.Name == "http.server.request.duration" {
			for _, p := range f.Points {
				counts[strings.Join(p.Values, " ")] += p.Hist.Count
			}
		}
	})
	return counts
}

func serve(h http.Handler, method, target string) {
	defer func() { _ = recover() }()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, nil))
}

func TestARequestIsCountedByPatternMethodAndOutcome(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		switch r.PathValue("id") {
		case "panic":
			panic("boom")
		case "panic-late":
			w.WriteHeader(http.StatusOK)
			panic(errors.New("boom"))
		case "abort":
			panic(http.ErrAbortHandler)
		case "bad":
			w.WriteHeader(http.StatusTeapot)
		case "broken":
			w.WriteHeader(http.StatusBadGateway)
		case "hint":
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "body")
		}
	})
	h := b.Middleware(b.Middleware(mux)) // stacked by mistake: still once
	for _, id := range []string{"ok", "hint", "panic", "panic-late", "abort", "bad", "broken"} {
		serve(h, http.MethodGet, "/orders/"+id)
	}
	serve(h, "BREW", "/secret-token-in-path")
	assert.Equal(t, map[string]uint64{
		"GET /orders/{id} ok":           2,
		"GET /orders/{id} error":        3,
		"GET /orders/{id} aborted":      1,
		"GET /orders/{id} client_error": 1,
		"_OTHER  client_error":          1,
	}, b.counts())
	b.sample()
	assert.Zero(t, b.read(t, "in_flight").Value, "also after panics")
}

func TestAClientThatWentAwayIsOnNeitherSide(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	h := b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, http.MethodGet, "/", nil))
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(late, http.MethodGet, "/", nil))
	assert.Equal(t, map[string]uint64{"GET  aborted": 1, "GET  error": 1}, b.counts(), "the service's own deadline is an error")
}

func TestAPanicGoesOnWithItsValue(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	boom := errors.New("boom")
	h := b.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(boom) }))
	assert.PanicsWithValue(t, boom, func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)) })
}

func TestStreamsAreNoRequests(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	h := b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = io.WriteString(w, "data: 1\n\n")
	}))
	serve(h, http.MethodGet, "/events")
	assert.Empty(t, b.counts())
}

// Case 34: an inner hook names the route that was lost on the way.
func TestCase34SetRouteNamesWhatAnotherRouterMatched(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	mux := http.NewServeMux()
	mux.HandleFunc("/{rest...}", func(_ http.ResponseWriter, r *http.Request) { perfmon.SetRoute(r.Context(), "/users/{id}") })
	copies := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		type key struct{}
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, 1)))
	})
	serve(b.Middleware(copies), http.MethodGet, "/users/7")
	assert.Equal(t, map[string]uint64{"GET /users/{id} ok": 1}, b.counts())
	assert.NotPanics(t, func() { perfmon.SetRoute(context.Background(), "/x") })
}

func TestRoutesAreBounded(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	h := b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { perfmon.SetRoute(r.Context(), r.URL.Path) }))
	for i := range 1000 {
		serve(h, http.MethodGet, fmt.Sprintf("/made-up/%d", i))
	}
	counts := b.counts()
	assert.LessOrEqual(t, len(counts), 201)
	assert.EqualValues(t, 800, counts["GET other ok"])
}

func TestErrorRateAndLatencyNeedSamples(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	fail := b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	ok := b.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for range 49 {
		serve(fail, http.MethodGet, "/")
	}
	b.sample()
	_, err := b.registry.Read("error_rate")
	require.ErrorIs(t, err, metric.ErrNoData)
	for range 147 {
		serve(ok, http.MethodGet, "/")
	}
	b.sample()
	assert.InDelta(t, 25, b.read(t, "error_rate").Value, 1e-9)
	assert.Less(t, b.read(t, "p95_latency").Value, 100.0, "in ms")
}

func TestTheMiddlewareAloneCostsOneAllocation(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	h := b.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }), 1.0)
	r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader("known"))
	assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }), 1.0, "of a body whose size is known, too")
}
