package simulate

import (
	"context"
	"fmt"
	"sync"
)

// gate lets actors through while it is open, and knows who is inside: closing
// it waits until the last request has been answered.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside int
	opened chan struct{} // closed when the gate opens
	empty  chan struct{} // closed when nobody is inside a closed gate; nil if nobody waits
}

func newGate(open bool) *gate { return &gate{closed: !open, opened: make(chan struct{})} }

func (g *gate) enter(ctx context.Context) error {
	for {
		g.mu.Lock()
		if !g.closed {
			g.inside++
			g.mu.Unlock()
			return nil
		}
		opened := g.opened
		g.mu.Unlock()
		select {
		case <-opened:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.inside == 0 && g.empty != nil {
		close(g.empty)
		g.empty = nil
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		g.closed = false
		close(g.opened)
		g.opened = make(chan struct{})
	}
}

// close keeps actors out and waits for those inside.
func (g *gate) close(ctx context.Context) error {
	g.mu.Lock()
	g.closed = true
	if g.inside == 0 {
		g.mu.Unlock()
		return nil
	}
	if g.empty == nil {
		g.empty = make(chan struct{})
	}
	empty := g.empty
	g.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the shoppers' last requests: %w", context.Cause(ctx))
	}
}

func (g *gate) isOpen() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.closed
}
