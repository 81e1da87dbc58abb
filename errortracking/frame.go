package errortracking

import (
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/getsentry/sentry-go"
)

const modulePath = "github.com/distri-night/monitoring"

// frameInfo is what a program counter stands for.
type frameInfo struct {
	frame    runtime.Frame
	module   string // the import path of the package
	stable   string // the function, without what a deploy changes
	shown    sentry.Frame
	hidden   bool // the runtime's, or testing's
	plumbing bool // code between the service and a capture: ours, or log/slog's
	inApp    bool // of the service
}

// frames keeps what program counters stand for: they are those of this binary,
// and finding out takes a hundred times as long as finding it here.
var frames cache[frameInfo]

func infoOf(pc uintptr) *frameInfo {
	key := mix(uint64(pc), 0)
	if f := frames.get(key); f != nil {
		return f
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return frames.put(key, *describe(f))
}

func describe(f runtime.Frame) *frameInfo {
	module := packageOf(f.Function)
	info := &frameInfo{
		frame: f, module: module, stable: stableFunction(f.Function), shown: sentry.NewFrame(f),
		hidden:   f.Function == "" && f.File == "" || module == "runtime" || module == "testing",
		plumbing: module == "log/slog" || ours(module, f.File),
		inApp:    inApp(module, f.File),
	}
	info.shown.InApp = info.inApp
	return info
}

// ours reports whether a package is part of the library (its tests and
// examples are not).
func ours(module, file string) bool {
	rest, ok := strings.CutPrefix(module, modulePath)
	if !ok || strings.HasSuffix(file, "_test.go") || strings.HasSuffix(module, "_test") {
		return false
	}
	for _, program := range []string{"/examples/", "/e2e", "/bench"} {
		if strings.HasPrefix(rest, program) {
			return false
		}
	}
	return rest == "" || rest[0] == '/'
}

// packageOf is the import path in a function's full name.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/')
	if bracket := strings.IndexByte(function, '['); bracket >= 0 && bracket < slash { // of a type argument
		slash = strings.LastIndexByte(function[:bracket], '/')
	}
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
		return !ours(module, file)
	}
	first, _, _ := strings.Cut(module, "/")
	return strings.Contains(first, ".") && !strings.Contains(file, "@v") && !strings.Contains(file, "/vendor/") && !ours(module, file)
}
