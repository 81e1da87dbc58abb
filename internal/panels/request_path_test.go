package panels_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/monitoringtest"
)

// rows are a table's, a slice a row.
func rows(t *testing.T, p panel) [][]any {
	t.Helper()
	var all [][]any
	list, ok := p.Data["rows"].([]any)
	require.True(t, ok, p.ID)
	for _, row := range list {
		all = append(all, row.([]any))
	}
	return all
}

func cell(c any) map[string]any {
	m, _ := c.(map[string]any)
	return m
}

// serve answers n requests on a route, of which so many percent fail.
func serve(t *testing.T, rec *monitoringtest.Recorder, route string, n, failed int) {
	t.Helper()
	mux := http.NewServeMux()
	i := 0
	mux.HandleFunc("GET "+route, func(w http.ResponseWriter, _ *http.Request) {
		if i*100/n >= 100-failed {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	h := rec.Middleware(mux)
	for ; i < n; i++ {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, route, nil))
	}
}

func TestErrorBudgetsShowTheServiceAndItsWorstRoutes(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	for range 400 { // an hour and more
		serve(t, rec, "/good", 100, 0)
		rec.Advance(10 * time.Second)
	}
	for range 6 {
		serve(t, rec, "/bad", 100, 4)
		rec.Advance(10 * time.Second)
	}
	p := page(t, rec, "operations")["slos"]
	got := rows(t, p)
	require.Len(t, got, 3)
	assert.Equal(t, "Availability 99.9\u202f%", got[0][0])
	assert.Equal(t, "Latency 95\u202f% in 100 ms", got[1][0])
	assert.Equal(t, "/bad, availability", got[2][0])
	left := 100 * (1 - 24/40.6)
	assert.InDelta(t, left, cell(got[0][3])["value"], 0.01)
	assert.InDelta(t, left/100, cell(got[0][2])["bar"], 0.001)
	assert.InDelta(t, 100, cell(got[1][3])["value"], 0)
	assert.Equal(t, "–", cell(got[1][1])["value"])
	assert.InDelta(t, -3900, cell(got[2][3])["value"], 1e-6)
	assert.Equal(t, "poor", cell(got[2][3])["verdict"])
	assert.Equal(t, "40.0×", cell(got[2][4])["value"])
	assert.InDelta(t, -1, cell(got[2][4])["good"], 0, "both windows burn")
	assert.Equal(t, "spent", cell(got[2][1])["value"])
	assert.Contains(t, p.Data["foot"], "Of the time since ")
	assert.Contains(t, p.Data["foot"], "1 route budget spent")
}

func TestTheRuntimePanelNamesWhatRuns(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Release: "v2.14.0"})
	for range 30 {
		rec.Advance(10 * time.Second)
	}
	p := page(t, rec, "operations")["runtime"]
	var titles []any
	for _, row := range rows(t, p) {
		titles = append(titles, row[0])
		assert.NotEmpty(t, cell(row[2])["spark"], row[0])
		assert.LessOrEqual(t, len(cell(row[2])["spark"].([]any)), 168, "no more than a spark can show")
	}
	assert.Subset(t, titles, []any{"Heap", "Goroutines", "Scheduler wait P99"})
	assert.Contains(t, p.Data["foot"], "V2.14.0")
	assert.Contains(t, p.Data["foot"], ", Go 1.")
}

func TestOutgoingCallsAreShownByHost(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer backend.Close()
	rec := monitoringtest.New(t, monitoring.Config{})
	client := &http.Client{Transport: rec.Perf.Transport(nil)}
	defer client.CloseIdleConnections()
	for i := range 40 {
		path := "/"
		if i%4 == 0 {
			path = "/broken"
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, backend.URL+path, nil)
		require.NoError(t, err)
		res, err := client.Do(r)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	rec.Advance(10 * time.Second)
	got := rows(t, page(t, rec, "operations")["outgoing"])
	require.Len(t, got, 1)
	assert.Equal(t, "IP addresses", got[0][0])
	assert.InDelta(t, 4, got[0][1], 0.5)
	assert.InDelta(t, 25, cell(got[0][3])["value"], 1e-9)
}

func TestTheIssuesThatMostUsersMeetComeFirst(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Errors: errortracking.Config{DSN: "https://key@sentry.example/7"}})
	capture := func(title, user string) {
		h := rec.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctx := errortracking.WithUser(r.Context(), errortracking.User{ID: user})
			rec.Errors.CaptureException(ctx, errors.New(title)) //nolint:err113 // a title
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/cart", nil))
	}
	for i := range 9 {
		capture("often for one", "ada")
		if i < 3 {
			capture("once for three", fmt.Sprint("user", i))
		}
	}
	rec.Advance(time.Second)
	rec.Errors.CaptureException(context.Background(), errors.New("nobody was hit")) //nolint:err113 // a title
	rec.Advance(10 * time.Second)
	got := rows(t, page(t, rec, "product")["top-issues"])
	require.Len(t, got, 2)
	assert.Equal(t, "once for three", cell(got[0][0])["value"])
	assert.InDelta(t, 3, got[0][1], 0)
	assert.Equal(t, "often for one", cell(got[1][0])["value"])
	assert.InDelta(t, 9, got[1][2], 0)
	link := fmt.Sprint(cell(got[0][0])["link"])
	assert.Contains(t, link, "https://sentry.example/")
	assert.True(t, slices.ContainsFunc(rec.Exceptions(), func(e errortracking.Event) bool { return strings.Contains(link, e.ID) }), "to an event")

	recent := page(t, rec, "operations")["errors"].Data["items"].([]any)
	require.Len(t, recent, 3)
	assert.Contains(t, cell(recent[0])["link"], "sentry.example", "the one without a request, too")
	assert.Nil(t, cell(recent[0])["actions"])
	assert.Contains(t, fmt.Sprint(cell(recent[1])["actions"]), "api/logs?correlation_id=")
}
