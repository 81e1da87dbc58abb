package monitoring

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// lateHandler passes records on to a handler that is made after the log: the
// tracker warns through the log, and the log's errors go to the tracker.
type lateHandler struct{ h atomic.Pointer[slog.Handler] }

func (l *lateHandler) set(h slog.Handler) { l.h.Store(&h) }

func (l *lateHandler) Enabled(ctx context.Context, level slog.Level) bool {
	h := l.h.Load()
	return h != nil && (*h).Enabled(ctx, level)
}

func (l *lateHandler) Handle(ctx context.Context, r slog.Record) error {
	if h := l.h.Load(); h != nil {
		return (*h).Handle(ctx, r)
	}
	return nil
}

// WithAttrs and WithGroup wrap what is there by then, else stay as they are:
// before the tracker stands nobody has a logger to derive from.
func (l *lateHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if h := l.h.Load(); h != nil {
		return (*h).WithAttrs(attrs)
	}
	return l
}

func (l *lateHandler) WithGroup(name string) slog.Handler {
	if h := l.h.Load(); h != nil {
		return (*h).WithGroup(name)
	}
	return l
}
