package monitoring

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

const lateRecords = 16 // kept until there is a handler

// lateHandler passes records on to a handler that is made later: the registry
// warns through the log, which is sampled by the registry; the tracker warns
// through the log, whose errors go to the tracker. What comes before is kept
// and passed on first.
type lateHandler struct {
	h       atomic.Pointer[slog.Handler]
	mu      sync.Mutex // guards waiting
	waiting []slog.Record
}

func (l *lateHandler) set(h slog.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.waiting {
		if ctx := context.Background(); h.Enabled(ctx, r.Level) {
			_ = h.Handle(ctx, r)
		}
	}
	l.waiting = nil
	l.h.Store(&h)
}

func (l *lateHandler) Enabled(ctx context.Context, level slog.Level) bool {
	h := l.h.Load()
	return h == nil || (*h).Enabled(ctx, level)
}

func (l *lateHandler) Handle(ctx context.Context, r slog.Record) error {
	if h := l.h.Load(); h != nil {
		return (*h).Handle(ctx, r)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.h.Load(); h != nil { // set meanwhile
		return (*h).Handle(ctx, r)
	}
	if len(l.waiting) < lateRecords {
		l.waiting = append(l.waiting, r.Clone())
	}
	return nil
}

// WithAttrs and WithGroup wrap what is there by then, else stay as they are:
// before the handler stands nobody has a logger to derive from.
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
