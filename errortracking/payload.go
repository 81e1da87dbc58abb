package errortracking

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

const sdkName = "sentry.go.distri-night-monitoring"

// recordHeader is the first line of a record in the spool. The envelope's own
// header is made when it is sent: it has the time of that, and the DSN.
type recordHeader struct {
	EventID  string            `json:"event_id"`
	Category category          `json:"category,omitempty"` // "": error
	Trace    map[string]string `json:"trace,omitempty"`
}

// envelope is d as it is kept in the spool: a line that says what it is, then
// the item of an envelope: a header and the event. It is cut to what Sentry
// takes.
func (t *Tracker) envelope(d *draft) ([]byte, error) {
	e := t.payload(d)
	b, err := marshalEvent(e)
	for level := 0; err != nil || tooLarge(b); level++ {
		if !shrink(e, level) {
			return nil, fmt.Errorf("an event of %d bytes could not be cut to size: %w", len(b), err)
		}
		b, err = marshalEvent(e)
	}
	h := recordHeader{EventID: d.event.ID, Trace: samplingOf(d.frozen.tracing, d.frozen.trace, d.frozen.name)}
	if len(e.Exception) == 0 {
		h.Category = categoryDefault
	}
	out, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode an event: %w", err)
	}
	out = append(slices.Grow(out, len(b)+64), '\n')
	return appendItem(out, "event", b), nil
}

func (t *Tracker) payload(d *draft) *sentry.Event {
	t.redact(d)
	ev := &d.event
	e := &sentry.Event{
		EventID: sentry.EventID(ev.ID), Timestamp: timestamp(ev.At), Platform: "go",
		Level: sentryLevel(ev.Class.Level), Environment: environment(t.config.Environment), Release: release(t.config.Release),
		ServerName: cut(t.server, maxTag), Transaction: cut(ev.Route, maxTag), Fingerprint: fingerprints(ev.Fingerprint),
		Sdk:      sentry.SdkInfo{Name: sdkName, Version: sentry.SDKVersion},
		User:     sentry.User{ID: cut(ev.User.ID, maxUserID), Email: cut(ev.User.Email, maxEmail)},
		Tags:     map[string]string{},
		Contexts: map[string]sentry.Context{"runtime": {"name": "go", "version": goVersion}},
	}
	setTag(e, "commit", t.commit)
	if e.Timestamp.IsZero() {
		e.Timestamp = time.Now().UTC()
	}
	for k, v := range d.tags {
		if len(e.Tags) < maxTags { // those below come besides
			setTag(e, k, fmt.Sprint(t.redactor.Plain(k, v)))
		}
	}
	if ev.User.Role != "" {
		e.User.Data = map[string]string{"role": cut(ev.User.Role, maxTag)}
	}
	setTag(e, "category", string(ev.Class.Category))
	setTag(e, "correlation_id", ev.CorrelationID)
	if ev.Err != nil {
		e.Exception = t.exceptions(d)
	}
	if len(e.Exception) == 0 || ev.Message != e.Exception[len(e.Exception)-1].Value {
		e.Message = cut(ev.Message, maxText)
	}
	if e.Message == "" && len(e.Exception) == 0 {
		e.Message = "(no message)"
	}
	if st := d.stack.sentry(); ev.Err == nil && st != nil {
		e.Threads = []sentry.Thread{{ID: "0", Stacktrace: st, Current: true}}
	}
	attrs := sentry.Context{}
	for k, v := range ev.Attrs {
		if len(attrs) == maxAttrs {
			break
		}
		attrs[cut(k, maxTag)] = jsonable(t.redactor.Plain(k, v), 0)
	}
	if ev.Suppressed > 0 {
		attrs["suppressed"] = ev.Suppressed
	}
	if len(attrs) > 0 {
		e.Contexts["attributes"] = attrs
	}
	if tr := d.frozen.trace; tr.Valid() {
		e.Contexts["trace"] = sentry.Context{"trace_id": tr.TraceIDString(), "span_id": tr.SpanIDString()}
	}
	if d.frozen.request != nil {
		e.Request = request(t.redactor, d.frozen.request)
	}
	for _, b := range d.crumbs[max(0, len(d.crumbs)-maxCrumbs):] {
		e.Breadcrumbs = append(e.Breadcrumbs, breadcrumb(t.redactor, b))
	}
	return e
}

// exceptions lists the errors that make up the event's, the outermost last, as
// Sentry wants it. The stack of the capture is for the outermost one, unless
// some error says where it was made.
func (t *Tracker) exceptions(d *draft) []sentry.Exception {
	chain := d.frozen.chain
	all := make([]sentry.Exception, len(chain))
	stacks := false
	for i := range chain {
		l := &chain[i]
		x := sentry.Exception{
			Type: cut(l.kind, maxType), Value: text(t.redactor, l.text, maxText), Stacktrace: l.stack.sentry(),
			Mechanism: &sentry.Mechanism{Type: "chained", ExceptionID: l.id, Source: l.source, IsExceptionGroup: l.joined},
		}
		if l.parent >= 0 {
			x.Mechanism.ParentID = &l.parent
		}
		stacks = stacks || !l.stack.empty()
		all[len(all)-1-i] = x
	}
	if len(all) == 0 {
		return nil
	}
	root := &all[len(all)-1]
	handled := !d.event.Panic
	root.Mechanism.Type, root.Mechanism.Handled = "generic", &handled
	if d.event.Panic {
		root.Mechanism.Type = "panic"
	}
	if d.event.Panic || !stacks {
		root.Stacktrace = d.stack.sentry()
	}
	return all
}

func errorType(err error) string {
	if p, ok := err.(*panicValue); ok {
		return fmt.Sprintf("panic: %T", p.value)
	}
	return reflect.TypeOf(err).String()
}

func request(r *redact.Redactor, h *httpRequest) *sentry.Request {
	return &sentry.Request{
		Method: cut(h.method, maxMethod), URL: cut(r.URL(h.url), maxURL), Headers: cutAll(r.Header(h.headers())),
	}
}

func cutAll(m map[string]string) map[string]string {
	few := make(map[string]string, min(len(m), maxList))
	for k, v := range m {
		if len(few) == maxList {
			break
		}
		few[cut(k, maxTag)] = cut(v, maxValue)
	}
	return few
}

func breadcrumb(r *redact.Redactor, b reqctx.Breadcrumb) *sentry.Breadcrumb {
	out := &sentry.Breadcrumb{
		Category: cut(b.Category, maxCrumbCategory), Message: text(r, b.Message, maxValue),
		Level: sentryLevel(b.Level), Timestamp: timestamp(b.At),
	}
	for k, v := range b.Data {
		if out.Data == nil {
			out.Data = map[string]any{}
		}
		out.Data[cut(k, maxTag)] = jsonable(r.Plain(k, v), 0)
	}
	return out
}

func sentryLevel(l slog.Level) sentry.Level {
	switch {
	case l >= LevelCritical:
		return sentry.LevelFatal
	case l >= slog.LevelError:
		return sentry.LevelError
	case l >= slog.LevelWarn:
		return sentry.LevelWarning
	case l >= slog.LevelInfo:
		return sentry.LevelInfo
	default:
		return sentry.LevelDebug
	}
}
