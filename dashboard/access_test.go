package dashboard

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func guardedConfig() Config {
	done := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return Config{
		Authorize: byName,
		Panels: []Panel{
			number("up", Operations, Number{Value: 1}), number("rev", Executive, Number{Value: 1}),
			{ID: "tax", Title: "tax", Page: Finance, Data: value(Table{Columns: []string{"a"}, Rows: [][]any{{1}}})},
		},
		Routes: []Route{
			{Pattern: "GET /api/alerts", Handler: done},
			{Pattern: "GET /api/logs", Page: Operations, Handler: done},
			{Pattern: "POST /api/alerts/{id}/acknowledge", Page: Operations, Write: true, Handler: done},
		},
	}
}

func TestEveryPathAsksTheGuard(t *testing.T) {
	d := start(t, guardedConfig())
	for _, tc := range []struct {
		method, path          string
		anyone, ops, boss, no int // by viewer: none, ops, boss, one without pages
	}{
		{"GET", "/monitoring/", 401, 302, 302, 403},
		{"GET", "/monitoring/operations", 401, 200, 200, 403},
		{"GET", "/operations", 401, 200, 200, 403},
		{"GET", "/ops/monitoring/operations", 401, 200, 200, 403},
		{"GET", "/monitoring/executive", 401, 403, 200, 403},
		{"GET", "/monitoring/finance", 401, 403, 200, 403},
		{"GET", "/monitoring/product", 401, 404, 404, 404},
		{"GET", "/monitoring/unknown", 401, 404, 404, 404},
		{"GET", "/monitoring/api/pages/operations", 401, 200, 200, 403},
		{"GET", "/monitoring/api/pages/finance", 401, 403, 200, 403},
		{"GET", "/monitoring/api/pages/product", 401, 404, 404, 404},
		{"GET", "/monitoring/api/panels/tax.csv", 401, 403, 200, 403},
		{"GET", "/monitoring/api/panels/none.csv", 401, 404, 404, 404},
		{"GET", "/monitoring/events?page=finance", 401, 403, 0, 403},
		{"GET", "/monitoring/events?page=none", 401, 404, 404, 404},
		{"GET", "/monitoring/events", 401, 404, 404, 404},
		{"GET", "/monitoring/assets/" + assets().name["icon.svg"], 401, 200, 200, 200},
		{"GET", "/monitoring/assets/../panel.go", 401, 404, 404, 404},
		{"GET", "/monitoring/api/alerts", 401, 204, 204, 204},
		{"GET", "/monitoring/api/logs", 401, 204, 204, 403},
		{"POST", "/monitoring/api/alerts/7/acknowledge", 401, 403, 204, 403},
		{"POST", "/monitoring/operations", 401, 405, 405, 405},
		{"DELETE", "/monitoring/api/alerts", 401, 405, 405, 405},
		{"GET", "/monitoring//operations", 401, 404, 404, 404},
	} {
		for who, want := range map[string]int{"": tc.anyone, "ops": tc.ops, "boss": tc.boss, "nobody": tc.no} {
			if want == 0 {
				continue // a stream, which would not end
			}
			w := ask(d, tc.method, tc.path, "X-Who", who)
			assert.Equal(t, want, w.Code, "%s %s as %q", tc.method, tc.path, who)
			if want >= 400 {
				assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), tc.path)
				assert.NotContains(t, w.Body.String(), "sk-secret")
			}
			assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'")
			assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		}
	}
}

// Case 84: behind a proxy on the same machine every peer looks like loopback.
func TestWithoutAuthorizeAProxyIsRefused(t *testing.T) {
	c := guardedConfig()
	c.Authorize = nil
	d := start(t, c)
	assert.Equal(t, 200, ask(d, "GET", "/monitoring/operations").Code)
	for _, path := range []string{"/monitoring/operations", "/monitoring/api/pages/operations", "/monitoring/events?page=operations", "/monitoring/api/panels/tax.csv", "/monitoring/api/alerts"} {
		for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"} {
			w := ask(d, "GET", path, h, "203.0.113.9")
			assert.Equal(t, 403, w.Code, path+" "+h)
			assert.Contains(t, w.Body.String(), "Dashboard.Authorize")
		}
	}
}

func TestAWriteFromAnotherSiteIsRefused(t *testing.T) {
	d := start(t, guardedConfig())
	w := ask(d, "POST", "/monitoring/api/alerts/7/acknowledge", "X-Who", "boss", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, 403, w.Code)
	w = ask(d, "POST", "/monitoring/api/alerts/7/acknowledge", "X-Who", "boss", "Sec-Fetch-Site", "same-origin")
	assert.Equal(t, 204, w.Code)
}

func TestHomeLeadsToTheFirstPageTheViewerMaySee(t *testing.T) {
	d := start(t, guardedConfig())
	assert.Equal(t, "./operations", ask(d, "GET", "/monitoring/", "X-Who", "ops").Header().Get("Location"))
	assert.Equal(t, "./executive", ask(d, "GET", "/monitoring/", "X-Who", "boss").Header().Get("Location"))
	assert.Equal(t, "./finance", ask(d, "GET", "/", "X-Who", "cfo").Header().Get("Location"))
	assert.Equal(t, "monitoring/", ask(d, "GET", "/monitoring", "X-Who", "ops").Header().Get("Location"))
}

func TestAPageTellsOnlyOfPagesThatTheViewerMaySee(t *testing.T) {
	d := start(t, guardedConfig())
	for _, path := range []string{"/monitoring/operations", "/monitoring/api/pages/operations"} {
		body := ask(d, "GET", path, "X-Who", "ops").Body.String()
		assert.Contains(t, body, "operations")
		assert.NotContains(t, body, "finance", path)
	}
}

func TestPagesMayBeEmbeddedWhereTheConfigSays(t *testing.T) {
	c := guardedConfig()
	c.FrameAncestors = []string{"'self'", "https://wall.example"}
	w := ask(start(t, c), "GET", "/monitoring/operations", "X-Who", "ops")
	assert.Contains(t, w.Header().Get("Content-Security-Policy"), "frame-ancestors 'self' https://wall.example")
	assert.Empty(t, w.Header().Get("X-Frame-Options"))
}

func TestWrongSettingsAreNamedAllAtOnce(t *testing.T) {
	_, err := New(Config{
		Panels:         []Panel{{ID: "a b", Page: "home"}, {ID: "x", Page: Operations, Data: value(1), Width: 13}, {ID: "x", Page: Operations, Data: value(1)}},
		FrameAncestors: []string{"*; script-src *"}, Prefix: "monitoring/",
		Routes: []Route{{Pattern: "alerts"}},
	})
	require.ErrorIs(t, err, ErrInvalid)
	for _, field := range []string{"Panels[0].ID", "Panels[0].Page", "Panels[0].Data", "Panels[1].Width", "Panels[2].ID", "FrameAncestors[0]", "Prefix", "Routes[0].Handler", "Routes[0].Pattern"} {
		assert.ErrorContains(t, err, field)
	}
	ok := http.NotFoundHandler()
	_, err = New(Config{Routes: []Route{{Pattern: "GET /events", Handler: ok}}})
	assert.ErrorContains(t, err, "Routes[0].Pattern")
}

func TestANilOrDisabledDashboardIsInert(t *testing.T) {
	var none *Dashboard
	assert.Equal(t, 404, ask(none, "GET", "/monitoring/operations").Code)
	require.NoError(t, none.Close(context.Background()))
	c := guardedConfig()
	c.Disabled = true
	c.Changed = func(func(time.Time)) func() { t.Error("followed"); return nil }
	assert.Equal(t, 404, ask(start(t, c), "GET", "/monitoring/operations", "X-Who", "boss").Code)
}
