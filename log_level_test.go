package monitoring_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/monitoringtest"
)

func TestAnOperatorSetsTheLevelOfOneLoggerForAWhile(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Dashboard: dashboard.Config{Authorize: viewers}})
	db, http := rec.Log.Named("db").Named("pool"), rec.Log.Named("http")
	got := ask(t, rec.Handler(), "PUT", "api/log-level", `{"level":"debug","logger":"db","for":"10m"}`, "X-Viewer", "operator")
	require.Equal(t, 200, got.status, got.body)
	assert.Contains(t, got.body, `"loggers":{"db":"debug","db.pool":"debug","http":"info"}`)
	db.Debug("seen")
	http.Debug("not seen")
	var messages []string
	for _, r := range rec.Logs() {
		messages = append(messages, r.Message)
	}
	assert.Contains(t, messages, "seen")
	assert.NotContains(t, messages, "not seen")
	shown := ask(t, rec.Handler(), "GET", "api/log-level", "", "X-Viewer", "looker").body
	assert.Contains(t, shown, `"by":"operator"`)
	assert.Contains(t, shown, `"until":"2`)
	got = ask(t, rec.Handler(), "PUT", "api/log-level", `{"level":"loud"}`, "X-Viewer", "operator")
	assert.Equal(t, 400, got.status)
	assert.Contains(t, got.body, `"detail":"level: want`)
}

func TestTheLogLevelIsGuardedAsTheOperationsPageIs(t *testing.T) {
	for name, tc := range map[string]struct {
		authorize    func(*http.Request) (dashboard.Viewer, error)
		viewer, peer string
		header       http.Header
		get, put     int
	}{
		"an operator":                    {viewers, "operator", "203.0.113.9:1", nil, 200, 200},
		"without Write":                  {viewers, "looker", "203.0.113.9:1", nil, 200, 403},
		"without Operations":             {viewers, "executive", "203.0.113.9:1", nil, 403, 403},
		"nobody":                         {viewers, "", "203.0.113.9:1", nil, 401, 401},
		"an operator, by another site":   {viewers, "operator", "203.0.113.9:1", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 200, 403},
		"an operator, by another origin": {viewers, "operator", "203.0.113.9:1", http.Header{"Origin": {"https://evil.example"}}, 200, 403},
		"no Authorize, loopback":         {nil, "", "127.0.0.1:9", nil, 200, 200},
		"no Authorize, loopback, v6":     {nil, "", "[::1]:9", nil, 200, 200},
		"no Authorize, from outside":     {nil, "operator", "203.0.113.9:1", nil, 403, 403},
		"no Authorize, through a proxy":  {nil, "", "127.0.0.1:9", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, 403, 403},
		"no Authorize, by another site":  {nil, "", "127.0.0.1:9", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, 403},
	} {
		t.Run(name, func(t *testing.T) {
			rec := monitoringtest.New(t, monitoring.Config{Dashboard: dashboard.Config{Authorize: tc.authorize}})
			call := func(method, path, body string) int {
				r := httptest.NewRequest(method, "http://localhost/monitoring/"+path, strings.NewReader(body))
				r.RemoteAddr = tc.peer
				r.Header.Set("X-Viewer", tc.viewer)
				for k, v := range tc.header {
					r.Header[k] = v
				}
				w := httptest.NewRecorder()
				rec.Handler().ServeHTTP(w, r)
				return w.Code
			}
			assert.Equal(t, tc.get, call("GET", "api/log-level", ""))
			assert.Equal(t, tc.get, call("GET", "operations", ""), "the page")
			assert.Equal(t, tc.put, call("PUT", "api/log-level", `{"level":"error"}`))
			want := slog.LevelInfo
			if tc.put == 200 {
				want = slog.LevelError
			}
			assert.Equal(t, want, rec.Log.Level())
		})
	}
}
