package logging

import (
	"log/slog"
	"maps"
	"sync"
	"time"
)

// Record is one record as it was logged, redacted. Attrs has groups flattened
// with dots, and the scope's user_id, route, trace_id and span_id.
type Record struct {
	Time          time.Time
	Level         slog.Level
	Message       string
	CorrelationID string
	Attrs         map[string]any
}

// ring keeps the last records.
type ring struct {
	mu      sync.Mutex
	records []Record // grows up to size, then is written over
	next    int
	size    int
}

func newRing(size int) *ring {
	if size <= 0 {
		return nil
	}
	return &ring{size: size}
}

func (r *ring) add(rec Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.records) < r.size {
		r.records = append(r.records, rec)
		return
	}
	r.records[r.next] = rec
	r.next = (r.next + 1) % r.size
}

// find copies the records of id, "" for all, oldest first.
func (r *ring) find(id string) []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Record
	for i := range r.records {
		rec := r.records[(r.next+i)%len(r.records)]
		if id == "" || rec.CorrelationID == id {
			rec.Attrs = maps.Clone(rec.Attrs)
			found = append(found, rec)
		}
	}
	return found
}
