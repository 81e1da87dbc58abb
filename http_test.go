package monitoring_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/monitoringtest"
)

// viewers are known by a header: nobody, one who sees the Executive page, one
// who sees Operations, one who may write there.
func viewers(r *http.Request) (dashboard.Viewer, error) {
	switch name := r.Header.Get("X-Viewer"); name {
	case "executive":
		return dashboard.Viewer{Name: name, Pages: []dashboard.Page{dashboard.Executive}}, nil
	case "looker":
		return dashboard.Viewer{Name: name, Pages: []dashboard.Page{dashboard.Operations}}, nil
	case "operator":
		return dashboard.Viewer{Name: name, Pages: []dashboard.Page{dashboard.Operations}, Write: true}, nil
	default:
		return dashboard.Viewer{}, errors.New("who?")
	}
}

type answer struct {
	status int
	kind   string
	body   string
}

func ask(t *testing.T, h http.Handler, method, path, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "http://shop.example/monitoring/"+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Content-Type"), w.Body.String()}
}

func TestEachPathAnswersWhomItShould(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{
		Dashboard: dashboard.Config{Authorize: viewers},
		Mount:     map[string]http.Handler{"/metrics": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "up 1") })},
	})
	page, data := "text/html; charset=utf-8", "application/json"
	for _, tc := range []struct {
		method, path, body, kind            string
		nobody, executive, looker, operator int
	}{
		{"GET", "", "", "", 401, 302, 302, 302},
		{"GET", "executive", "", page, 401, 200, 403, 403},
		{"GET", "operations", "", page, 401, 403, 200, 200},
		{"GET", "product", "", "", 401, 403, 403, 403},
		{"GET", "finance", "", "", 401, 404, 404, 404},
		{"GET", "api/pages/operations?from=-1h", "", data, 401, 403, 200, 200},
		{"GET", "api/pages/executive?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "", data, 401, 200, 403, 403},
		{"GET", "api/pages/operations?from=yesterday", "", "", 401, 403, 400, 400},
		{"GET", "api/pages/nothing", "", "", 401, 404, 404, 404},
		{"GET", "api/alerts", "", data, 401, 200, 200, 200},
		{"POST", "api/alerts/none/acknowledge", "", "", 401, 403, 403, 404},
		{"POST", "api/alerts/none/resolve", "", "", 401, 403, 403, 404},
		{"GET", "api/logs", "", data, 401, 403, 200, 200},
		{"GET", "api/logs?correlation_id=none", "", data, 401, 403, 200, 200},
		{"GET", "api/database", "", data, 401, 403, 200, 200},
		{"GET", "api/log-level", "", data, 401, 403, 200, 200},
		{"PUT", "api/log-level", `{"level":"debug"}`, data, 401, 403, 403, 200},
		{"PUT", "api/log-level", `{"level":"loud"}`, "", 401, 403, 403, 400},
		{"PUT", "api/log-level", `{`, "", 401, 403, 403, 400},
		{"POST", "api/log-level", `{}`, "", 401, 405, 405, 405},
		{"GET", "metrics", "", "text/plain; charset=utf-8", 401, 200, 200, 200},
		{"GET", "nothing", "", "", 401, 404, 404, 404},
		{"GET", "health", "", data, 200, 200, 200, 200},
		{"GET", "vitals.js", "", "text/javascript; charset=utf-8", 200, 200, 200, 200},
		{"GET", "browser.json", "", data, 200, 200, 200, 200},
		{"POST", "beacon", `{"v":1,"route":"/","vitals":[]}`, "", 204, 204, 204, 204},
		{"POST", "beacon", `{"v":1,`, "", 400, 400, 400, 400},
		{"POST", "beacon", strings.Repeat(" ", 64<<10+1), "", 413, 413, 413, 413},
		{"GET", "beacon", "", "", 405, 405, 405, 405},
		{"POST", "tunnel", "{}\n", "", 404, 404, 404, 404},
	} {
		for _, v := range []struct {
			name string
			want int
		}{{"nobody", tc.nobody}, {"executive", tc.executive}, {"looker", tc.looker}, {"operator", tc.operator}} {
			got := ask(t, rec.Handler(), tc.method, tc.path, tc.body, "X-Viewer", v.name)
			what := fmt.Sprintf("%s %.40s %.20s as %s: %.200s", tc.method, tc.path, tc.body, v.name, got.body)
			assert.Equal(t, v.want, got.status, what)
			switch {
			case v.want >= 400:
				assert.Equal(t, "application/problem+json", got.kind, what)
				var p struct {
					Type, Title string
					Status      int
				}
				require.NoError(t, json.Unmarshal([]byte(got.body), &p), what)
				assert.Equal(t, v.want, p.Status, what)
				assert.NotEmpty(t, p.Title, what)
			case v.want == 200:
				assert.Equal(t, tc.kind, got.kind, what)
			}
		}
	}
	assert.Equal(t, slog.LevelDebug, rec.Log.Level(), "the operator's PUT")
	level := ask(t, rec.Handler(), "GET", "api/log-level", "", "X-Viewer", "looker").body
	assert.Contains(t, level, `{"level":"debug","base":"info","overrides":[{"logger":"","level":"debug"`)
	assert.Contains(t, level, `"by":"operator"`, "who set it")
}

func TestTooManyBeaconsAreRefused(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	var last answer
	for range 1000 {
		if last = ask(t, rec.Handler(), "POST", "beacon", `{"v":1}`); last.status == http.StatusTooManyRequests {
			break
		}
	}
	assert.Equal(t, http.StatusTooManyRequests, last.status)
	assert.Equal(t, "application/problem+json", last.kind)
}

func TestTheTunnelTakesOurProjectOnly(t *testing.T) {
	s := sentrytest.New(t)
	c := quiet(t)
	c.Errors.DSN = s.DSN
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	defer stop(t, m)
	got := ask(t, m.Handler(), "POST", "tunnel", `{"dsn":"https://key@evil.example/1"}`+"\n{}\n{}")
	assert.Equal(t, 403, got.status)
	assert.Equal(t, "application/problem+json", got.kind)
	assert.Zero(t, s.Attempts())
	assert.Equal(t, 200, ask(t, m.Handler(), "POST", "tunnel", `{"dsn":"`+s.DSN+`"}`+"\n{\"type\":\"session\"}\n{}").status)
	assert.Contains(t, ask(t, m.Handler(), "GET", "browser.json", "").body, s.DSN)
}

// Case 88: NaN and infinities are null in JSON, never a 500.
func TestCase88LogsWithNaNAreReadable(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	ctx := logging.WithCorrelationID(t.Context(), "job-7")
	logging.FromContext(ctx).Error("odd", "nan", math.NaN(), "deep", map[string]any{"inf": math.Inf(1), "n": 1}, "list", []float64{math.NaN()})
	logging.FromContext(t.Context()).Info("another's")
	r := httptest.NewRequest(http.MethodGet, "http://localhost/monitoring/api/logs?correlation_id=job-7", nil)
	r.RemoteAddr = "127.0.0.1:9"
	w := httptest.NewRecorder()
	rec.Handler().ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
	var got struct{ Records []map[string]any }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got), w.Body.String())
	require.Len(t, got.Records, 1)
	assert.Equal(t, "error", got.Records[0]["level"])
	assert.Equal(t, "odd", got.Records[0]["message"])
	assert.Equal(t, "job-7", got.Records[0]["correlation_id"])
	attrs := got.Records[0]["attrs"].(map[string]any)
	assert.Nil(t, attrs["nan"])
	assert.Contains(t, attrs, "nan")
}

func TestWhoLooksAtTheDashboardsIsNoActiveUser(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Dashboard: dashboard.Config{Authorize: viewers}})
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", rec.Handler())
	mux.HandleFunc("/shop", func(_ http.ResponseWriter, r *http.Request) {
		errortracking.WithUser(r.Context(), errortracking.User{ID: "shopper"})
	})
	h := rec.Middleware(mux)
	require.Equal(t, 200, ask(t, h, "GET", "api/alerts", "", "X-Viewer", "operator").status)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/shop", nil))
	rec.Advance(10 * time.Second)
	readings, err := rec.Metrics.Read("active_users")
	require.NoError(t, err)
	assert.InDelta(t, 1, readings[0].Value, 0)
}

func TestAnAlertIsAcknowledgedByTheViewer(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Dashboard: dashboard.Config{Authorize: viewers}})
	a, err := alerting.CreateAlert(t.Context(), alerting.Alert{Title: "disk", Severity: alerting.P1})
	require.NoError(t, err)
	got := ask(t, rec.Handler(), "POST", "api/alerts/"+a.ID+"/acknowledge", "", "X-Viewer", "operator")
	assert.Less(t, got.status, 300, got.body)
	assert.Equal(t, "operator", alerting.Active()[0].AcknowledgedBy)
	got = ask(t, rec.Handler(), "POST", "api/alerts/"+a.ID+"/resolve", "", "X-Viewer", "operator")
	assert.Less(t, got.status, 300, got.body)
	assert.Empty(t, alerting.Active())
}

// Case 12, and the order of start being free: nothing panics, IDs stay.
func TestEverythingWorksBeforeInitAfterTheRequestAndAfterShutdown(t *testing.T) {
	late := func(ctx context.Context) {
		assert.NotPanics(t, func() {
			errortracking.CaptureException(ctx, errors.New("late"))
			errortracking.CaptureMessage(ctx, slog.LevelError, "late")
			errortracking.AddBreadcrumb(ctx, errortracking.Breadcrumb{Message: "late"})
			logging.FromContext(ctx).Critical("late")
		})
	}
	silence := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer slog.SetDefault(silence)
	late(t.Context())
	rec := monitoringtest.New(t, monitoring.Config{})
	var kept context.Context
	w := httptest.NewRecorder()
	rec.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		kept = errortracking.WithUser(r.Context(), errortracking.User{ID: "u1"})
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	id := w.Header().Get("X-Request-ID")
	late(kept)
	assert.Equal(t, id, logging.CorrelationID(kept))
	require.NotEmpty(t, rec.Exceptions())
	for _, e := range rec.Exceptions() {
		assert.Equal(t, id, e.CorrelationID)
		assert.Equal(t, "u1", e.User.ID)
	}
	require.NoError(t, rec.Shutdown(t.Context()))
	late(kept)
	assert.Equal(t, 503, ask(t, rec.Handler(), "GET", "health", "").status)
}
