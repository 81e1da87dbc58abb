package monitoring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// stacked is a Monitor whose events and log are kept, and its three
// middlewares by name, to be put together in any order.
type stacked struct {
	*monitoring.Monitor
	events chan errortracking.Event
	log    *bytes.Buffer
}

func newStack(t *testing.T, dsn bool) *stacked {
	t.Helper()
	s := &stacked{events: make(chan errortracking.Event, 100), log: &bytes.Buffer{}}
	c := quiet(t)
	c.Log.Output, c.StateDir = s.log, monitoring.Memory
	if dsn { // a sink stands for Sentry
		c.Errors.Sink = func(_ context.Context, e errortracking.Event) { s.events <- e }
	}
	var err error
	s.Monitor, err = monitoring.New(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { stop(t, s.Monitor) })
	return s
}

// around puts the middlewares around h, the first one outside.
func (s *stacked) around(h http.Handler, order []string) http.Handler {
	for i := len(order) - 1; i >= 0; i-- {
		switch order[i] {
		case "log":
			h = s.Log.Middleware(h)
		case "errors":
			h = s.Errors.Middleware(h)
		case "perf":
			h = s.Perf.Middleware(h)
		case "copying": // another's, behind which r.Pattern is empty outside
			inner := h
			h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r.WithContext(r.Context())) })
		}
	}
	return h
}

// get asks once. A connection that was cut is an error.
func (s *stacked) get(t *testing.T, h http.HandlerFunc, order []string) (*http.Response, error) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", h)
	srv := httptest.NewUnstartedServer(s.around(mux, order))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.Start()
	defer srv.Close() // waits for the handler
	res, err := srv.Client().Get(srv.URL + "/orders/7")
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res, err
}

func (s *stacked) errorLines() (lines []string) {
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, `"level":"error"`) || strings.Contains(line, `"level":"critical"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// outcomes counts the requests by route and outcome; in flight is beside them.
func (s *stacked) outcomes() (counted map[string]uint64, inFlight float64) {
	counted = map[string]uint64{}
	s.Perf.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			switch f.Name {
			case "http.server.request.duration":
				counted[p.Values[1]+" "+p.Values[2]] += p.Hist.Count
			case "http.server.active_requests":
				inFlight += p.Value
			}
		}
	})
	return counted, inFlight
}

func orders() [][]string {
	return [][]string{
		{"log"}, {"errors"}, {"perf"},
		{"log", "errors"}, {"errors", "log"}, {"log", "perf"}, {"perf", "log"}, {"errors", "perf"}, {"perf", "errors"},
		{"log", "errors", "perf"}, {"log", "perf", "errors"}, {"errors", "log", "perf"},
		{"errors", "perf", "log"}, {"perf", "log", "errors"}, {"perf", "errors", "log"},
		{"log", "errors", "perf", "perf", "errors", "log"},
		{"perf", "copying", "errors", "copying", "log"},
	}
}

func has(order []string, name string) bool { return strings.Contains(strings.Join(order, " "), name) }

// Cases 2 and 28, and what a person expects of each stack of ours.
func TestMiddlewaresWorkAloneAndInAnyOrder(t *testing.T) {
	half := strings.Repeat("half an answer ", 1000)
	for name, tc := range map[string]struct {
		handler func(http.ResponseWriter, *http.Request)
		outcome string
		fails   bool // one event, one line
		cut     bool // with or without errortracking
	}{
		"answers":              {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }, "ok", false, false},
		"not found":            {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "client_error", false, false},
		"panics":               {func(http.ResponseWriter, *http.Request) { panic("boom") }, "error", true, false},
		"panics with an error": {func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) }, "error", true, false},
		"panics half way": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, half)
			panic("boom")
		}, "error", true, true},
		"aborts":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "aborted", false, true},
		"a wrapped abort":     {func(http.ResponseWriter, *http.Request) { panic(fmt.Errorf("x: %w", http.ErrAbortHandler)) }, "error", true, false},
		"an odd value":        {func(http.ResponseWriter, *http.Request) { panic([]int{1}) }, "error", true, false},
		"a value that panics": {func(http.ResponseWriter, *http.Request) { panic(angry{}) }, "error", true, false},
		"answers twice (n in)": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			w.WriteHeader(http.StatusBadGateway)
		}, "ok", false, false},
	} {
		for _, order := range orders() {
			for _, dsn := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/dsn=%v", name, strings.Join(order, ","), dsn), func(t *testing.T) {
					s := newStack(t, dsn)
					res, err := s.get(t, func(w http.ResponseWriter, r *http.Request) {
						errortracking.WithUser(r.Context(), errortracking.User{ID: "u1"})
						perfmon.SetRoute(r.Context(), r.Pattern)
						tc.handler(w, r)
					}, order)
					recovers := has(order, "errors")
					if tc.cut || tc.fails && !recovers {
						require.Error(t, err)
					} else {
						require.NoError(t, err)
						if tc.fails {
							assert.Equal(t, 500, res.StatusCode)
						}
						assert.Equal(t, has(order, "log"), res.Header.Get("X-Request-ID") != "")
					}
					if has(order, "perf") {
						counted, inFlight := s.outcomes()
						assert.Equal(t, map[string]uint64{"/orders/{id} " + tc.outcome: 1}, counted)
						assert.Zero(t, inFlight)
					}
					want := 0
					if tc.fails && recovers {
						want = 1
					}
					lines := s.errorLines()
					assert.Len(t, lines, want)
					if dsn {
						require.Len(t, s.events, want)
					}
					if want == 0 {
						return
					}
					assert.Contains(t, lines[0], `"route":"/orders/{id}"`)
					assert.Contains(t, lines[0], `"user_id":"u1"`)
					if !dsn {
						return
					}
					e := <-s.events
					assert.Equal(t, "u1", e.User.ID)
					assert.Equal(t, "/orders/{id}", e.Route)
					if has(order, "log") && res != nil {
						assert.Equal(t, res.Header.Get("X-Request-ID"), e.CorrelationID)
						assert.Contains(t, lines[0], e.CorrelationID)
					}
				})
			}
		}
	}
}

type angry struct{}

func (angry) Error() string { panic("no text") }
