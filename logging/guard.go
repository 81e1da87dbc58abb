package logging

import (
	"context"
	"log"
	"log/slog"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A writer or handler that the service gave may log itself, to us, to slog or
// to the standard logger, which slog.SetDefault and log.SetOutput may have led
// back here in the meantime. Then it would wait for a lock that its own caller
// holds, ours, its own or the standard logger's (go.dev/issue/62424), or call
// itself for ever. Nothing on the way tells a call from within from another
// goroutine's, but the stack does. So where the stack shows such a call, what
// is not known to be harmless is called on a goroutine of its own and waited
// for a moment only; where that moment passes, there is a loop, and for a while
// the record goes to stderr in its place.

const (
	patience  = 100 * time.Millisecond // with a writer or handler that may wait for its caller
	loopTime  = time.Minute            // until it is tried again
	maxApart  = 32                     // such calls at once
	maxFrames = 32                     // of the stack that are looked at: who calls from within is near
)

// guard keeps watch over the writers and handlers of one Logger that are not
// known to be harmless.
type guard struct {
	patience time.Duration // 0: patience
	inside   atomic.Int32  // calls under way
	apart    atomic.Int32  // those on a goroutine of their own
	until    atomic.Int64  // a loop was seen; Unix nanoseconds
	wg       sync.WaitGroup
}

// reach is how a writer or handler may be called.
type reach uint8

const (
	direct reach = iota
	apart
	never
)

// reach judges by the stack of the caller, where there can be something on it.
func (g *guard) reach() reach {
	if g.inside.Load() == 0 && !standardWrites() {
		return direct
	}
	own, std := calledFrom()
	switch {
	case !own && !std:
		return direct
	case g.looping():
		return never
	case !std && g.inside.Load() == 0: // another Logger's writer or handler
		return direct
	case g.apart.Load() >= maxApart:
		g.flag()
		return never
	default:
		return apart
	}
}

// away calls f on a goroutine of its own, and reports whether it was done in
// time.
func (g *guard) away(f func() error) (err error, done bool) {
	result := make(chan error, 1)
	g.inside.Add(1)
	g.apart.Add(1)
	g.wg.Go(func() {
		defer g.inside.Add(-1)
		defer g.apart.Add(-1)
		result <- f()
	})
	wait := patience
	if g.patience > 0 {
		wait = g.patience
	}
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case err = <-result:
		return err, true
	case <-late.C:
		g.flag()
		return nil, false
	}
}

func (g *guard) looping() bool {
	until := g.until.Load()
	return until != 0 && time.Now().UnixNano() < until
}

// flag notes a loop, and says so if it is new.
func (g *guard) flag() {
	now := time.Now()
	if before := g.until.Swap(now.Add(loopTime).UnixNano()); now.UnixNano() < before {
		return
	}
	r := slog.NewRecord(now, slog.LevelError, "the log's Output or one of its Handlers logs to this log: such records go to stderr", 0)
	_ = (&handler{core: emergency()}).Handle(context.Background(), r)
}

// wait waits for the calls that were given up. They end once whoever they
// wait for has returned.
func (g *guard) wait(ctx context.Context) {
	if g.apart.Load() == 0 {
		return
	}
	done := make(chan struct{})
	go func() { // ends with the calls
		g.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// calledFrom reports whether one of our calls of a writer or handler is under
// way on this goroutine, and whether some log.Logger is writing on it.
func calledFrom() (own, std bool) {
	var pcs [maxFrames]uintptr
	n := runtime.Callers(3, pcs[:])
	s := sites()
	for _, pc := range pcs[:n] {
		own = own || s.write.has(pc) || s.handle.has(pc)
		std = std || s.std.has(pc)
	}
	return own, std
}

// standardLock is what the standard logger holds while it writes; nil if this
// version of Go keeps it elsewhere.
var standardLock = sync.OnceValue(func() *sync.Mutex {
	lock := reflect.ValueOf(log.Default()).Elem().FieldByName("outMu")
	if !lock.IsValid() || lock.Type() != reflect.TypeFor[sync.Mutex]() {
		return nil
	}
	return (*sync.Mutex)(lock.Addr().UnsafePointer())
})

// standardWrites reports whether the standard logger may be writing, here or
// on another goroutine. It spares most records the look at the stack.
func standardWrites() bool {
	lock := standardLock()
	if lock == nil {
		return true
	}
	if !lock.TryLock() {
		return true
	}
	lock.Unlock()
	return false
}

// code is where a function lies.
type code struct{ from, to uintptr }

// has takes a return address, which may be just past the end.
func (c code) has(pc uintptr) bool { return c.from < pc && pc <= c.to }

// codeAt finds the end of the function that begins at entry.
func codeAt(entry uintptr) code {
	end := entry
	for f := runtime.FuncForPC(end); f != nil && f.Entry() == entry; f = runtime.FuncForPC(end) {
		end++
	}
	return code{entry, end}
}

// sites are the functions that calledFrom looks for.
var sites = sync.OnceValue(func() (s struct{ write, handle, std code }) {
	s.write = codeAt(reflect.ValueOf((*output).call).Pointer())
	s.handle = codeAt(reflect.ValueOf(callHandler).Pointer())
	log.New(findStandard{&s.std}, "", 0).Print()
	return s
})

// findStandard finds the function that holds a log.Logger's lock while it
// writes, by being written to.
type findStandard struct{ at *code }

func (f findStandard) Write(b []byte) (int, error) {
	var pcs [maxFrames]uintptr
	n := runtime.Callers(1, pcs[:])
	for _, pc := range pcs[:n] {
		if fn := runtime.FuncForPC(pc - 1); fn != nil && fn.Name() == "log.(*Logger).output" {
			*f.at = codeAt(fn.Entry())
		}
	}
	return len(b), nil
}
