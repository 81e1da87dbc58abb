package errortracking

import (
	"reflect"
	"runtime"
	"strings"
)

// How the types of errors that know where they were made say so, found by the
// shape of their methods: Callers() of go-errors, StackTrace() of pkg/errors
// and cockroachdb/errors, StackFrames() of samber/oops, GetStackTracer() of
// pingcap/errors, and the field frame of x/xerrors.
var stackMethods = []string{"Callers", "StackTrace", "StackFrames", "GetStackTracer"}

// stackAccess finds the stack in a value of one type; nil: it has none.
type stackAccess func(reflect.Value) stack

// ownStack is where err says that it was made, if it does.
func ownStack(err error) (s stack) {
	access := typeOf(err).stack
	if access == nil {
		return stack{}
	}
	defer func() {
		if recover() != nil {
			s = stack{}
		}
	}()
	return access(reflect.ValueOf(err))
}

func accessOf(t reflect.Type) stackAccess {
	for _, name := range stackMethods {
		m, ok := t.MethodByName(name)
		if !ok || m.Type.NumIn() != 1 || m.Type.NumOut() != 1 {
			continue
		}
		switch out := m.Type.Out(0); {
		case out.Kind() == reflect.Slice && listsFrames(out.Elem()):
			return func(v reflect.Value) stack { return stackIn(v.Method(m.Index).Call(nil)[0]) }
		case out.Kind() == reflect.Interface && name == "GetStackTracer":
			return func(v reflect.Value) stack {
				return stackIn(v.Method(m.Index).Call(nil)[0].MethodByName("StackTrace").Call(nil)[0])
			}
		}
	}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
		if f, ok := t.Elem().FieldByName("frame"); ok && f.Type.Kind() == reflect.Struct {
			if pcs, ok := f.Type.FieldByName("frames"); ok && pcs.Type.Kind() == reflect.Array && pcs.Type.Elem().Kind() == reflect.Uintptr {
				return func(v reflect.Value) stack {
					all := v.Elem().FieldByIndex(f.Index).FieldByIndex(pcs.Index)
					return stackIn(all.Slice(1, all.Len())) // the first is xerrors' own
				}
			}
		}
	}
	return nil
}

// listsFrames reports whether values of type t may be frames: counters, or
// structs that have one.
func listsFrames(t reflect.Type) bool {
	if t.Kind() == reflect.Uintptr || t == reflect.TypeFor[runtime.Frame]() {
		return true
	}
	_, ok := counterField(t)
	return ok
}

func counterField(t reflect.Type) (reflect.StructField, bool) {
	if t.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	for _, name := range []string{"ProgramCounter", "PC"} {
		if f, ok := t.FieldByName(name); ok && f.Type.Kind() == reflect.Uintptr {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// stackIn reads a list of frames, innermost first.
func stackIn(list reflect.Value) (s stack) {
	n := min(list.Len(), maxFrames)
	if n == 0 {
		return stack{}
	}
	if list.CanInterface() {
		if frames, ok := list.Interface().([]runtime.Frame); ok {
			return ofFrames(frames[:n])
		}
	}
	field, isStruct := counterField(list.Type().Elem())
	s.pcs = make([]uintptr, 0, n)
	for i := range n {
		v := list.Index(i)
		if isStruct {
			v = v.FieldByIndex(field.Index)
		}
		if pc := uintptr(v.Uint()); pc != 0 {
			s.pcs = append(s.pcs, pc)
		}
	}
	return s
}

// ofFrames goes back to the counters where they lead to the same functions:
// frames made to be printed lack package and path.
func ofFrames(frames []runtime.Frame) stack {
	s := stack{pcs: make([]uintptr, len(frames))}
	for i, f := range frames {
		s.pcs[i] = f.PC + 1 // the counter of a frame is in the call, that of a stack behind it
		if f.PC == 0 || !strings.HasSuffix(infoOf(s.pcs[i]).frame.Function, baseName(f.Function)) {
			return stack{frames: frames}
		}
	}
	return s
}

// baseName is what comes after the last dot.
func baseName(function string) string { return function[strings.LastIndexByte(function, '.')+1:] }

// originOf finds, in a type whose values have a stack, the field that keeps its
// counters, as pkg/errors, cockroachdb/errors and go-errors do: the innermost
// can be read there without an allocation. nil: there is none.
func originOf(t reflect.Type) func(reflect.Value) uintptr {
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil
	}
	for i := range t.Elem().NumField() {
		f := t.Elem().Field(i).Type
		if f.Kind() == reflect.Slice && f.Elem().Kind() == reflect.Uintptr {
			return func(v reflect.Value) uintptr { return firstOf(v.Elem().Field(i)) }
		}
		if f.Kind() == reflect.Pointer && f.Elem().Kind() == reflect.Slice && f.Elem().Elem().Kind() == reflect.Uintptr {
			return func(v reflect.Value) uintptr { return firstOf(v.Elem().Field(i).Elem()) }
		}
	}
	return nil
}

func firstOf(list reflect.Value) uintptr {
	if !list.IsValid() || list.Len() == 0 {
		return 0
	}
	return uintptr(list.Index(0).Uint())
}
