package alerting

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

func ask(h http.Handler, method, path, kind, body string, user string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if user != "" {
		r = r.WithContext(reqctx.WithUser(r.Context(), reqctx.User{ID: user}))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAlertsAreListedAcknowledgedAndResolvedOverHTTP(t *testing.T) {
	b := newBench(t, Config{})
	h := b.Handler()
	assert.JSONEq(t, `{"alerts":[]}`, ask(h, "GET", "/api/alerts", "", "", "").Body.String())
	a, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "t"})
	require.NoError(t, err)
	path := "/api/alerts/" + a.ID

	for _, tc := range []struct{ kind, body, user, by string }{
		{"", "", "", "unnamed viewer"},
		{"application/json", `{"by":"ada"}`, "", "ada"},
		{"application/x-www-form-urlencoded", "by=grace", "", "grace"},
		{"application/json", `{"by":"mallory"}`, "ada", "ada"},
	} {
		w := ask(h, "POST", path+"/acknowledge", tc.kind, tc.body, tc.user)
		assert.Equal(t, 204, w.Code)
		assert.Equal(t, tc.by, b.Active()[0].AcknowledgedBy)
		assert.Equal(t, 204, ask(h, "POST", path+"/unacknowledge", "", "", "").Code)
		assert.Equal(t, Firing, b.Active()[0].State)
	}
	assert.Equal(t, 204, ask(h, "POST", path+"/resolve", "", "", "").Code)
	assert.Empty(t, b.Active())
	w := ask(h, "GET", "/api/alerts?since=-1h", "", "", "")
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var got struct{ Alerts []Alert }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Len(t, got.Alerts, 1)
	assert.Equal(t, Resolved, got.Alerts[0].State)
}

func TestHTTPFaultsAreProblems(t *testing.T) {
	b := newBench(t, Config{})
	a, err := b.CreateAlert(bg, Alert{Severity: P1, Title: "t"})
	require.NoError(t, err)
	for _, tc := range []struct {
		method, path, kind, body string
		status                   int
	}{
		{"POST", "/api/alerts/nope/acknowledge", "", "", 404},
		{"POST", "/api/alerts/nope/resolve", "", "", 404},
		{"POST", "/api/alerts/" + a.ID + "/acknowledge", "application/json", "{", 400},
		{"POST", "/api/alerts/" + a.ID + "/acknowledge", "application/x-www-form-urlencoded", "%zz", 400},
		{"POST", "/api/alerts/" + a.ID + "/acknowledge", "application/json", strings.Repeat(" ", maxBody+1), 413},
		{"GET", "/api/alerts?since=tomorrow", "", "", 400},
	} {
		w := ask(b.Handler(), tc.method, tc.path, tc.kind, tc.body, "")
		assert.Equal(t, tc.status, w.Code, tc.path)
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		assert.Contains(t, w.Body.String(), `"detail"`)
	}
	assert.Equal(t, Firing, b.Active()[0].State, "nothing has changed")
	assert.Equal(t, 503, ask((*Manager)(nil).Handler(), "GET", "/api/alerts", "", "", "").Code)
	assert.Equal(t, 503, ask((*Manager)(nil).Handler(), "POST", "/api/alerts/x/resolve", "", "", "").Code)
}
