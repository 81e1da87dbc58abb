package main

import (
	"context"
	"net/http"
	"sync"
)

// drain knows how many requests are in its handler, so that one can wait until
// the last has been answered.
type drain struct {
	next http.Handler

	mu     sync.Mutex
	inside int
	empty  chan struct{} // closed when the last leaves; nil while nobody waits
}

func (d *drain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.inside++
	d.mu.Unlock()
	defer d.leave()
	d.next.ServeHTTP(w, r)
}

func (d *drain) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside--; d.inside == 0 && d.empty != nil {
		close(d.empty)
		d.empty = nil
	}
}

// wait returns when nobody is inside, or at the end of ctx. It is called once.
func (d *drain) wait(ctx context.Context) {
	d.mu.Lock()
	if d.inside == 0 {
		d.mu.Unlock()
		return
	}
	empty := make(chan struct{})
	d.empty = empty
	d.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
}
