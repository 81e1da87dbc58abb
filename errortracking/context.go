package errortracking

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

const (
	maxCrumbs    = 100 // outside a request
	maxCrumbData = 20  // values of one breadcrumb
)

// WithLevel makes errors captured with the returned context have this level,
// whatever their class says.
func WithLevel(ctx context.Context, level slog.Level) context.Context {
	return reqctx.WithLevel(ctx, level)
}

// WithUser says who the returned context acts for. Inside an HTTP request it
// is the request's user too, so that the middlewares outside see it.
func WithUser(ctx context.Context, u User) context.Context {
	return reqctx.WithUser(ctx, reqctx.User(u))
}

// AddBreadcrumb notes what happened, for an event that may come later in the
// same request: at most 100, the oldest go first. Without a request in ctx it
// is kept with the default Tracker, for events that have no request either.
func AddBreadcrumb(ctx context.Context, b Breadcrumb) {
	if b.At.IsZero() {
		b.At = time.Now()
	}
	crumb := reqctx.Breadcrumb{Category: b.Category, Message: b.Message, Level: b.Level, Data: copyData(b.Data), At: b.At}
	if s := reqctx.From(ctx); s != nil {
		s.Request.AddBreadcrumb(crumb)
		return
	}
	if t := Default(); t != nil {
		t.crumbs.add(crumb)
	}
}

// copyData keeps a copy, as the caller may go on writing to the map, and to
// what is in it.
func copyData(data map[string]any) map[string]any {
	if data == nil {
		return nil
	}
	few := make(map[string]any, min(len(data), maxCrumbData))
	for k, v := range data {
		if len(few) == maxCrumbData {
			break
		}
		if !immutable(v) {
			v = (*redact.Redactor)(nil).Plain(k, v) // a copy; masked again by the Tracker's own
		}
		few[k] = v
	}
	return few
}

// ring keeps the breadcrumbs of code that has no request.
type ring struct {
	mu   sync.Mutex
	all  []reqctx.Breadcrumb
	next int
}

func (r *ring) add(b reqctx.Breadcrumb) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) < maxCrumbs {
		r.all = append(r.all, b)
		return
	}
	r.all[r.next] = b
	r.next = (r.next + 1) % maxCrumbs
}

func (r *ring) list() []reqctx.Breadcrumb {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(append([]reqctx.Breadcrumb(nil), r.all[r.next:]...), r.all[:r.next]...)
}
