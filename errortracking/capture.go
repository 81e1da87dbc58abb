package errortracking

import (
	"context"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/distri-night/monitoring/internal/redact"
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
	o := occurrence{err: err, args: args}
	o.called()
	return t.capture(ctx, &o)
}

// CaptureMessage sends a message as an event of the given level. Else it is
// like [Tracker.CaptureException].
func (t *Tracker) CaptureMessage(ctx context.Context, level slog.Level, msg string, args ...any) (eventID string) {
	if t == nil {
		logOnly(ctx, level, nil, msg, args)
		return ""
	}
	o := occurrence{msg: msg, level: &level, args: args}
	o.called()
	return t.capture(ctx, &o)
}

// occurrence is what is known when something is captured.
type occurrence struct {
	err      error
	msg      string      // of a message, or of the record that err was logged with
	level    *slog.Level // nil: the class's
	args     []any
	handler  *handler // of the record
	record   *slog.Record
	pc       uintptr // of the call that captures; 0: not known
	stack    stack   // empty: of the caller
	panicked bool
	logged   bool // there is a record of it already
}

// draft is an event on its way, with what Sentry gets besides.
type draft struct {
	event  Event
	ctx    context.Context //nolint:containedctx // of the capture, for the log; its end does not matter
	scope  *reqctx.Scope
	issue  *issue
	stack  stack
	crumbs []reqctx.Breadcrumb
	tags   map[string]string
	logged bool
	raw    bool // message, user and simple attributes are not redacted yet

	frozen frozen
	size   int64         // about what it holds
	kept   *atomic.Int64 // of a template: what all of them hold
}

func (d *draft) hash() uint64 {
	if d.issue == nil {
		return hashOf(d.event.Fingerprint)
	}
	return d.issue.hash
}

// capture decides whether o becomes an event, and sends it. One that is held
// back as a flood costs no more than its look, one that is known no
// fingerprint.
func (t *Tracker) capture(ctx context.Context, o *occurrence) (id string) {
	if t.config.Disabled {
		return ""
	}
	if ctx == nil {
		ctx = context.Background()
	}
	defer t.survive(&id)
	scope, now := reqctx.From(ctx), t.config.Now()
	if known, ok := t.reported(scope, o, now); ok {
		return known
	}
	look := glance(o)
	s := sighting{at: now}
	known := t.recall(look, o)
	switch {
	case known == nil:
		s.class = t.classOf(scope, o, t.classify(o))
	case known.volatile:
		s.class = t.classOf(scope, o, t.classify(o))
	default:
		s.class = t.classOf(scope, o, known.class)
	}
	if s.class.Expected {
		return ""
	}
	s.urgent = urgent(s.class, o.panicked)
	s.sampled = s.urgent || t.sample(s.class)
	if scope != nil {
		s.correlationID, s.route, s.userID = scope.CorrelationID(), scope.Route(), scope.User().ID
	}
	t.captured.With(string(s.class.Category)).Add(1)

	var is *issue
	v, suppressed := forgotten, 0
	if known != nil {
		is = known.issue
		v, suppressed = is.see(&s, t.issues.limit)
	}
	if v == forgotten {
		is = t.identify(look, o, s.class)
		if v, suppressed = is.see(&s, t.issues.limit); v == forgotten { // at once: there are too many
			v = pass
		}
	}
	if v == sampledOut {
		t.discard(discardSampleRate, categoryError, 1)
	}
	if v == pass || v == holdFirst {
		id = t.build(ctx, scope, o, is, &s, v, suppressed)
	}
	t.remember(scope, o, id, now)
	return id
}

// survive is deferred: values of the service may do anything, and its request
// must go on.
func (t *Tracker) survive(id *string) {
	if p := recover(); p != nil {
		t.lost(reasonPanic, 1)
		t.say(slog.LevelError, "an error could not be captured", "panic", t.panicText(p))
		*id = ""
	}
}

// classOf applies what overrules the class of the error: the level of the
// context, then that of the record or message.
func (t *Tracker) classOf(scope *reqctx.Scope, o *occurrence, class Class) Class {
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

// classify is the class of the error, or of a message.
func (t *Tracker) classify(o *occurrence) Class {
	switch {
	case o.err != nil:
		return t.Classify(o.err)
	case o.msg != "" && o.level != nil && *o.level < slog.LevelError:
		return Class{Category: "message"}
	default:
		return unknown
	}
}

// build makes the event, and sends it or keeps it for the summary.
func (t *Tracker) build(ctx context.Context, scope *reqctx.Scope, o *occurrence, is *issue, s *sighting, v verdict, suppressed int) string {
	if o.stack.empty() {
		o.stack = callers(o.pc)
	}
	d := &draft{ctx: ctx, scope: scope, issue: is, stack: o.stack, logged: o.logged, event: Event{
		ID: newID(), Err: redact.Original(o.err), Class: s.class, At: s.at, Panic: o.panicked, Suppressed: suppressed,
		CorrelationID: s.correlationID, Route: s.route, User: User(scope.User()), Fingerprint: is.fingerprint,
	}}
	keep := t.fill(ctx, d, o)
	if !keep {
		t.discard(discardBeforeSend, categoryError, 1)
	}
	if v == holdFirst {
		if !keep {
			is.keep(nil)
			return ""
		}
		is.keep(t.template(d)) // from here on it is the summary's
		t.holding()
		return ""
	}
	if !keep {
		return ""
	}
	id := d.event.ID // from here on it is the worker's
	if !t.send(d) {
		return ""
	}
	is.sent(id)
	return id
}

// fill adds what the service said, and asks BeforeSend.
func (t *Tracker) fill(ctx context.Context, d *draft, o *occurrence) bool {
	e := &d.event
	d.raw = true
	e.Message = o.msg
	if e.Message == "" && e.Err != nil {
		e.Message = errorText(e.Err)
	}
	e.Attrs, d.tags = t.attributes(d.scope, o)
	if d.scope != nil {
		d.crumbs = d.scope.Request.Breadcrumbs()
	} else {
		d.crumbs = t.crumbs.list()
	}
	if t.config.BeforeSend == nil {
		text := rawTitle(e.Message)
		if e.Panic {
			text = "panic: " + text
		}
		d.issue.entitle(text, true)
		return true
	}
	t.redact(d)
	e.Fingerprint = slices.Clone(e.Fingerprint)
	keep := t.beforeSend(ctx, e)
	if !validID(e.ID) {
		e.ID = newID()
	}
	if keep {
		d.issue.entitle(title(e), false)
	}
	return keep
}

// redact masks message, user and attributes, once. BeforeSend and Sink see
// them so; else the worker does it.
func (t *Tracker) redact(d *draft) {
	if !d.raw {
		return
	}
	d.raw = false
	e := &d.event
	e.Message = text(t.redactor, e.Message, maxText)
	if !t.redactor.Allowed("User.Email") {
		e.User.Email = ""
	}
	if !t.redactor.Allowed("User.ID") {
		e.User.ID = t.redactor.Text(e.User.ID) // where it is an e-mail address
	}
	for k, v := range e.Attrs {
		e.Attrs[k] = t.redactor.Value(k, v)
	}
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
	var text [32]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}
