package logging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// wanted reports whether some other handler is enabled for level.
func (k *core) wanted(ctx context.Context, level slog.Level) bool {
	for _, h := range k.extra {
		if enabled(ctx, h, level) {
			return true
		}
	}
	return false
}

// enabled asks h. One that panics gets the record, and says so there.
func enabled(ctx context.Context, h slog.Handler, level slog.Level) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = true
		}
	}()
	if ctx == nil {
		ctx = context.Background()
	}
	return h.Enabled(ctx, level)
}

// pass gives the record to the other handlers, with the IDs as attributes at
// its root. One that panics does not reach the service.
func (h *handler) pass(ctx context.Context, s *scratch, r *slog.Record, msg string) error {
	whole := slog.NewRecord(r.Time, r.Level, msg, r.PC)
	for i := range idCount {
		if v := s.ids.text(i); v != "" {
			whole.AddAttrs(slog.String(idNames[i], v))
		}
	}
	whole.AddAttrs(s.ctx...)
	whole.AddAttrs(h.nested(s.own)...)
	if ctx == nil {
		ctx = context.Background()
	}
	if h.from != nil && reqctx.From(ctx) == nil {
		ctx = h.from
	}
	var errs []error
	for _, extra := range h.core.extra {
		if err := h.core.hand(ctx, extra, whole.Clone()); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func passTo(ctx context.Context, h slog.Handler, r slog.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("hand a log record on: the handler panicked: %v", p)
		}
	}()
	if !h.Enabled(ctx, r.Level) {
		return nil
	}
	return callHandler(ctx, h, r)
}

// nested gives bound attributes and own with their groups around them.
func (h *handler) nested(own []slog.Attr) []slog.Attr {
	levels := make([][]slog.Attr, len(h.groups)+1)
	for _, b := range h.bound {
		levels[len(b.groups)] = append(levels[len(b.groups)], b.attrs...)
	}
	levels[len(h.groups)] = append(levels[len(h.groups)], own...)
	for i := len(h.groups); i > 0; i-- {
		if len(levels[i]) > 0 {
			levels[i-1] = append(levels[i-1], slog.Attr{Key: h.groups[i-1], Value: slog.GroupValue(levels[i]...)})
		}
	}
	return levels[0]
}
