package errortracking

import (
	"context"
	"log/slog"
	"slices"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// Handler makes events of log records at Config.EventLevel and above: the first
// attribute whose value is an error is the exception, the message goes beside
// it. An error that the same request captured already is one event, in either
// order. It writes nothing and never fails; put it beside the handler that
// does.
func (t *Tracker) Handler() slog.Handler {
	return &handler{t: t}
}

type handler struct {
	t      *Tracker
	groups []string
	attrs  []slog.Attr // with their groups
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.t != nil && !h.t.config.Disabled && level >= h.t.config.EventLevel.Level()
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.groups = append(slices.Clip(h.groups), name)
	return &c
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	c := *h
	c.attrs = append(slices.Clip(h.attrs), h.grouped(attrs)...)
	return &c
}

// grouped puts the open groups around attrs.
func (h *handler) grouped(attrs []slog.Attr) []slog.Attr {
	for _, name := range slices.Backward(h.groups) {
		attrs = []slog.Attr{{Key: name, Value: slog.GroupValue(attrs...)}}
	}
	return attrs
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if reqctx.IsNoEvent(ctx) || !h.Enabled(ctx, r.Level) {
		return nil
	}
	var err error
	r.Attrs(func(a slog.Attr) bool {
		err = errorIn(a)
		return err == nil
	})
	if err == nil {
		err = findError(h.attrs)
	}
	h.t.capture(ctx, &occurrence{err: err, msg: r.Message, level: &r.Level, logged: true, pc: r.PC, handler: h, record: &r})
	return nil
}

// all are the attributes of r and of the handler, but those that the event says
// otherwise.
func (h *handler) all(r *slog.Record, err error) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	all := append(slices.Clip(h.attrs), h.grouped(attrs)...)
	return slices.DeleteFunc(all, func(a slog.Attr) bool { return isID(a.Key) || isError(a, err) })
}

// isID reports whether an attribute says what the event says anyway.
func isID(key string) bool {
	switch key {
	case "correlation_id", "user_id", "route", "trace_id", "span_id":
		return true
	}
	return false
}

func isError(a slog.Attr, err error) bool {
	if err == nil || a.Value.Kind() != slog.KindAny {
		return false
	}
	e, ok := a.Value.Any().(error)
	return ok && same(redact.Original(e), err)
}

// same compares two errors, also ones that cannot be compared.
func same(a, b error) (equal bool) {
	defer func() { _ = recover() }()
	return a == b //nolint:errorlint // the very same value
}

// findError finds the first error among attributes, in groups too, as it was
// before redaction.
func findError(attrs []slog.Attr) error {
	for _, a := range attrs {
		if err := errorIn(a); err != nil {
			return err
		}
	}
	return nil
}

func errorIn(a slog.Attr) error {
	switch a.Value.Kind() {
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok && err != nil {
			return redact.Original(err)
		}
	case slog.KindGroup:
		return findError(a.Value.Group())
	}
	return nil
}
