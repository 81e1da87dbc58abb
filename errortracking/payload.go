package errortracking

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// Bounds within which Sentry takes an event whole.
const (
	maxText       = 8 << 10 // a message or an error's text
	maxValue      = 4 << 10 // a string in attributes and breadcrumbs
	maxTag        = 200
	maxAttrs      = 100
	maxList       = 100 // members of a list or map in attributes
	maxNesting    = 6
	maxExceptions = 16
	maxEvent      = 900 << 10 // Sentry refuses past 1 MiB
)

// maxScan bounds what is searched for secrets. It is so much longer than what is
// kept that a secret which it cuts in two is not kept.
const maxScan = 64 << 10

// text redacts first and cuts to n bytes after.
func text(r *redact.Redactor, s string, n int) string {
	if len(s) > maxScan {
		s = s[:maxScan]
	}
	return cut(r.Text(s), n)
}

const sdkName = "sentry.go.distri-night-monitoring"

// recordHeader is the first line of a record in the spool. The envelope's own
// header is made when it is sent: it has the time of that, and the DSN.
type recordHeader struct {
	EventID  string            `json:"event_id"`
	Category category          `json:"category,omitempty"` // "": error
	Trace    map[string]string `json:"trace,omitempty"`
}

// envelope is d as it is kept in the spool: a line that says what it is, then
// the item of an envelope: a header and the event.
func (t *Tracker) envelope(d *draft) ([]byte, error) {
	e := t.payload(d)
	b, err := marshalEvent(e)
	for level := 0; err == nil && len(b) > maxEvent; level++ {
		if !shrink(e, level) {
			return nil, fmt.Errorf("an event of %d bytes could not be cut to size", len(b))
		}
		b, err = marshalEvent(e)
	}
	if err != nil {
		return nil, err
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

// shrink takes away what helps least; false when nothing is left to take.
func shrink(e *sentry.Event, level int) bool {
	switch level {
	case 0:
		for _, b := range e.Breadcrumbs {
			b.Data = nil
		}
	case 1:
		e.Breadcrumbs = e.Breadcrumbs[max(0, len(e.Breadcrumbs)-10):]
	case 2:
		e.Contexts["attributes"] = sentry.Context{"cut": "the attributes were too large"}
	case 3:
		e.Breadcrumbs, e.Request = nil, nil
		e.Exception = e.Exception[max(0, len(e.Exception)-4):]
	default:
		return false
	}
	return true
}

func (t *Tracker) payload(d *draft) *sentry.Event {
	t.redact(d)
	ev := &d.event
	e := &sentry.Event{
		EventID: sentry.EventID(ev.ID), Timestamp: ev.At, Platform: "go",
		Level: sentryLevel(ev.Class.Level), Environment: t.config.Environment, Release: t.config.Release,
		ServerName: t.server, Transaction: ev.Route, Fingerprint: ev.Fingerprint,
		Sdk:      sentry.SdkInfo{Name: sdkName, Version: sentry.SDKVersion},
		User:     sentry.User{ID: ev.User.ID, Email: ev.User.Email},
		Tags:     map[string]string{"category": tag(string(ev.Class.Category))},
		Contexts: map[string]sentry.Context{"runtime": {"name": "go", "version": goVersion}},
	}
	for k, v := range d.tags {
		e.Tags[tag(k)] = tag(fmt.Sprint(t.redactor.Plain(k, v)))
	}
	if ev.User.Role != "" {
		e.User.Data = map[string]string{"role": ev.User.Role}
	}
	if ev.CorrelationID != "" {
		e.Tags["correlation_id"] = tag(ev.CorrelationID)
	}
	if ev.Err != nil {
		e.Exception = t.exceptions(d)
	}
	if len(e.Exception) == 0 || ev.Message != e.Exception[len(e.Exception)-1].Value {
		e.Message = ev.Message
	}
	if ev.Err == nil {
		e.Threads = []sentry.Thread{{ID: "0", Stacktrace: d.stack.sentry(), Current: true}}
	}
	attrs := sentry.Context{}
	for k, v := range ev.Attrs {
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
	for _, b := range d.crumbs {
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
			Type: l.kind, Value: text(t.redactor, l.text, maxText), Stacktrace: l.stack.sentry(),
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
		Method: h.method, URL: cut(r.URL(h.url), maxValue), Headers: cutAll(r.Header(h.headers())),
	}
}

func cutAll(m map[string]string) map[string]string {
	for k, v := range m {
		m[k] = cut(v, maxValue)
	}
	return m
}

func breadcrumb(r *redact.Redactor, b reqctx.Breadcrumb) *sentry.Breadcrumb {
	out := &sentry.Breadcrumb{
		Category: cut(b.Category, maxTag), Message: text(r, b.Message, maxValue),
		Level: sentryLevel(b.Level), Timestamp: b.At,
	}
	for k, v := range b.Data {
		if out.Data == nil {
			out.Data = map[string]any{}
		}
		out.Data[cut(k, maxTag)] = jsonable(r.Plain(k, v), 0)
	}
	return out
}

// jsonable bounds v, and turns what JSON has no form for into text. v is plain.
func jsonable(v any, depth int) any {
	if depth > maxNesting {
		return "(nested too deeply)"
	}
	switch v := v.(type) {
	case string:
		return cut(v, maxValue)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return v
	case float32:
		return jsonable(float64(v), depth)
	case map[string]any:
		m := make(map[string]any, min(len(v), maxList))
		for k, x := range v {
			if len(m) == maxList {
				break
			}
			m[cut(k, maxTag)] = jsonable(x, depth+1)
		}
		return m
	case redact.Fields:
		f := make(redact.Fields, 0, min(len(v), maxList))
		for _, m := range v[:min(len(v), maxList)] {
			f = append(f, redact.Field{Key: cut(m.Key, maxTag), Value: jsonable(m.Value, depth+1)})
		}
		return f
	case []any:
		l := make([]any, 0, min(len(v), maxList))
		for _, x := range v[:min(len(v), maxList)] {
			l = append(l, jsonable(x, depth+1))
		}
		return l
	case nil, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, time.Time, json.Number:
		return v
	case time.Duration:
		return v.String()
	default:
		return cut(fmt.Sprint(v), maxValue)
	}
}

// cut shortens s to n bytes of valid UTF-8.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const more = "..."
	n -= len(more)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}

func tag(s string) string { return cut(s, maxTag) }

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
