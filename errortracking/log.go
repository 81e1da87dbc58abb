package errortracking

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// say writes what the Tracker has to say of itself. Its Handler, which may be
// behind the same logger, makes no event of it.
func (t *Tracker) say(level slog.Level, msg string, args ...any) {
	t.config.Logger.Log(reqctx.NoEvent(context.Background()), level, msg, args...)
}

func (t *Tracker) sayOnce(once *sync.Once, msg string, args ...any) {
	once.Do(func() { t.say(slog.LevelWarn, msg, args...) })
}

// logEvent writes an event as one record, where there is no Sentry.
func (t *Tracker) logEvent(d *draft) {
	t.redact(d)
	e := &d.event
	attrs := make([]slog.Attr, 0, 10)
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", text(t.redactor, d.errorText(), maxText)))
	}
	attrs = append(attrs, slog.String("event_id", e.ID), slog.String("category", string(e.Class.Category)))
	if e.Suppressed > 0 {
		attrs = append(attrs, slog.Int("suppressed", e.Suppressed))
	}
	if e.Panic {
		attrs = append(attrs, slog.String("stack", stackText(d.stack)))
	}
	if len(e.Attrs) > 0 {
		attrs = append(attrs, slog.Any("attributes", t.redactor.Plain("attributes", e.Attrs)))
	}
	t.write(d.ctx, e.Class.Level, e.Message, attrs)
}

// logPanic is the record of a panic that became an event.
func (t *Tracker) logPanic(ctx context.Context, err error, id string, site stack) {
	shown := text(t.redactor, errorText(err), maxText)
	t.write(ctx, slog.LevelError, "panic: "+shown, []slog.Attr{
		slog.String("error", shown), slog.String("event_id", id), slog.String("stack", stackText(site)),
	})
}

func (t *Tracker) write(ctx context.Context, level slog.Level, msg string, attrs []slog.Attr) {
	h := t.config.Logger.Handler()
	if !h.Enabled(ctx, level) {
		return
	}
	attrs = append(attrs, t.ids(ctx)...)
	r := slog.NewRecord(time.Now(), level, msg, 0)
	r.AddAttrs(attrs...)
	_ = h.Handle(reqctx.NoEvent(ctx), r) // as slog.Logger does
}

// stackText has one line a frame, innermost first.
func stackText(s stack) string {
	var b strings.Builder
	shown := 0
	for i := range s.depth() {
		f := s.frame(i)
		if f.hidden {
			continue
		}
		if shown++; shown > 30 {
			fmt.Fprintf(&b, "and %d more\n", s.depth()-i)
			break
		}
		fmt.Fprintf(&b, "%s (%s:%d)\n", f.frame.Function, f.frame.File, f.frame.Line)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// ids are those of ctx. The library's own logger adds them too, and leaves out
// what a record has already.
func (t *Tracker) ids(ctx context.Context) []slog.Attr {
	scope, tr := reqctx.Find(ctx)
	var attrs []slog.Attr
	for _, id := range [...]struct{ key, value string }{
		{"correlation_id", scope.CorrelationID()},
		{"user_id", t.redactor.Text(scope.User().ID)},
		{"route", scope.Route()},
	} {
		if id.value != "" {
			attrs = append(attrs, slog.String(id.key, id.value))
		}
	}
	if tr.Valid() {
		attrs = append(attrs, slog.String("trace_id", tr.TraceIDString()), slog.String("span_id", tr.SpanIDString()))
	}
	return attrs
}
