package dbmon

import (
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"
)

// maxTexts bounds a generation of query texts.
const maxTexts = 4096

// texts remembers which query a text is, so that a repeated one costs a hash
// and a look-up. It keeps hashes, not texts: a text may hold literals, and be
// long.
//
// There are two generations of at most maxTexts. When the younger is full it
// becomes the older, whose queries move up again as they come: a flood of texts
// that are all different pushes out each other, and not for long the ones in use.
type texts struct {
	seed maphash.Seed

	young atomic.Pointer[map[uint64]*query] // read without a lock

	mu      sync.Mutex
	pending map[uint64]*query // not yet in young
	missed  int               // look-ups of pending ones since the last publication
	old     map[uint64]*query
}

// get finds the query of a text, or keeps what identify says.
func (t *texts) get(text string, identify func(text string) *query) *query {
	h := maphash.String(t.seed, text)
	if m := t.young.Load(); m != nil {
		if q := (*m)[h]; q != nil {
			return q
		}
	}
	if q := t.find(h); q != nil {
		return q
	}
	q := identify(text) // microseconds: outside the lock
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(h, q)
	return q
}

func (t *texts) find(h uint64) *query {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q := t.pending[h]; q != nil {
		if t.missed++; t.missed > len(t.pending) {
			t.publish()
		}
		return q
	}
	q := t.old[h]
	if q != nil {
		t.put(h, q)
	}
	return q
}

// put keeps a text. Publishing copies the generation, so it waits until it is
// worth the copy: until pending texts are asked for, or are many.
func (t *texts) put(h uint64, q *query) {
	if t.pending == nil {
		t.pending = map[uint64]*query{}
	}
	t.pending[h] = q
	if published := t.young.Load(); len(t.pending) >= 64 && (published == nil || len(t.pending) >= len(*published)/2) {
		t.publish()
	}
}

func (t *texts) publish() {
	grown := map[uint64]*query{}
	if m := t.young.Load(); m != nil && len(*m)+len(t.pending) <= maxTexts {
		grown = maps.Clone(*m)
	} else if m != nil {
		t.old = *m
	}
	maps.Copy(grown, t.pending)
	t.young.Store(&grown)
	t.pending, t.missed = nil, 0
}
