package redact

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A layout is how a struct is written: by the rules of encoding/json for
// names, order, embedded structs and options.
type layout struct {
	fields  []structField
	partial bool // something of the struct is not written
}

type structField struct {
	name, goName        string
	index               []int
	depth               int
	masked              bool // tagged `redact:"true"`
	hidden              bool // tagged `log:"-"`
	tagged              bool // has a name by tag, which wins over others at its depth
	quoted              bool
	omitEmpty, omitZero bool
}

var layouts sync.Map // reflect.Type: layout; as many as the program has types

func layoutOf(t reflect.Type) layout {
	if l, ok := layouts.Load(t); ok {
		return l.(layout)
	}
	var l layout
	l.collect(t, nil, nil)
	l.dominant()
	layouts.Store(t, l)
	return l
}

// collect lists the fields in the order of their declaration, those of
// embedded structs at their place.
func (l *layout) collect(t reflect.Type, index []int, above []reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := append(slices.Clone(index), i)
		tag := f.Tag.Get("redact")
		masked := tag != "" && tag != "false"
		if f.Anonymous && name == "" && !masked {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct && !marshals(f.Type) {
				if hidden := f.Tag.Get("log") == "-"; !hidden && !slices.Contains(above, inner) {
					l.collect(inner, at, append(slices.Clone(above), t))
				} else {
					l.partial = true
				}
				continue
			}
		}
		hidden := f.Tag.Get("log") == "-"
		if !f.IsExported() || f.Tag.Get("json") == "-" {
			l.partial = true
			continue
		}
		field := structField{
			name: name, goName: f.Name, index: at, depth: len(index), tagged: name != "",
			omitEmpty: hasOption(options, "omitempty"), omitZero: hasOption(options, "omitzero"),
			quoted: hasOption(options, "string"), masked: masked, hidden: hidden,
		}
		if name == "" {
			field.name = f.Name
		}
		l.partial = l.partial || hidden
		l.fields = append(l.fields, field)
	}
}

func hasOption(options, name string) bool {
	for options != "" {
		var o string
		o, options, _ = strings.Cut(options, ",")
		if o == name {
			return true
		}
	}
	return false
}

// dominant leaves of the fields with one name the one that encoding/json
// writes: the least deep, of those the tagged one; none, if several are left.
func (l *layout) dominant() {
	byName := map[string][]structField{}
	for _, f := range l.fields {
		byName[f.name] = append(byName[f.name], f)
	}
	if len(byName) == len(l.fields) {
		return
	}
	l.partial = true
	l.fields = slices.DeleteFunc(l.fields, func(f structField) bool {
		for _, o := range byName[f.name] {
			if slices.Equal(o.index, f.index) {
				continue
			}
			if o.depth < f.depth || o.depth == f.depth && (o.tagged || !f.tagged) {
				return true
			}
		}
		return false
	})
}

// structure writes the exported fields.
func (w *walker) structure(rv reflect.Value) any {
	t := rv.Type()
	if !marshals(t) && marshals(reflect.PointerTo(t)) { // as big.Int
		p := reflect.New(t)
		p.Elem().Set(rv)
		return w.custom("", p.Interface())
	}
	l := layoutOf(t)
	w.changed = w.changed || l.partial
	if len(l.fields) == 0 && rv.NumField() > 0 && rv.CanInterface() {
		if s, ok := rv.Interface().(fmt.Stringer); ok {
			return w.text(s.String())
		}
	}
	out := make(Fields, 0, len(l.fields))
	for i := range l.fields {
		f := &l.fields[i]
		v, ok := member(rv, f.index)
		if !ok || f.hidden && w.r.rules().on[typeTagLog] || f.omitEmpty && empty(v) || f.omitZero && zero(v) {
			continue
		}
		out = append(out, Field{f.name, w.field(f, v)})
	}
	return out
}

// member finds a field; there is none behind a nil pointer.
func member(rv reflect.Value, index []int) (reflect.Value, bool) {
	for _, i := range index {
		if rv.Kind() == reflect.Pointer {
			if rv.IsNil() {
				return rv, false
			}
			rv = rv.Elem()
		}
		rv = rv.Field(i)
	}
	return rv, true
}

func (w *walker) field(f *structField, v reflect.Value) any {
	if w.allowed == 0 {
		if f.masked && w.r.rules().on[typeTagRedact] {
			w.changed = true
			return Mask
		}
		if !w.r.pathAllowed(w.path, f.name) {
			if kind := w.r.rules().kindOf(f.goName); kind != plainKey && !shown(kind, v.Interface()) {
				w.changed = true
				return Mask
			}
		}
	}
	out := w.value(f.name, v.Interface())
	if f.quoted {
		return quoted(out)
	}
	return out
}

// quoted is the option "string" of encoding/json.
func quoted(v any) any {
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(rv.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(rv.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(rv.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		if b, err := json.Marshal(v); err == nil {
			return string(b)
		}
	}
	return v
}

// empty is what the option "omitempty" leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// zero is what the option "omitzero" leaves out.
func zero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface || !v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}

func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}
