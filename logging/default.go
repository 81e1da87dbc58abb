package logging

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

var installed atomic.Pointer[Logger]

// Default is the Logger that package functions act on; nil if there is none.
func Default() *Logger { return installed.Load() }

// SetDefault installs l; nil takes the default away. It leaves slog.Default
// alone.
func SetDefault(l *Logger) { installed.Store(l) }

// Middleware is [Logger.Middleware]. It needs no default.
func Middleware(next http.Handler) http.Handler { return (*Logger)(nil).Middleware(next) }

// Transport is [Logger.Transport]. It needs no default.
func Transport(next http.RoundTripper) http.RoundTripper { return (*Logger)(nil).Transport(next) }

// emergency writes to stderr where neither this package nor log/slog was set up.
func emergency() *core {
	lastResort.once.Do(func() {
		lastResort.core = newCore(Config{Output: os.Stderr, Recent: -1, Disabled: true}.withDefaults())
	})
	return lastResort.core
}

var lastResort struct {
	once sync.Once
	core *core
}

// current is the core of the default, else one over what slog.Default has.
func current() (*core, *handler) {
	if l := Default(); l != nil && l.core != nil {
		return l.core, nil
	}
	switch h := slog.Default().Handler().(type) {
	case *handler: // slog.SetDefault(log.Logger), without SetDefault
		return h.core, h
	default:
		if standard(h) {
			return emergency(), nil
		}
		k := &core{foreign: true, encoder: plainJSON, extra: []slog.Handler{h}}
		k.root = &handler{core: k}
		return k, nil
	}
}

// standard reports whether h is the one that log/slog starts with. It writes
// through the standard logger, which slog.SetDefault points back at the
// default handler: a handler of ours above it would wait for itself.
func standard(h slog.Handler) bool { return fmt.Sprintf("%T", h) == "*slog.defaultHandler" }

func notStandard(h slog.Handler) slog.Handler {
	if standard(h) {
		return emergency().root
	}
	return h
}
