package errortracking

import (
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what waits in memory between its capture and the spool. What
// repeats a fingerprint has a part of it only, so that in a storm the first of
// each other one still finds room.
const (
	maxPending       = 2048
	maxPendingBytes  = 12 << 20
	repeatsPending   = 512
	repeatsBytes     = 4 << 20
	maxFirsts        = 4096 // fingerprints known again
	firstsKnown      = time.Minute
	pendingOverhead  = 1 << 10 // of a draft, in bytes
	pendingFrame     = 128
	pendingNode      = 48
	pendingMaxNested = 8
)

// pending is the queue before the spool. Its lock is never held for longer
// than it takes to append, so that a capture waits for no disk.
type pending struct {
	news chan struct{} // wakes the worker
	room atomic.Int64  // bytes that the spool still takes, as of the last write
	half int64         // of the spool's bound: below it repeats are refused

	mu     sync.Mutex
	drafts []*draft
	spare  []*draft // to swap with
	n      int      // drafts, those being written included
	bytes  int64    // theirs, estimated
	closed bool
	idle   bool // the worker waits for news

	firsts map[uint64]struct{} // fingerprints since at
	at     time.Time
}

// admission is what becomes of a draft.
type admission uint8

const (
	admitted      admission = iota
	refusedRepeat           // the worker or the spool is behind, and this says nothing new
	refusedFull             // there is no room in memory
	refusedSpool            // nor on disk
	refusedClosed
)

func (p *pending) init(bound int64) {
	p.news, p.half = make(chan struct{}, 1), bound/2
	p.firsts = map[uint64]struct{}{}
}

// push puts d at the end, or says why not.
func (p *pending) push(d *draft, now time.Time) admission {
	d.size = d.estimate()
	key := d.hash()
	room := p.room.Load()

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return refusedClosed
	}
	repeat := p.known(key, now) && d.event.Suppressed == 0
	after := p.bytes + d.size
	switch {
	case after > room:
		return refusedSpool
	case p.n >= maxPending || after > maxPendingBytes:
		return refusedFull
	case repeat && (p.n >= repeatsPending || after > repeatsBytes || room-after < p.half):
		return refusedRepeat
	}
	p.firsts[key] = struct{}{}
	p.drafts = append(p.drafts, d)
	p.n, p.bytes = p.n+1, after
	if p.idle { // waking it is what costs most here
		p.idle = false
		p.news <- struct{}{}
	}
	return admitted
}

// known reports whether the fingerprint was there in the last minute or so.
// Called with mu held.
func (p *pending) known(key uint64, now time.Time) bool {
	if d := now.Sub(p.at); d >= firstsKnown || d < 0 || len(p.firsts) >= maxFirsts {
		clear(p.firsts)
		p.at = now
	}
	_, ok := p.firsts[key]
	return ok
}

// take gives all that waits, in order; written follows, with the same slice.
func (p *pending) take() []*draft {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.drafts
	p.drafts, p.spare = p.spare[:0], nil
	return all
}

// rest makes the next push wake the worker by news; false if something waits
// already.
func (p *pending) rest() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = len(p.drafts) == 0
	return p.idle
}

// wrote says that d is in the spool, or lost.
func (p *pending) wrote(d *draft) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n--
	p.bytes -= d.size
}

// recycle takes back the slice that take gave.
func (p *pending) recycle(all []*draft) {
	clear(all)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spare == nil {
		p.spare = all[:0]
	}
}

// close refuses what comes later.
func (p *pending) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

func (p *pending) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}
