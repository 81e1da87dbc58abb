package bizmetrics

import (
	"sync"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// index finds records by kind and ID. It has a lock of its own, so that an
// event can be recognised while a report is being computed.
type index struct {
	mu      sync.Mutex
	records [ledger.Kinds]map[string]*ledger.Record
}

// claim takes r's ID if it is free.
func (x *index) claim(r *ledger.Record) Outcome {
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := x.records[r.Kind]
	if ids == nil {
		ids = map[string]*ledger.Record{}
		x.records[r.Kind] = ids
	}
	old, taken := ids[r.ID]
	switch {
	case !taken:
		ids[r.ID] = r
		return Stored
	case old.Same(r):
		return Duplicate
	}
	return Conflict
}

// release gives IDs back.
func (x *index) release(records ...*ledger.Record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range records {
		if x.records[r.Kind][r.ID] == r {
			delete(x.records[r.Kind], r.ID)
		}
	}
}

func (x *index) len() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for _, ids := range x.records {
		n += len(ids)
	}
	return n
}
