package errortracking

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

var installed atomic.Pointer[Tracker]

// Default is the Tracker that package functions act on; nil if there is none.
func Default() *Tracker { return installed.Load() }

// SetDefault installs t for package functions; nil uninstalls.
func SetDefault(t *Tracker) { installed.Store(t) }

// CaptureException acts on the default Tracker, see
// [Tracker.CaptureException]. Without one err goes to slog.Default.
func CaptureException(ctx context.Context, err error, args ...any) (eventID string) {
	t := Default()
	if t == nil || err == nil {
		return t.CaptureException(ctx, err, args...)
	}
	o := occurrence{err: err, args: args}
	o.called()
	return t.capture(ctx, &o)
}

// CaptureMessage acts on the default Tracker, see [Tracker.CaptureMessage].
// Without one the message goes to slog.Default.
func CaptureMessage(ctx context.Context, level slog.Level, msg string, args ...any) (eventID string) {
	t := Default()
	if t == nil {
		return t.CaptureMessage(ctx, level, msg, args...)
	}
	o := occurrence{msg: msg, level: &level, args: args}
	o.called()
	return t.capture(ctx, &o)
}

// StartTransaction acts on the default Tracker, see
// [Tracker.StartTransaction]. Without one nothing is recorded.
func StartTransaction(ctx context.Context, name string) (_ context.Context, end func(err error)) {
	return Default().StartTransaction(ctx, name)
}

// Recover is to be deferred in a goroutine: it captures a panic with the
// default Tracker, on disk when it goes on, and panics on.
//
//	go func() {
//		defer errortracking.Recover(ctx)
//		work(ctx)
//	}()
func Recover(ctx context.Context) {
	p := recover()
	if p == nil {
		return
	}
	if t := Default(); t != nil {
		t.capturePanic(ctx, p, LevelCritical, panicSite())
	}
	panic(p)
}

// Classify acts on the default Tracker, see [Tracker.Classify].
func Classify(err error) Class { return Default().Classify(err) }

// logOnly is what is left where there is no Tracker.
func logOnly(ctx context.Context, level slog.Level, err error, msg string, args []any) {
	if ctx == nil {
		ctx = context.Background()
	}
	var r *redact.Redactor
	attrs := []slog.Attr{}
	if err != nil {
		attrs = append(attrs, slog.String("error", r.Text(errorText(err))))
	}
	var rec slog.Record
	rec.Add(args...)
	rec.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, r.Attr(nil, a))
		return true
	})
	slog.Default().LogAttrs(reqctx.NoEvent(ctx), level, r.Text(msg), attrs...)
}
