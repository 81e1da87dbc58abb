package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/access"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/problem"
)

// Dashboard is the handler of the pages. Make one with [New]. Safe for
// concurrent use; a nil one answers 404.
type Dashboard struct {
	cfg    Config
	shown  []Page // with panels, in the order of the tabs
	panels map[Page][]*panel
	byID   map[string]*panel
	guard  access.Guard
	mux    *http.ServeMux
	origin *http.CrossOriginProtection
	csp    string
	epoch  string // of the IDs of events: another process, another epoch

	life   context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup // all goroutines
	kick   chan struct{}  // something is new
	gen    atomic.Uint64  // how often something was
	boards boards
	closed atomic.Bool
}

// panel is one of Config.Panels and how many readings of it are under way.
type panel struct {
	Panel
	busy atomic.Int32
}

// New checks c and starts what keeps the panels fresh. A wrong setting is an
// error that Is [ErrInvalid] and names its field, all wrong ones at once.
func New(c Config) (*Dashboard, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d := &Dashboard{
		cfg: c.withDefaults(), panels: map[Page][]*panel{}, byID: map[string]*panel{},
		origin: http.NewCrossOriginProtection(), kick: make(chan struct{}, 1),
	}
	d.life, d.end = context.WithCancel(context.Background())
	d.epoch = fmt.Sprintf("%x", time.Now().UnixNano())
	for _, p := range d.cfg.Panels {
		if p.Width == 0 {
			p.Width = -1 // by kind, once it is known
		}
		held := &panel{Panel: p}
		d.panels[p.Page] = append(d.panels[p.Page], held)
		d.byID[p.ID] = held
	}
	for _, p := range pages {
		if len(d.panels[p]) > 0 {
			d.shown = append(d.shown, p)
		}
	}
	d.guard = d.cfg.guard(d.shown)
	d.csp = policy(d.cfg.FrameAncestors)
	if err := d.routes(); err != nil {
		d.end()
		return nil, err
	}
	if !c.Disabled && len(d.shown) > 0 {
		d.keepFresh()
	}
	return d, nil
}

// routes fills the mux. A pattern that the mux refuses is a fault of its Route.
func (d *Dashboard) routes() error {
	d.mux = http.NewServeMux()
	d.mux.HandleFunc("GET /{$}", d.home)
	for _, p := range pages { // by name: a wildcard would clash with a Route such as "/metrics"
		d.mux.HandleFunc("GET /"+string(p), func(w http.ResponseWriter, r *http.Request) { d.page(w, r, p) })
	}
	d.mux.HandleFunc("GET /assets/{file}", d.asset)
	d.mux.HandleFunc("GET /events", d.events)
	d.mux.HandleFunc("GET /api/pages/{page}", d.apiPage)
	d.mux.HandleFunc("GET /api/panels/{file}", d.apiPanel)
	var f config.Faults
	for i, r := range d.cfg.Routes {
		if err := handle(d.mux, r.Pattern, d.guarded(r.Page, r.Write, r.Handler)); err != nil {
			f.Add(fmt.Sprintf("Routes[%d].Pattern", i), "a pattern that clashes with no other: "+err.Error(), r.Pattern)
		}
	}
	return f.Err()
}

func handle(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// ServeHTTP answers pages, JSON, CSV, streams, assets and the routes, whether
// the prefix is still in the path or not.
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d == nil || d.cfg.Disabled {
		problem.Write(w, http.StatusNotFound, "the dashboards are switched off")
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", d.csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if len(d.cfg.FrameAncestors) == 0 {
		h.Set("X-Frame-Options", "DENY") // for what does not know frame-ancestors
	}
	if err := d.origin.Check(r); err != nil {
		problem.Write(w, http.StatusForbidden, "a write from another site")
		return
	}
	if r.URL.Path == d.cfg.Prefix {
		h.Set("Location", path.Base(d.cfg.Prefix)+"/")
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	inner, handler := d.route(r)
	if handler == nil {
		d.unknown(w, r)
		return
	}
	handler.ServeHTTP(w, inner)
}

// route finds the handler of r below any prefix: the longest end of the path
// that is one of ours. The request that it returns has the prefix cut off.
func (d *Dashboard) route(r *http.Request) (*http.Request, http.Handler) {
	for _, p := range tails(r.URL.Path, d.cfg.Prefix) {
		inner := at(r, p)
		if _, pattern := d.mux.Handler(inner); pattern != "" {
			return inner, d.mux
		}
	}
	return r, nil
}

// tails are the paths to try, the known prefix first cut off.
func tails(p, prefix string) []string {
	if p == "" || p[0] != '/' || (path.Clean(p) != p && path.Clean(p)+"/" != p) {
		return nil // what the mux would redirect to a path without the prefix
	}
	p = "/" + strings.TrimPrefix(strings.TrimPrefix(p, prefix+"/"), "/")
	out := []string{p}
	for len(out) < 8 {
		_, rest, more := strings.Cut(p[1:], "/")
		if !more {
			break
		}
		p = "/" + rest
		out = append(out, p)
	}
	return out
}

// at is r with another path.
func at(r *http.Request, p string) *http.Request {
	inner := r.WithContext(r.Context())
	u := *r.URL
	u.Path, u.RawPath = p, ""
	inner.URL = &u
	return inner
}

// unknown answers 405 where another method would do, else 404.
func (d *Dashboard) unknown(w http.ResponseWriter, r *http.Request) {
	if _, err := d.guard.Viewer(r); err != nil {
		refuse(w, err)
		return
	}
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.WithContext(r.Context())
		other.Method = m
		if _, h := d.route(other); h != nil {
			allow = append(allow, m)
		}
	}
	if len(allow) > 0 && !slices.Contains(allow, r.Method) {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		problem.Write(w, http.StatusMethodNotAllowed, "this path takes "+strings.Join(allow, ", "))
		return
	}
	problem.Write(w, http.StatusNotFound, "there is nothing here")
}

// Close ends the streams at once and waits, until ctx is done, for what is
// under way. It may come twice.
func (d *Dashboard) Close(ctx context.Context) error {
	if d == nil {
		return nil
	}
	d.closed.Store(true)
	d.end()
	done := make(chan struct{})
	go func() { d.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the dashboards: a panel has not returned: %w", ctx.Err())
	}
}
