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
		if kindOf(key) == plainKey && !r.pathAllowed(nil, key) {
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
// map[string]any and []any, without any reference to what v holds.
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
		} else if kind := kindOf(key); kind != plainKey && !shown(kind, v) {
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

// shown reports whether v may stand under a secret's name.
func shown(kind keyKind, v any) bool {
	switch v := v.(type) {
	case nil, bool, time.Time, time.Duration:
		return true
	case string:
		return v == "" || v == Mask
	case json.Number:
		return kind == pluralKey
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
		if w.allowed == 0 {
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
		return w.slogValue(key, slog.AnyValue(v).Resolve())
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
	if w.allowed == 0 && cardNumber(u) {
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
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || dec.More() {
		return w.text(string(b))
	}
	return w.inside(key, v)
}

func (w *walker) attrs(attrs []slog.Attr) any {
	out := make(map[string]any, len(attrs))
	for _, a := range attrs {
		v := w.value(a.Key, a.Value)
		if group, ok := v.(map[string]any); ok && a.Key == "" {
			for k, member := range group {
				out[k] = member
			}
			continue
		}
		out[w.text(a.Key)] = v
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

// nested bounds depth and cuts cycles through rv, a pointer, map or slice.
func (w *walker) nested(rv reflect.Value, f func() any) any {
	if len(w.parents) >= maxDepth {
		w.changed = true
		return tooDeep
	}
	var here visit
	if rv.IsValid() {
		here = visit{rv.Type(), rv.Pointer()}
		for _, p := range w.parents {
			if p == here {
				w.changed = true
				return cycle
			}
		}
	}
	w.parents = append(w.parents, here)
	defer func() { w.parents = w.parents[:len(w.parents)-1] }()
	return f()
}

// reflected walks what has no form of its own.
func (w *walker) reflected(key string, rv reflect.Value) any {
	switch rv.Kind() {
	case reflect.Bool:
		return rv.Bool()
	case reflect.String:
		return w.text(rv.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return w.integer(rv.Int(), rv.Int(), 0)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return w.integer(rv.Uint(), 0, rv.Uint())
	case reflect.Float32, reflect.Float64:
		return rv.Float()
	case reflect.Pointer:
		return w.nested(rv, func() any { return w.inside(key, rv.Elem().Interface()) })
	case reflect.Map:
		if rv.IsNil() {
			return nil
		}
		return w.nested(rv, func() any { return w.mapping(rv) })
	case reflect.Slice:
		if rv.IsNil() {
			return nil
		}
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			return w.text(string(rv.Bytes()))
		}
		return w.nested(rv, func() any { return w.list(key, rv) })
	case reflect.Array:
		return w.nested(reflect.Value{}, func() any { return w.list(key, rv) })
	case reflect.Struct:
		return w.nested(reflect.Value{}, func() any { return w.structure(rv) })
	default: // what JSON has no form for
		w.changed = true
		if rv.Kind() == reflect.Complex64 || rv.Kind() == reflect.Complex128 {
			return fmt.Sprint(rv.Complex())
		}
		return rv.Type().String()
	}
}

func (w *walker) mapping(rv reflect.Value) any {
	out := make(map[string]any, rv.Len())
	for it := rv.MapRange(); it.Next(); {
		name := mapKey(it.Key())
		masked := w.text(name)
		out[masked] = w.value(name, it.Value().Interface())
		if w.nodes < 0 {
			break
		}
	}
	return out
}

func mapKey(k reflect.Value) string {
	for k.Kind() == reflect.Interface {
		k = k.Elem()
	}
	if k.Kind() == reflect.String {
		return k.String()
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(k.Interface())
}

// list keeps the key: the members of "tokens" are tokens.
func (w *walker) list(key string, rv reflect.Value) any {
	out := make([]any, 0, min(rv.Len(), 64))
	for i := range rv.Len() {
		out = append(out, w.member(key, rv.Index(i).Interface()))
		if w.nodes < 0 {
			break
		}
	}
	return out
}

func (w *walker) member(key string, v any) any {
	if w.nodes--; w.nodes < 0 {
		w.changed = true
		return tooMuch
	}
	return w.inside(key, v)
}

// structure writes the exported fields as encoding/json names them.
func (w *walker) structure(rv reflect.Value) any {
	if t := rv.Type(); !marshals(t) && marshals(reflect.PointerTo(t)) { // as big.Int
		p := reflect.New(t)
		p.Elem().Set(rv)
		return w.custom("", p.Interface())
	}
	out := make(map[string]any, rv.NumField())
	w.fields(rv, out)
	if len(out) == 0 && rv.NumField() > 0 && rv.CanInterface() {
		if s, ok := rv.Interface().(fmt.Stringer); ok {
			return w.text(s.String())
		}
	}
	return out
}

func (w *walker) fields(rv reflect.Value, out map[string]any) {
	t := rv.Type()
	for i := range t.NumField() {
		f, v := t.Field(i), rv.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && v.Kind() == reflect.Struct && !marshals(f.Type) {
			w.fields(v, out)
			continue
		}
		if !f.IsExported() || f.Tag.Get("log") == "-" || name == "-" && options == "" {
			w.changed = true
			continue
		}
		if strings.Contains(options, "omitempty") && v.IsZero() || strings.Contains(options, "omitzero") && v.IsZero() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if tag := f.Tag.Get("redact"); tag != "" && tag != "false" && w.allowed == 0 {
			w.changed = true
			out[name] = Mask
			continue
		}
		if w.allowed == 0 && !w.r.pathAllowed(w.path, name) {
			if kind := kindOf(f.Name); kind != plainKey && !shown(kind, v.Interface()) {
				w.changed = true
				out[name] = Mask
				continue
			}
		}
		out[name] = w.value(name, v.Interface())
	}
}

func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}
