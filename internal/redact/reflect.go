package redact

import (
	"encoding"
	"fmt"
	"reflect"
)

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
