package perfmon

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

type markKey struct{}

// Mark is a stretch of time with a name, from [Start] to End.
type Mark struct {
	monitor *Monitor
	ctx     context.Context
	name    string
	parent  *Mark
	start   time.Time
	span    *reqctx.OpenSpan // nil: the request is not recorded
}

// Start begins a mark on the default Monitor. Without one it still measures,
// and records nothing.
func Start(ctx context.Context, name string) *Mark { return Default().Start(ctx, name) }

// Start begins a mark. Names are few and fixed, such as "checkout"; past 200
// a new one counts as "other".
func (m *Monitor) Start(ctx context.Context, name string) *Mark {
	if ctx == nil {
		ctx = context.Background()
	}
	k := &Mark{monitor: m, name: name, start: time.Now()}
	k.parent, _ = ctx.Value(markKey{}).(*Mark)
	ctx, k.span = reqctx.StartSpan(ctx, reqctx.OpMark, name)
	k.ctx = context.WithValue(ctx, markKey{}, k)
	return k
}

// Context is for marks inside this one.
func (k *Mark) Context() context.Context { return k.ctx }

// Name is the mark's own name behind those of the marks around it, such as
// "checkout/pay".
func (k *Mark) Name() string {
	if k.parent == nil {
		return k.name
	}
	return k.parent.Name() + "/" + k.name
}

// End records the time since Start and returns it. Each call records; the
// first one also as a span of the request, where that is recorded.
func (k *Mark) End() time.Duration {
	took := time.Since(k.start)
	k.span.End("")
	if k.monitor != nil {
		k.monitor.marks.With(k.Name(), "server").Observe(took.Seconds())
	}
	return took
}
