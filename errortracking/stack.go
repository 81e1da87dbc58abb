package errortracking

import (
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/getsentry/sentry-go"
)

const (
	maxFrames  = 100
	modulePath = "github.com/distri-night/monitoring"
)

// callers is the stack of the calling goroutine, innermost first, from the
// code that called this library on.
func callers() []runtime.Frame {
	all := rawFrames()
	for i, f := range all {
		if !plumbing(f) {
			return all[i:]
		}
	}
	return all
}

// panicSite is the stack at the panic that is being recovered, innermost
// first. It is called in the deferred function, where the frames of the panic
// are still there; so are those of a middleware of ours that panicked on.
func panicSite() []runtime.Frame {
	all := rawFrames()
	for {
		i := slices.IndexFunc(all, func(f runtime.Frame) bool { return f.Function == "runtime.gopanic" })
		if i < 0 {
			break
		}
		all = all[i+1:]
		if len(all) == 0 || !plumbing(all[0]) {
			break
		}
	}
	return slices.DeleteFunc(all, func(f runtime.Frame) bool { return packageOf(f.Function) == "runtime" })
}

func rawFrames() []runtime.Frame {
	pcs := make([]uintptr, maxFrames+50)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var all []runtime.Frame
	for {
		f, more := frames.Next()
		if f.Function != "" && f.Function != "runtime.goexit" {
			all = append(all, f)
		}
		if !more {
			return all
		}
	}
}

// plumbing is code between the service and a capture: ours, and log/slog's.
func plumbing(f runtime.Frame) bool {
	return packageOf(f.Function) == "log/slog" || ours(f.Function, f.File)
}

// ours reports whether a function is part of the library (its tests and
// examples are not).
func ours(function, file string) bool {
	pkg := packageOf(function)
	rest, ok := strings.CutPrefix(pkg, modulePath)
	if !ok || strings.HasSuffix(file, "_test.go") || strings.HasSuffix(pkg, "_test") {
		return false
	}
	return rest == "" || rest[0] == '/' && !strings.HasPrefix(rest, "/examples/") && !strings.HasPrefix(rest, "/e2e")
}

// packageOf is the import path in a function's full name.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/')
	if dot := strings.IndexByte(function[slash+1:], '.'); dot >= 0 {
		return function[:slash+1+dot]
	}
	return function
}

var mainModule = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Path
	}
	return ""
})

// inApp reports whether a frame is of the service: neither the standard
// library, nor a dependency, nor us.
func inApp(module, file string) bool {
	if module == "main" {
		return true
	}
	if main := mainModule(); main != "" && (module == main || strings.HasPrefix(module, main+"/")) {
		return !ours(module+".f", file)
	}
	first, _, _ := strings.Cut(module, "/")
	return strings.Contains(first, ".") && !strings.Contains(file, "@v") && !strings.Contains(file, "/vendor/")
}

// stacktrace turns frames, innermost first, into Sentry's form.
func stacktrace(frames []runtime.Frame) *sentry.Stacktrace {
	if len(frames) == 0 {
		return nil
	}
	frames = frames[:min(len(frames), maxFrames)]
	st := &sentry.Stacktrace{Frames: make([]sentry.Frame, 0, len(frames))}
	for _, f := range slices.Backward(frames) {
		sf := sentry.NewFrame(f)
		if sf.Module == "runtime" || sf.Module == "testing" {
			continue
		}
		sf.InApp = inApp(sf.Module, f.File)
		st.Frames = append(st.Frames, sf)
	}
	return st
}

// ownStack is where err says that it was made, if it does: the StackTrace
// methods of pkg/errors, cockroachdb/errors, go-errors and samber/oops, found
// by reflection.
func ownStack(err error) (st *sentry.Stacktrace) {
	defer func() {
		if recover() != nil {
			st = nil
		}
	}()
	if st = sentry.ExtractStacktrace(err); st == nil || len(st.Frames) == 0 {
		st = stackFrames(err)
	}
	if st == nil || len(st.Frames) == 0 {
		return nil
	}
	st.Frames = st.Frames[max(0, len(st.Frames)-maxFrames):]
	for i := range st.Frames {
		f := &st.Frames[i]
		f.InApp = inApp(f.Module, f.AbsPath+f.Filename)
	}
	return st
}

// stackFrames knows a method StackFrames or Callers that gives runtime frames
// or program counters.
func stackFrames(err error) *sentry.Stacktrace {
	for _, name := range []string{"StackFrames", "Callers"} {
		m := reflect.ValueOf(err).MethodByName(name)
		if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
			continue
		}
		switch out := m.Call(nil)[0].Interface().(type) {
		case []runtime.Frame:
			return stacktrace(out)
		case []uintptr:
			var all []runtime.Frame
			frames := runtime.CallersFrames(out)
			for more := len(out) > 0; more; {
				var f runtime.Frame
				f, more = frames.Next()
				all = append(all, f)
			}
			return stacktrace(all)
		}
	}
	return nil
}
