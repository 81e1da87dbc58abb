package dbmon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// probeGrace is what is left of checkTimeout to see how a check ends that has
// run out of time.
const probeGrace = 100 * time.Millisecond

var (
	errStuck    = errors.New("the check does not come back")
	errPanicked = errors.New("the check panicked")
)

// probe runs the checks of one pool, one at a time. How a connection is made is
// the service's (its dialer, its BeforeConnect). If that does not heed its
// context, the check goes on without its caller; it belongs to the attachment:
// none is started beside it, Health says it, and who detaches waits for it.
type probe struct {
	mu      sync.Mutex
	running *running // nil: none
	retired bool
}

type running struct {
	done   chan struct{} // closed once result is there
	result serverCheck
	cancel context.CancelFunc
}

// check runs one check until ctx ends, and not much longer.
func (p *probe) check(ctx context.Context, check func(context.Context) serverCheck) serverCheck {
	r := p.start(ctx, check)
	if r == nil {
		return serverCheck{err: errStuck, stuck: true}
	}
	select {
	case <-r.done:
		return r.result
	case <-ctx.Done():
	}
	grace := time.NewTimer(probeGrace)
	defer grace.Stop()
	select {
	case <-r.done:
		return r.result
	case <-grace.C:
		return serverCheck{err: ctx.Err(), stuck: true}
	}
}

// start begins a check, unless one still runs or nobody wants them any more.
func (p *probe) start(ctx context.Context, check func(context.Context) serverCheck) *running {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil || p.retired {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &running{done: make(chan struct{}), cancel: cancel}
	p.running = r
	go func() {
		defer cancel()
		r.result = guarded(ctx, check)
		p.mu.Lock()
		p.running = nil
		p.mu.Unlock()
		close(r.done)
	}()
	return r
}

// guarded keeps a panic of the service's own code out of the service.
func guarded(ctx context.Context, check func(context.Context) serverCheck) (s serverCheck) {
	defer func() {
		if recover() != nil {
			s = serverCheck{err: errPanicked}
		}
	}()
	return check(ctx)
}

// retire ends the checks, and waits until the one under way has come back or
// ctx ends, which is an error.
func (p *probe) retire(ctx context.Context) error {
	p.mu.Lock()
	p.retired = true
	r := p.running
	p.mu.Unlock()
	if r == nil {
		return nil
	}
	r.cancel()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a health check that does not heed its context: %w", ctx.Err())
	}
}
