package dbmon

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// tracked is the name for the queries under a context. It is itself the
// context, so that it costs one allocation.
type tracked struct {
	context.Context
	name  string
	outer *tracked

	// Of TrackQuery only:
	m     *Monitor
	query *query
	start time.Duration
	inner atomic.Bool // something inside has been counted
}

type trackedKey struct{}

// Value answers its own key, else asks the parent.
func (t *tracked) Value(key any) any {
	if key == (trackedKey{}) {
		return t
	}
	return t.Context.Value(key)
}

func trackedOf(ctx context.Context) *tracked {
	t, _ := ctx.Value(trackedKey{}).(*tracked)
	return t
}

func newTracked(ctx context.Context, name string) *tracked {
	if ctx == nil {
		ctx = context.Background()
	}
	return &tracked{Context: ctx, name: name, outer: trackedOf(ctx)}
}

// mark tells the functions around a counted query that it was counted.
func (t *tracked) mark(m *Monitor) {
	for ; t != nil; t = t.outer {
		if t.m == m {
			t.inner.Store(true)
		}
	}
}

// queryFor is the name's query in m.
func (t *tracked) queryFor(m *Monitor) *query {
	if t.m == m {
		return t.query
	}
	return m.named(t.name)
}

// end counts the tracked function itself, unless what it did was counted.
func (t *tracked) end(failed func() string) {
	if t.m == nil || t.inner.Load() {
		return
	}
	t.outer.mark(t.m)
	scope, took, kind := reqctx.From(t.Context), t.m.since()-t.start, failed()
	t.m.count(scope, t.query, t.name, took, 0, kind)
	if scope.Recording() {
		addSpan(scope, t.query, took, kind)
	}
}

// WithName names the queries that run under the returned context. The inner
// name holds, and holds over a name in the query's text. Names are for a
// bounded set of places in the code: past 500 they are counted as "other".
func WithName(ctx context.Context, name string) context.Context { return newTracked(ctx, name) }

// TrackQuery runs fn, gives back what it returns, and counts it under name, on
// the default [Monitor]; without one it just runs fn.
//
// Queries that a [Tracer] sees inside are counted under name, once each, with
// their own time. If it sees none (fn does not use pgx, or got no connection),
// the call of fn counts as the one query. A panic of fn counts as a failure and
// goes on.
func TrackQuery[T any](ctx context.Context, name string, fn func(ctx context.Context) (T, error)) (T, error) {
	return TrackQueryIn(ctx, Default(), name, fn)
}

// TrackQueryIn is [TrackQuery] on m; a nil m just runs fn.
func TrackQueryIn[T any](ctx context.Context, m *Monitor, name string, fn func(ctx context.Context) (T, error)) (T, error) {
	t := newTracked(ctx, name)
	if m.active() {
		t.m, t.query, t.start = m, m.named(name), m.since()
	}
	returned := false
	defer func() {
		if !returned {
			t.end(func() string { return typePanic })
		}
	}()
	v, err := fn(t)
	returned = true
	t.end(func() string { return errorType(err) })
	return v, err
}
