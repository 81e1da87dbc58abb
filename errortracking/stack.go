package errortracking

import (
	"runtime"
	"slices"

	"github.com/getsentry/sentry-go"
)

const maxFrames = 100

// stack is where something happened, innermost first: program counters as
// runtime.Callers gives them, which are made into frames when somebody wants to
// see them; or frames, from an error that gives no more. It never changes.
type stack struct {
	pcs    []uintptr
	frames []runtime.Frame
}

func (s stack) empty() bool { return s.depth() == 0 }

func (s stack) depth() int { return max(len(s.pcs), len(s.frames)) }

// frame is the i-th.
func (s stack) frame(i int) *frameInfo {
	if len(s.pcs) > 0 {
		return infoOf(s.pcs[i])
	}
	return describe(s.frames[i])
}

// callers is the stack of the calling goroutine from the counter from on, or
// from the code that called this library.
func callers(from uintptr) stack {
	var buf [maxFrames + 30]uintptr
	pcs := buf[:runtime.Callers(3, buf[:])]
	i := 0
	if from != 0 {
		i = max(0, slices.Index(pcs, from))
	}
	for ; i < len(pcs); i++ {
		if !infoOf(pcs[i]).plumbing {
			pcs = pcs[i:]
			break
		}
	}
	return stack{pcs: slices.Clone(pcs[:min(len(pcs), maxFrames)])}
}

// panicSite is the stack at the panic that is being recovered. It is called in
// the deferred function, where the frames of the panic are still there; so are
// those of a middleware of ours that panicked on.
func panicSite() stack {
	buf := make([]uintptr, maxFrames+50)
	pcs := buf[:runtime.Callers(3, buf)]
	for {
		i := slices.IndexFunc(pcs, func(pc uintptr) bool { return infoOf(pc).frame.Function == "runtime.gopanic" })
		if i < 0 {
			break
		}
		pcs = pcs[i+1:]
		for len(pcs) > 0 && infoOf(pcs[0]).module == "runtime" { // how a runtime error panics
			pcs = pcs[1:]
		}
		if len(pcs) == 0 || !infoOf(pcs[0]).plumbing {
			break
		}
	}
	return stack{pcs: pcs[:min(len(pcs), maxFrames)]}
}

// where is the innermost function of the service, without what a deploy
// changes, and the number of its frame; -1 if there is none.
func (s stack) where() (function string, i int) {
	for i := range s.depth() {
		if f := s.frame(i); f.inApp {
			return f.stable, i
		}
	}
	return "", -1
}

// sentry is the stack in Sentry's form, which has the innermost frame last;
// nil if there is nothing to show.
func (s stack) sentry() *sentry.Stacktrace {
	n := min(s.depth(), maxFrames)
	if n == 0 {
		return nil
	}
	st := &sentry.Stacktrace{Frames: make([]sentry.Frame, 0, n)}
	for i := range n {
		if f := s.frame(n - 1 - i); !f.hidden {
			st.Frames = append(st.Frames, f.shown)
		}
	}
	if len(st.Frames) == 0 {
		return nil
	}
	return st
}
