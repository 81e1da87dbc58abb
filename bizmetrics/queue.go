package bizmetrics

import (
	"errors"
	"sync"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

var (
	errFull   = errors.New("queue is full")
	errClosed = errors.New("recorder is closed")
)

// queue holds the events that wait for the store, a bounded number of them.
type queue struct {
	mu     sync.Mutex
	slab   ledger.Slab
	items  []*ledger.Record
	spare  []*ledger.Record // taken before, to be filled again
	taken  int              // handed to the committer and not stored yet
	bound  int
	closed bool

	wake   chan struct{} // there is something
	urgent chan struct{} // half of the bound is used
}

func newQueue(bound int) *queue {
	return &queue{bound: bound, wake: make(chan struct{}, 1), urgent: make(chan struct{}, 1)}
}

// push adds a copy of r with texts of its own if claim finds it new. It never
// waits. claim is called under the lock, so that of two equal events one is
// queued and the other is not; it gets the copy, whose texts are still those
// of r.
func (q *queue) push(r *ledger.Record, claim func(*ledger.Record) Outcome, release func(...*ledger.Record)) (Outcome, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, errClosed
	}
	own := q.slab.Scratch(r)
	if o := claim(own); o != Stored {
		return o, nil
	}
	used := len(q.items) + q.taken
	if used >= q.bound {
		release(own)
		return 0, errFull
	}
	q.slab.Keep()
	q.items = append(q.items, own)
	if len(q.items) == 1 {
		signal(q.wake)
	}
	if used+1 == (q.bound+1)/2 {
		signal(q.urgent)
	}
	return Stored, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// take gives all that wait. They stay within the bound until done.
func (q *queue) take() []*ledger.Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.items
	q.items, q.spare = q.spare[:0], nil
	q.taken += len(items)
	return items
}

// reuse gives back what take gave, once nobody needs it.
func (q *queue) reuse(items []*ledger.Record) {
	clear(items)
	q.mu.Lock()
	defer q.mu.Unlock()
	if cap(items) <= q.bound {
		q.spare = items
	}
}

// done frees the places of n events that were taken.
func (q *queue) done(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken -= n
}

// close lets nothing more in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

// len counts what is not stored.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) + q.taken
}
