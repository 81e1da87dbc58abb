package errortracking

import (
	"context"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"runtime"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// CaptureException sends err, with the user, breadcrumbs, IDs and request of
// ctx, which may be cancelled already. args are key-value pairs or slog.Attrs.
//
// The event is handed to the kernel within 50 ms, so that it survives the
// process; a critical one is on disk when CaptureException returns.
// It returns the ID that the event has in Sentry; "" if none is sent: err is
// nil or expected, sampled out, held back as a flood, dropped by BeforeSend, or
// lost (which is counted).
//
// An error that is captured and logged is one event, in either order: in a
// request one that went out as an event within the last minute, or that wraps
// such a one, is not sent again and its event's ID is returned. Where there is
// no request the record must follow the capture, or the reverse, within a
// second.
func (t *Tracker) CaptureException(ctx context.Context, err error, args ...any) (eventID string) {
	if err == nil {
		return ""
	}
	if t == nil {
		logOnly(ctx, slog.LevelError, err, errorText(err), args)
		return ""
	}
	return t.capture(ctx, occurrence{err: err, args: args})
}

// CaptureMessage sends a message as an event of the given level. Else it is
// like [Tracker.CaptureException].
func (t *Tracker) CaptureMessage(ctx context.Context, level slog.Level, msg string, args ...any) (eventID string) {
	if t == nil {
		logOnly(ctx, level, nil, msg, args)
		return ""
	}
	return t.capture(ctx, occurrence{msg: msg, level: &level, args: args})
}

// occurrence is what is known when something is captured.
type occurrence struct {
	err      error
	msg      string      // of a message, or of the record that err was logged with
	level    *slog.Level // nil: the class's
	args     []any
	attrs    []slog.Attr
	frames   []runtime.Frame // nil: of the caller
	panicked bool
	logged   bool // there is a record of it already
}

// draft is an event on its way, with what Sentry gets besides.
type draft struct {
	event  Event
	ctx    context.Context //nolint:containedctx // of the capture, for the log; its end does not matter
	scope  *reqctx.Scope
	frames []runtime.Frame
	crumbs []reqctx.Breadcrumb
	logged bool

	frozen frozen
	size   int64 // about what it holds
}

// capture decides whether o becomes an event, and sends it.
func (t *Tracker) capture(ctx context.Context, o occurrence) (id string) {
	if t.config.Disabled {
		return ""
	}
	if ctx == nil {
		ctx = context.Background()
	}
	defer func() {
		// Values of the service may do anything. Its request must go on.
		if p := recover(); p != nil {
			t.lost(reasonPanic, 1)
			t.say(slog.LevelError, "an error could not be captured", "panic", t.panicText(p))
			id = ""
		}
	}()
	scope, now := reqctx.From(ctx), t.config.Now()
	if known, ok := t.reported(scope, &o, now); ok {
		return known
	}
	class := t.classOf(scope, &o)
	if class.Expected {
		return ""
	}
	defer func() { t.remember(scope, &o, id, now) }()
	t.captured.With(string(class.Category)).Add(1)
	urgent := o.panicked || class.Level >= LevelCritical
	if !urgent && rand.Float64() >= *t.config.SampleRate { //nolint:gosec // no secret
		return ""
	}
	if o.frames == nil {
		o.frames = callers()
	}
	d := &draft{ctx: ctx, scope: scope, frames: o.frames, logged: o.logged, event: Event{
		ID: newID(), Err: o.err, Class: class, At: now, Panic: o.panicked,
		CorrelationID: scope.CorrelationID(), Route: scope.Route(), User: User(scope.User()),
		Fingerprint: fingerprint(t.redactor, o.err, o.msg, o.frames),
	}}
	kind := issueID(d.event.Fingerprint)
	judged := t.flood.judge(kind, now)
	if judged == hold {
		t.recent.note(kind, &d.event, "")
		return ""
	}
	if !t.fill(ctx, d, o) {
		return ""
	}
	if judged == holdFirst {
		t.recent.note(kind, &d.event, "")
		t.freeze(d)
		t.flood.keep(kind, d) // from here on it is the summary's
		t.holding()
		return ""
	}
	if !t.send(d) {
		return ""
	}
	t.recent.note(kind, &d.event, d.event.ID)
	return d.event.ID
}

// classOf applies what overrules the class of the error: the level of the
// context, then that of the record or message.
func (t *Tracker) classOf(scope *reqctx.Scope, o *occurrence) Class {
	class := Class{Category: Bug, Level: slog.LevelError}
	switch {
	case o.err != nil:
		class = t.Classify(o.err)
	case o.msg != "" && o.level != nil && *o.level < slog.LevelError:
		class.Category = "message"
	}
	if o.panicked {
		class.Category, class.Expected = Bug, false
	}
	if o.level != nil {
		class.Level = *o.level
	}
	if level, ok := scope.Level(); ok {
		class.Level = level
	}
	return class
}

// fill adds what costs more, redacted, and asks BeforeSend.
func (t *Tracker) fill(ctx context.Context, d *draft, o occurrence) bool {
	e := &d.event
	e.Message = o.msg
	if e.Message == "" && e.Err != nil {
		e.Message = errorText(e.Err)
	}
	e.Message = text(t.redactor, e.Message, maxText)
	if !t.redactor.Allowed("User.Email") {
		e.User.Email = ""
	}
	if !t.redactor.Allowed("User.ID") {
		e.User.ID = t.redactor.Text(e.User.ID) // where it is an e-mail address
	}
	e.Attrs = t.attributes(o)
	if d.scope != nil {
		d.crumbs = d.scope.Request.Breadcrumbs()
	} else {
		d.crumbs = t.crumbs.list()
	}
	if t.config.BeforeSend == nil {
		return true
	}
	keep := t.beforeSend(ctx, e)
	if !validID(e.ID) {
		e.ID = newID()
	}
	return keep
}

// beforeSend lets an event through if the function panics: it is an error
// more, not one less.
func (t *Tracker) beforeSend(ctx context.Context, e *Event) (keep bool) {
	defer func() {
		if p := recover(); p != nil {
			t.sayOnce(&t.beforeSendPanics, "BeforeSend panics; events go out unfiltered by it", "panic", t.panicText(p))
			keep = true
		}
	}()
	return t.config.BeforeSend(ctx, e)
}

// attributes turns arguments as slog takes them into a redacted map.
func (t *Tracker) attributes(o occurrence) map[string]any {
	if len(o.args) == 0 && len(o.attrs) == 0 {
		return nil
	}
	var r slog.Record
	r.AddAttrs(o.attrs...)
	r.Add(o.args...)
	m := make(map[string]any, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		if len(m) == maxAttrs {
			return false
		}
		v := a.Value.Resolve()
		if a.Key == "" && v.Kind() == slog.KindGroup {
			for _, g := range v.Group() {
				m[g.Key] = t.redactor.Value(g.Key, plain(g.Value))
			}
			return true
		}
		m[a.Key] = t.redactor.Value(a.Key, plain(v))
		return true
	})
	return m
}

// plain turns groups into maps.
func plain(v slog.Value) any {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
	case slog.KindString:
		s := v.String()
		return s[:min(len(s), maxScan)]
	default:
		return v.Any()
	}
	m := map[string]any{}
	for _, a := range v.Group() {
		m[a.Key] = plain(a.Value)
	}
	return m
}

// newID is a random UUID without dashes.
func newID() string {
	var b [16]byte
	for i := range 2 {
		v := rand.Uint64() //nolint:gosec // unique, not secret
		for j := range 8 {
			b[8*i+j] = byte(v >> (8 * j))
		}
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return hex.EncodeToString(b[:])
}
