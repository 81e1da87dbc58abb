package logging

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"

	"github.com/distri-night/monitoring/metric"
)

// output is the writer with its lock.
type output struct {
	mu       sync.Mutex
	w        io.Writer
	harmless bool // it logs nothing itself
	guard    *guard
	looped   *metric.Counter
}

// harmless reports whether w is known not to call into any logger.
func harmless(w io.Writer) bool {
	switch w.(type) {
	case *os.File, *bytes.Buffer, *net.TCPConn, *net.UnixConn, *net.UDPConn:
		return true
	}
	return w == io.Discard
}

// write passes one record on, once at a time.
func (o *output) write(b []byte) error {
	if o.harmless {
		return o.locked(b)
	}
	switch o.guard.reach() {
	case direct:
		o.guard.inside.Add(1)
		defer o.guard.inside.Add(-1)
		return o.locked(b)
	case apart:
		own := bytes.Clone(b) // the caller uses b again
		if err, done := o.guard.away(func() error { return o.locked(own) }); done {
			return err
		}
	}
	o.looped.Add(1)
	return emergency().out.locked(b)
}

// locked writes. A writer that panics does not reach the service.
func (o *output) locked(b []byte) (err error) {
	o.mu.Lock()
	defer func() {
		o.mu.Unlock()
		if p := recover(); p != nil {
			err = fmt.Errorf("write a log record: the writer panicked: %v", p)
		}
	}()
	return o.call(b)
}

// call calls the writer. It is a function of its own for calledFrom.
//
//go:noinline
func (o *output) call(b []byte) error {
	_, err := o.w.Write(b)
	return err
}

// hand gives r to another handler, unless that is where r comes from.
func (k *core) hand(ctx context.Context, h slog.Handler, r slog.Record) error {
	switch k.guard.reach() {
	case direct:
		k.guard.inside.Add(1)
		defer k.guard.inside.Add(-1)
		return passTo(ctx, h, r)
	case apart:
		if err, done := k.guard.away(func() error { return passTo(ctx, h, r) }); done {
			return err
		}
	}
	k.out.looped.Add(1)
	return nil
}

// callHandler calls h. It is a function of its own for calledFrom.
//
//go:noinline
func callHandler(ctx context.Context, h slog.Handler, r slog.Record) error { return h.Handle(ctx, r) }
