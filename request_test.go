package monitoring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
)

// watched is a service whose errors go to a Sentry-protocol receiver and whose
// log goes to a buffer.
type watched struct {
	*monitoring.Monitor
	sentry *sentrytest.Server
	log    *bytes.Buffer
}

func watch(t *testing.T, handler func(*watched) http.HandlerFunc) (*watched, *http.Response) {
	t.Helper()
	s := &watched{sentry: sentrytest.New(t), log: &bytes.Buffer{}}
	c := quiet(t)
	c.Errors.DSN = s.sentry.DSN
	c.Log.Output = s.log
	var err error
	s.Monitor, err = monitoring.Init(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { stop(t, s.Monitor) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", handler(s))
	srv := httptest.NewServer(s.Middleware(mux))
	t.Cleanup(srv.Close)
	res, err := srv.Client().Get(srv.URL + "/orders/7")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, s.Errors.Flush(ctx))
	return s, res
}

// lines are the log's records of error and above.
func (s *watched) lines(t *testing.T) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(s.log.String()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record), line)
		if record["level"] == "error" || record["level"] == "critical" {
			lines = append(lines, record)
		}
	}
	return lines
}

func TestOneFailingHandlerIsOneEventAndOneLine(t *testing.T) {
	boom := errors.New("the provider refused")
	user := func(r *http.Request) context.Context {
		return errortracking.WithUser(r.Context(), errortracking.User{ID: "u1", Email: "ada@shop.example", Role: "client"})
	}
	for name, tc := range map[string]struct {
		handler func(*watched) http.HandlerFunc
		status  int
	}{
		"captured and logged": {func(s *watched) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				ctx := user(r)
				errortracking.CaptureException(ctx, boom)
				logging.FromContext(ctx).ErrorContext(ctx, "order failed", logging.Err(boom))
				http.Error(w, "try again", http.StatusInternalServerError)
			}
		}, 500},
		"only logged": {func(s *watched) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				logging.FromContext(user(r)).Error("order failed", logging.Err(boom))
				http.Error(w, "try again", http.StatusInternalServerError)
			}
		}, 500},
		"panicked": {func(*watched) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) {
				user(r)
				panic(boom)
			}
		}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			s, res := watch(t, tc.handler)
			id := res.Header.Get("X-Request-ID")
			require.NotEmpty(t, id)
			assert.Equal(t, tc.status, res.StatusCode)

			events := s.sentry.Events()
			require.Len(t, events, 1)
			assert.Equal(t, id, events[0].Text("tags.correlation_id"))
			assert.Equal(t, "u1", events[0].Text("user.id"))
			assert.Empty(t, events[0].Text("user.email"), "an address goes out only if Allow names it")
			assert.Equal(t, "/orders/{id}", events[0].Text("transaction"))

			lines := s.lines(t)
			require.Len(t, lines, 1)
			assert.Equal(t, id, lines[0]["correlation_id"])
			assert.Equal(t, "u1", lines[0]["user_id"])
			assert.Equal(t, "/orders/{id}", lines[0]["route"])
		})
	}
}

// Case 22: the same safe ID in answer and log.
func TestAHostileRequestIDIsReplacedEverywhere(t *testing.T) {
	for i, hostile := range []string{"bad id\" {injected}", "a\tb", strings.Repeat("x", 129), "é", "../../etc", "<script>", "%0d%0a"} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			log := &bytes.Buffer{}
			c := quiet(t)
			c.Log.Output = log
			m, err := monitoring.New(t.Context(), c)
			require.NoError(t, err)
			defer stop(t, m)
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header["X-Request-Id"] = []string{hostile}
			w := httptest.NewRecorder()
			m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				m.Log.InfoContext(r.Context(), "seen")
			})).ServeHTTP(w, r)
			id := w.Header().Get("X-Request-ID")
			assert.Regexp(t, `^[A-Za-z0-9._-]{1,128}$`, id)
			assert.NotEqual(t, hostile, id)
			assert.NotContains(t, log.String(), hostile)
			assert.Contains(t, log.String(), id)
		})
	}
}

func TestTheWholeMiddlewareCostsFiveAllocationsAtMost(t *testing.T) {
	m, err := monitoring.New(t.Context(), quiet(t))
	require.NoError(t, err)
	defer stop(t, m)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	h := m.Middleware(mux)
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }), 5.0, "the mux's own included")
}

func TestAnAlertInTheLogIsNoError(t *testing.T) {
	sentry := sentrytest.New(t)
	c := quiet(t)
	c.Errors.DSN = sentry.DSN
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	_, err = m.Alerts.CreateAlert(t.Context(), alerting.Alert{Severity: alerting.P0, Title: "payments fail"})
	require.NoError(t, err)
	require.NoError(t, m.Alerts.Flush(t.Context()))
	stop(t, m)
	assert.Empty(t, sentry.Events())
	assert.Contains(t, m.Log.Recent("")[1].Message, "payments fail")
}

// Case 24: no raw path and no query in the log, on a 404 neither.
func TestCase24NoRawPathReachesTheLog(t *testing.T) {
	log := &bytes.Buffer{}
	c := quiet(t)
	c.Log.Output = log
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	defer stop(t, m)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, r *http.Request) {
		m.Log.InfoContext(r.Context(), "seen")
		panic("boom")
	})
	h := m.Middleware(mux)
	for _, path := range []string{"/nowhere/private-1?q=private-2", "/orders/private-3?token=private-4"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	assert.Contains(t, log.String(), `"route":"/orders/{id}"`)
	assert.NotContains(t, log.String(), "private-")
}
