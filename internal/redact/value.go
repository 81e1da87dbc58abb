package redact

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"
)

const (
	maxDepth = 32     // levels of nesting that are walked
	maxNodes = 10_000 // values that are walked in all

	tooDeep = "[too deep]"
	tooMuch = "[too much]"
	cycle   = "[cycle]"
)

// Value masks v, found under key, at any depth. The input is not changed:
// where something has to be masked, or has no form that could be shown (a
// cycle, unexported fields, a value that panics), a copy is returned, else v
// itself.
func (r *Redactor) Value(key string, v any) any {
	switch v := v.(type) {
	case nil, bool, time.Time, time.Duration:
		return v
	case string:
		if r.rules().kindOf(key) == plainKey && !r.pathAllowed(nil, key) {
			if out := r.Text(v); len(out) != len(v) || out != v {
				return out
			}
		}
	}
	out, changed := r.walk(nil, key, v)
	if !changed {
		return v
	}
	return out
}

// Plain is Value's copy in any case: strings, numbers, times, errors' texts,
// map[string]any, [Fields] and []any, without any reference to what v holds.
func (r *Redactor) Plain(key string, v any) any {
	out, _ := r.walk(nil, key, v)
	return out
}

func (r *Redactor) walk(groups []string, key string, v any) (out any, changed bool) {
	w := walker{r: r, nodes: maxNodes}
	if r != nil && r.dotted {
		w.path = append(w.path, groups...)
	}
	defer func() {
		if p := recover(); p != nil {
			out, changed = w.panicked(p), true
		}
	}()
	out = w.value(key, v)
	return out, w.changed
}

func (r *Redactor) pathAllowed(groups []string, key string) bool {
	if r == nil || len(r.allow) == 0 {
		return false
	}
	return r.Allowed(key) || r.dotted && r.Allowed(strings.Join(append(groups[:len(groups):len(groups)], key), "."))
}

type walker struct {
	r       *Redactor
	path    []string // only where some allowed name is a path
	parents []visit  // the pointers that lead here
	allowed int      // > 0: below an allowed field
	nodes   int
	changed bool
}

type visit struct {
	t reflect.Type
	p uintptr
}

func (w *walker) panicked(p any) string {
	w.changed = true
	return "!PANIC: " + w.r.Text(fmt.Sprint(p))
}

// value masks by key, then looks inside.
func (w *walker) value(key string, v any) any {
	if w.nodes--; w.nodes < 0 {
		w.changed = true
		return tooMuch
	}
	if w.allowed == 0 {
		if w.r.pathAllowed(w.path, key) {
			w.allowed++
			defer func() { w.allowed-- }()
		} else if kind := w.r.rules().kindOf(key); kind != plainKey && !shown(kind, v) {
			w.changed = true
			return Mask
		}
	}
	if w.r == nil || !w.r.dotted {
		return w.inside(key, v)
	}
	w.path = append(w.path, key)
	defer func() { w.path = w.path[:len(w.path)-1] }()
	return w.inside(key, v)
}

// shown reports whether v may stand under a name of this kind.
func shown(kind keyKind, v any) bool {
	switch v := v.(type) {
	case nil, bool, time.Time, time.Duration:
		return true
	case string:
		return v == Mask || kind >= connectionKey && !secretText(v, kind) || v == "" || kind == plainKey
	case json.Number:
		return kind == pluralKey
	}
	if kind == plainKey || kind >= connectionKey {
		return true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Bool:
		return true
	case reflect.String:
		return rv.Len() == 0
	case reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan:
		return rv.IsNil()
	case reflect.Map, reflect.Slice:
		return rv.Len() == 0
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return kind == pluralKey
	}
	return false
}

// text masks by pattern, unless the field is allowed.
func (w *walker) text(s string) string {
	if w.allowed > 0 {
		return strings.Clone(s)
	}
	out := w.r.Text(s)
	if out != s {
		w.changed = true
		return out
	}
	return strings.Clone(out)
}

// inside masks by type. Well-known types first, then whatever says itself how
// it wants to be written, then by reflection.
func (w *walker) inside(key string, v any) any {
	switch v := v.(type) {
	case nil, bool, time.Time, time.Duration, float32, float64:
		return v
	case string:
		return w.text(v)
	case json.Number:
		if masked := w.text(string(v)); masked != string(v) {
			return masked
		}
		return v
	case json.RawMessage:
		return w.rawJSON(key, v)
	case []byte:
		return w.text(string(v))
	case int:
		return w.integer(v, int64(v), 0)
	case int64:
		return w.integer(v, v, 0)
	case uint64:
		return w.integer(v, 0, v)
	case Fields:
		return w.nested(reflect.ValueOf(v), func() any { return w.object(v) })
	case slog.Attr:
		return w.attrs([]slog.Attr{v})
	case []slog.Attr:
		return w.attrs(v)
	case slog.Value:
		return w.slogValue(key, v)
	case slog.Level:
		return v.String()
	case *url.URL:
		if v == nil {
			return nil
		}
		shown := v.String()
		if w.allowed == 0 && w.r.rules().on[typeURL] {
			shown = w.r.URL(shown)
		}
		w.changed = w.changed || shown != v.String()
		return shown
	case http.Header:
		return w.header(v)
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
		return nil
	}
	return w.custom(key, v)
}

// custom asks v how it wants to be written. What panics says so.
func (w *walker) custom(key string, v any) (out any) {
	defer func() {
		if p := recover(); p != nil {
			out = w.panicked(p)
		}
	}()
	switch v := v.(type) {
	case slog.LogValuer:
		if w.r.rules().on[typeLogValuer] {
			return w.slogValue(key, slog.AnyValue(v).Resolve())
		}
	case error:
		return w.text(v.Error())
	case json.Marshaler:
		b, err := v.MarshalJSON()
		if err != nil {
			return w.text("!ERROR: " + err.Error())
		}
		return w.rawJSON(key, b)
	case encoding.TextMarshaler:
		b, err := v.MarshalText()
		if err != nil {
			return w.text("!ERROR: " + err.Error())
		}
		return w.text(string(b))
	}
	return w.reflected(key, reflect.ValueOf(v))
}

func (w *walker) integer(v any, i int64, u uint64) any {
	if i > 0 {
		u = uint64(i)
	}
	if w.allowed == 0 && w.r.rules().cardNumber(u) {
		w.changed = true
		return Mask
	}
	return v
}

func (w *walker) header(h http.Header) any {
	if h == nil {
		return nil
	}
	out := make(map[string]any, len(h))
	for name, values := range h {
		joined := strings.Join(values, ", ")
		shown := joined
		if w.allowed == 0 {
			shown = w.r.headerValue(name, joined)
		}
		w.changed = w.changed || shown != joined
		out[name] = strings.Clone(shown)
	}
	return out
}

// rawJSON decodes b, so that it is masked by its keys as well.
func (w *walker) rawJSON(key string, b []byte) any {
	v, ok := decode(b)
	if !ok || !w.r.rules().on[typeJSON] {
		return w.text(string(b))
	}
	return w.inside(key, v)
}

func (w *walker) object(f Fields) any {
	out := make(Fields, 0, len(f))
	for _, m := range f {
		out = append(out, Field{w.text(m.Key), w.value(m.Key, m.Value)})
		if w.nodes < 0 {
			break
		}
	}
	return out
}

func (w *walker) attrs(attrs []slog.Attr) any {
	out := make(Fields, 0, len(attrs))
	for _, a := range attrs {
		v := w.value(a.Key, a.Value)
		if group, ok := v.(Fields); ok && a.Key == "" {
			out = append(out, group...)
			continue
		}
		out = append(out, Field{w.text(a.Key), v})
		if w.nodes < 0 {
			break
		}
	}
	return out
}

func (w *walker) slogValue(key string, v slog.Value) any {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		return w.nested(reflect.Value{}, func() any { return w.attrs(v.Group()) })
	default:
		return w.inside(key, v.Any())
	}
}
