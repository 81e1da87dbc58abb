package monitoring_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/monitoringtest"
)

func serve(t *testing.T, h http.Handler) func(method, path string, header ...string) (int, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	client := srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(method, path string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(method, srv.URL+path, nil)
		require.NoError(t, err)
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(body)
	}
}

func TestThePrefixIsTheServicesChoice(t *testing.T) {
	for _, prefix := range []string{"/monitoring/", "/ops/deep/", "GET /watch/"} {
		t.Run(prefix, func(t *testing.T) {
			rec := monitoringtest.New(t, monitoring.Config{})
			mux := http.NewServeMux()
			mux.Handle(prefix, rec.Handler())
			ask := serve(t, rec.Middleware(mux))
			base := strings.TrimPrefix(prefix, "GET ")
			for _, path := range []string{"operations", "executive", "health", "vitals.js", "browser.json", "api/alerts", "api/logs", "api/pages/operations", "api/log-level"} {
				status, body := ask(http.MethodGet, base+path)
				assert.Equal(t, http.StatusOK, status, "%s: %s", path, body)
			}
			status, _ := ask(http.MethodGet, base+"finance")
			assert.Equal(t, http.StatusNotFound, status, "a page without panels")
			status, _ = ask(http.MethodGet, base+"nothing")
			assert.Equal(t, http.StatusNotFound, status)
		})
	}
}

func TestEveryPathOfTheDashboardsIsClosedBehindAProxy(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Mount: map[string]http.Handler{"/metrics": http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}})
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", rec.Handler())
	ask := serve(t, mux)
	for _, path := range []string{"", "operations", "executive", "events?page=operations", "api/pages/operations", "api/alerts", "api/logs", "api/database", "api/log-level", "metrics", "api/panels/errors.csv"} {
		status, body := ask(http.MethodGet, "/monitoring/"+path, "X-Forwarded-For", "203.0.113.9")
		assert.Equal(t, http.StatusForbidden, status, path)
		assert.Contains(t, body, "Dashboard.Authorize", path)
	}
	status, _ := ask(http.MethodGet, "/monitoring/metrics")
	assert.Equal(t, http.StatusOK, status)
	status, _ = ask(http.MethodGet, "/monitoring/health", "X-Forwarded-For", "203.0.113.9")
	assert.Equal(t, http.StatusOK, status, "health is public")
	status, _ = ask(http.MethodPost, "/monitoring/api/alerts/x/acknowledge", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, http.StatusForbidden, status)
}

func TestHealthFollowsTheLife(t *testing.T) {
	m, err := monitoring.New(t.Context(), quiet(t))
	require.NoError(t, err)
	get := func() (int, string) {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/monitoring/health", nil))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	status, body := get()
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"status":"ok"}`, body)
	stop(t, m)
	status, _ = get()
	assert.Equal(t, http.StatusServiceUnavailable, status)
}

func TestOurOwnEndpointsAreNotTheServicesRequests(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", rec.Handler())
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	ask := serve(t, rec.Middleware(mux))
	ask(http.MethodGet, "/monitoring/operations")
	ask(http.MethodGet, "/monitoring/nothing")
	ask(http.MethodGet, "/orders/1")
	counted := map[string]uint64{}
	rec.Perf.Produce(func(f metric.Family) {
		if f.Name == "http.server.request.duration" {
			for _, p := range f.Points {
				counted[p.Values[1]] += p.Hist.Count
			}
		}
	})
	assert.Equal(t, map[string]uint64{"/orders/{id}": 1}, counted)
}

func TestAnOpenStreamDoesNotHoldShutdownUp(t *testing.T) {
	m, err := monitoring.New(t.Context(), quiet(t))
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", m.Handler())
	srv := httptest.NewServer(mux)
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL + "/monitoring/events?page=operations")
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	begin := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, m.Shutdown(ctx))
	_, _ = io.Copy(io.Discard, res.Body) // ends, as the stream has
	assert.Less(t, time.Since(begin), 2*time.Second)
}
