package bizmetrics

import "sync"

// index finds records by kind and ID. It has a lock of its own, so that an
// event can be recognised while a report is being computed.
type index struct {
	mu      sync.Mutex
	records [kindNPS + 1]map[string]*record
}

// claim takes r's ID if it is free.
func (x *index) claim(r *record) Outcome {
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := x.records[r.kind]
	if ids == nil {
		ids = map[string]*record{}
		x.records[r.kind] = ids
	}
	old, taken := ids[r.id]
	switch {
	case !taken:
		ids[r.id] = r
		return Stored
	case old.same(r):
		return Duplicate
	}
	return Conflict
}

// release gives IDs back.
func (x *index) release(records ...*record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range records {
		if x.records[r.kind][r.id] == r {
			delete(x.records[r.kind], r.id)
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
