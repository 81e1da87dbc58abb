package routers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/examples/routers"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// built are the same service on each router: two routes, one of them below a
// sub-router, one that panics, one that upgrades.
func built() map[string]http.Handler {
	upgrade := func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			_ = c.Close(websocket.StatusNormalClosure, "")
		}
	}

	c := chi.NewRouter()
	c.Use(routers.Chi)
	c.Get("/orders/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	c.Route("/api", func(c chi.Router) {
		c.Get("/users/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		c.Get("/panic/{id}", func(http.ResponseWriter, *http.Request) { panic("boom") })
		c.Get("/ws", upgrade)
	})

	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.Use(routers.Gin)
	g.GET("/orders/:id", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	api := g.Group("/api")
	api.GET("/users/:id", func(c *gin.Context) { c.Status(http.StatusTeapot) })
	api.GET("/panic/:id", func(*gin.Context) { panic("boom") })
	api.GET("/ws", func(c *gin.Context) { upgrade(c.Writer, c.Request) })

	e := echo.New()
	e.Use(routers.Echo)
	e.GET("/orders/:id", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	sub := e.Group("/api")
	sub.GET("/users/:id", func(echo.Context) error { return echo.NewHTTPError(http.StatusTeapot) })
	sub.GET("/panic/:id", func(echo.Context) error { panic("boom") })
	sub.GET("/ws", func(c echo.Context) error { upgrade(c.Response(), c.Request()); return nil })

	return map[string]http.Handler{"chi": c, "gin": g, "echo": e}
}

// counted are the series of a metric.
func counted(m *perfmon.Monitor, name string) map[string]uint64 {
	counts := map[string]uint64{}
	m.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				if p.Hist.Count > 0 {
					counts[strings.Join(p.Values, " ")] += p.Hist.Count
				}
			}
		}
	})
	return counts
}

// Case 34: the route is the router's pattern, also of a sub-router and of a
// handler that panicked, and never the raw path.
func TestCase34TheRouteIsTheRoutersPattern(t *testing.T) {
	for name, router := range built() {
		t.Run(name, func(t *testing.T) {
			m, err := perfmon.New(perfmon.Config{})
			require.NoError(t, err)
			defer func() { _ = m.Close(context.Background()) }()
			h := m.Middleware(router)
			for _, path := range []string{"/orders/secret-1", "/api/users/secret-2", "/api/panic/secret-3", "/secret-4/secret-5", "/api/secret-6"} {
				func() {
					defer func() { _ = recover() }()
					h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
				}()
			}
			counts := counted(m, "http.server.request.duration")
			for key := range counts {
				assert.NotContains(t, key, "secret")
			}
			id := "{id}"
			if name != "chi" {
				id = ":id"
			}
			assert.EqualValues(t, 1, counts["GET /orders/"+id+" ok"], counts)
			assert.EqualValues(t, 1, counts["GET /api/users/"+id+" client_error"], counts)
			assert.EqualValues(t, 1, counts["GET /api/panic/"+id+" error"], counts)
			assert.EqualValues(t, 2, counts["GET  client_error"]+counts["GET /api/* client_error"], counts)
		})
	}
}

func TestAWebSocketIsAStreamBehindEachRouter(t *testing.T) {
	for name, router := range built() {
		t.Run(name, func(t *testing.T) {
			m, err := perfmon.New(perfmon.Config{})
			require.NoError(t, err)
			defer func() { _ = m.Close(context.Background()) }()
			srv := httptest.NewServer(m.Middleware(router))
			c, _, err := websocket.Dial(t.Context(), srv.URL+"/api/ws", nil)
			require.NoError(t, err)
			_, _, err = c.Read(t.Context())
			assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
			srv.Close()
			assert.Eventually(t, func() bool { return counted(m, "http.server.stream.duration")["/api/ws"] == 1 }, 5e9, 1e6)
			assert.Empty(t, counted(m, "http.server.request.duration"))
		})
	}
}
