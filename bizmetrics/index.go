package bizmetrics

import (
	"hash/maphash"
	"sync"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// index finds records by kind and ID. It has a lock of its own, so that an
// event can be recognised while a report is being computed.
//
// It maps hashes, not texts: a map of 8 byte keys is half as large, and neither
// grows nor is searched by reading the texts of others.
type index struct {
	seed maphash.Seed

	mu      sync.Mutex
	records map[uint64]*ledger.Record
	clashed map[string]*ledger.Record // by key: those whose hash is another's
}

func newIndex() *index {
	return &index{seed: maphash.MakeSeed(), records: map[uint64]*ledger.Record{}, clashed: map[string]*ledger.Record{}}
}

func (x *index) hash(r *ledger.Record) uint64 {
	return maphash.String(x.seed, r.ID) + uint64(r.Kind)*0x9e3779b97f4a7c15
}

// claim takes r's ID if it is free.
func (x *index) claim(r *ledger.Record) Outcome { return x.claimAt(x.hash(r), r) }

func (x *index) claimAt(hash uint64, r *ledger.Record) Outcome {
	x.mu.Lock()
	defer x.mu.Unlock()
	var old *ledger.Record
	if len(x.clashed) > 0 {
		old = x.clashed[r.Kind.Key(r.ID)]
	}
	if old == nil {
		old = x.records[hash]
	}
	switch {
	case old == nil:
		x.records[hash] = r
		return Stored
	case old.Kind != r.Kind || old.ID != r.ID:
		x.clashed[r.Kind.Key(r.ID)] = r
		return Stored
	case old.Same(r):
		return Duplicate
	}
	return Conflict
}

// release gives IDs back.
func (x *index) release(records ...*ledger.Record) {
	for _, r := range records {
		x.releaseAt(x.hash(r), r)
	}
}

func (x *index) releaseAt(hash uint64, r *ledger.Record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.records[hash] == r {
		delete(x.records, hash)
	} else if key := r.Kind.Key(r.ID); x.clashed[key] == r {
		delete(x.clashed, key)
	}
}

func (x *index) len() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.records) + len(x.clashed)
}
