package monitoring

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/internal/panels"
	"github.com/distri-night/monitoring/internal/problem"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// Middleware gives each request its IDs, captures its panics and measures it.
// From outside in: logging, errortracking, perfmon, next.
func (m *Monitor) Middleware(next http.Handler) http.Handler {
	if m == nil || m.config.Disabled {
		return next
	}
	return m.Log.Middleware(m.Errors.Middleware(m.Perf.Middleware(next)))
}

// Transport hands the IDs and the trace of the request in whose context a call
// is made on to whoever gets it, and measures the call by host; see the
// packages' own Transports. nil: http.DefaultTransport.
func (m *Monitor) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	if m == nil || m.config.Disabled {
		return next
	}
	return m.Log.Transport(m.Perf.Transport(next))
}

// Handler serves the dashboards, their data, the browser's side and /health
// below the path at which it is mounted, such as "/monitoring/". All links are
// relative, so the prefix is the service's choice.
func (m *Monitor) Handler() http.Handler {
	if m == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			problem.Write(w, http.StatusNotFound, "monitoring is not started")
		})
	}
	return m.handler
}

// newHandler routes what is public; all else is the dashboard's, which guards it.
func (m *Monitor) newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/beacon", m.Perf.Beacon())
	mux.Handle("GET /vitals.js", m.Perf.Script())
	mux.Handle("GET /browser.json", m.Errors.BrowserConfig())
	mux.Handle("/tunnel", m.Errors.Tunnel())
	mux.HandleFunc("GET /health", m.health)
	mux.Handle("/", m.dashboard)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := reqctx.From(r.Context()); s != nil {
			s.Request.Exclude()
		}
		mux.ServeHTTP(w, below(r))
	})
}

// below is r with its path from the mount on: what the ServeMux pattern that
// led here covers is taken off.
func below(r *http.Request) *http.Request {
	prefix := strings.TrimSuffix(reqctx.PatternRoute(r.Pattern), "/")
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	if !ok || prefix == "" || strings.ContainsAny(prefix, "{}") {
		path = r.URL.Path
		if i := strings.LastIndex(path, "/monitoring/"); i >= 0 { // another router's mount
			path = path[i+len("/monitoring"):]
		}
	}
	if path == "" {
		path = "/"
	}
	if path == r.URL.Path {
		return r
	}
	copied := *r
	u := *r.URL
	u.Path, u.RawPath = path, ""
	copied.URL = &u
	return &copied
}

// health answers without figures: ok or degraded while the service runs, 503
// once Shutdown has begun.
func (m *Monitor) health(w http.ResponseWriter, _ *http.Request) {
	status, code := "ok", http.StatusOK
	switch {
	case m.closing.Load():
		status, code = "stopping", http.StatusServiceUnavailable
	case m.degraded():
		status = "degraded"
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status})
}

// newDashboard brings the built-in panels, the service's own, and the routes
// beside them together.
func (m *Monitor) newDashboard() (*dashboard.Dashboard, error) {
	c := m.config.Dashboard
	if m.config.Release != unknownRelease {
		c.Version = m.config.Release
	}
	source := panels.Source{
		Metrics: m.Metrics, Errors: m.Errors, Log: m.Log, Perf: m.Perf, DB: m.DB, Business: m.Business, Alerts: m.Alerts,
		Location: c.Location, WeekStart: time.Monday, Now: m.now, Release: c.Version, Started: m.now(),
	}
	if start := m.config.Business.WeekStart; start != nil {
		source.WeekStart = *start
	}
	if !m.config.Disabled {
		c.Panels = append(panels.All(source), c.Panels...)
		c.Changed = m.Metrics.OnSample
	}
	routes := panels.Routes(source)
	for _, path := range slices.Sorted(maps.Keys(m.config.Mount)) {
		routes = append(routes, dashboard.Route{Pattern: path, Handler: m.config.Mount[path]})
	}
	c.Routes = append(routes, c.Routes...)
	about := []string{m.config.Service, m.config.Environment, m.config.Region}
	if c.Title == "" {
		c.Title, about[0] = m.config.Service, ""
	}
	if c.Subtitle == "" {
		c.Subtitle = strings.Join(slices.DeleteFunc(about, func(s string) bool { return s == "" }), " · ")
	}
	c.Now = m.now
	return dashboard.New(c)
}

// degraded reports whether a sink or a receiver is dead.
func (m *Monitor) degraded() bool {
	if m.config.Disabled {
		return false
	}
	_, err := m.Errors.Delivery()
	return err != nil || len(m.Alerts.Failing()) > 0
}
