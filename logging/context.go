package logging

import (
	"context"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// FromContext is the default Logger with the IDs and attributes of ctx, which
// its records carry also where they are logged without a context. Without a
// default it logs to where slog.Default does. It is never nil.
func FromContext(ctx context.Context) *Logger {
	k, base := current()
	b := &struct { // one allocation
		log     Logger
		slog    slog.Logger
		handler handler
	}{}
	if base == nil {
		base = k.root
	}
	b.handler = *base
	if scope, trace := reqctx.Find(ctx); scope != nil || trace.Valid() {
		b.handler.from = ctx
	}
	b.slog = *slog.New(&b.handler)
	b.log = Logger{Logger: &b.slog, core: k}
	return &b.log
}

// With binds attributes to the returned context: every record that is logged
// with it has them at its root. Arguments are those of slog.Logger.With.
func With(ctx context.Context, args ...any) context.Context {
	if len(args) == 0 && ctx != nil {
		return ctx
	}
	r := slog.NewRecord(time.Time{}, 0, "", 0)
	r.Add(args...)
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return reqctx.WithAttrs(ctx, attrs)
}

// CorrelationID is the ID of the request or job, "" if ctx has none.
func CorrelationID(ctx context.Context) string { return reqctx.From(ctx).CorrelationID() }

// WithCorrelationID gives ctx an ID: for jobs, messages, commands. One outside
// of [A-Za-z0-9._-]{1,128} is replaced by a new one.
func WithCorrelationID(ctx context.Context, id string) context.Context {
	if !validID(id) {
		id = traceID(reqctx.NewTrace())
	}
	return reqctx.WithCorrelationID(ctx, id)
}
