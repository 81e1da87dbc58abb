package logging

import (
	"errors"
	"reflect"
	"runtime"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/distri-night/monitoring/internal/redact"
)

const (
	maxWraps = 16 // errors around an error that are looked through
	maxStack = 32 // of a stack
)

// errorType names the type of err: the outermost that is exported, because
// what wraps an error with no more than a text has a type that says nothing.
func errorType(err error) (name string) {
	defer func() { // the service's method may panic
		if recover() != nil && name == "" {
			name = "error"
		}
	}()
	err = redact.Original(err)
	for range maxWraps {
		t := reflect.TypeOf(err)
		name = t.String()
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if r, _ := utf8.DecodeRuneInString(t.Name()); unicode.IsUpper(r) {
			return name
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			return name
		}
		err = inner
	}
	return name
}

// errorStack is where err says that it was made, innermost call first; nil if
// it does not. Of several that it wraps the first one made counts.
func errorStack(err error) (pcs []uintptr) {
	defer func() { _ = recover() }() // what was found until then stands
	err = redact.Original(err)
	for i := 0; err != nil && i < maxWraps; i++ {
		if own := ownStack(reflect.ValueOf(err)); len(own) > 0 {
			pcs = own
		}
		err = errors.Unwrap(err)
	}
	return pcs
}

// ownStack finds StackTrace() or Callers() by its shape, a list of program
// counters, as pkg/errors, cockroachdb/errors and go-errors have it.
func ownStack(v reflect.Value) []uintptr {
	for _, name := range [...]string{"StackTrace", "Callers"} {
		m := v.MethodByName(name)
		if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
			continue
		}
		if t := m.Type().Out(0); t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uintptr {
			continue
		}
		list := m.Call(nil)[0]
		pcs := make([]uintptr, min(list.Len(), maxStack))
		for i := range pcs {
			pcs[i] = uintptr(list.Index(i).Uint())
		}
		return pcs
	}
	return nil
}

// appendStack writes the calls as the runtime prints them, function and place
// on two lines.
func appendStack(b []byte, pcs []uintptr) []byte {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" {
			b = append(append(b, f.Function...), "()\n\t"...)
			b = append(append(b, f.File...), ':')
			b = append(strconv.AppendInt(b, int64(f.Line), 10), '\n')
		}
		if !more {
			return b
		}
	}
}
