package logging

import (
	"log/slog"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// Record is one record as it was logged, redacted. Attrs has groups flattened
// with dots, the scope's user_id, route, trace_id and span_id, and logger where it
// has a name.
type Record struct {
	Time          time.Time
	Level         slog.Level
	Message       string
	CorrelationID string
	Attrs         map[string]any
}

// ring keeps the last records, each packed into the bytes of a slot that is
// used again: keeping a record allocates nothing once the ring has gone round,
// and holds nothing of the caller's.
type ring struct {
	mu    sync.Mutex
	slots []slot // grows up to size, then is written over
	next  int
	size  int
}

type slot struct {
	time  time.Time
	level slog.Level
	trace reqctx.Trace
	taken idSet
	named string // the logger: kept as long as it is, so not copied
	parts [4]int // bytes of message, correlation ID, user and route, one after the other in b
	b     []byte // and the packed attributes
}

// maxSlot is how large the bytes of a slot may stay when they are used again.
const maxSlot = 16 << 10

func newRing(size int) *ring {
	if size <= 0 {
		return nil
	}
	return &ring{size: size}
}

// add copies a record: message and IDs, then the attributes.
func (r *ring) add(at time.Time, level slog.Level, message string, d *ids, attrs []byte) {
	r.mu.Lock()
	if len(r.slots) < r.size {
		r.slots = append(r.slots, slot{})
	}
	s := &r.slots[r.next]
	if r.next++; r.next == r.size {
		r.next = 0
	}
	b := s.b[:0]
	if cap(b) > maxSlot {
		b = nil
	}
	if need := len(message) + len(d.CorrelationID) + len(d.UserID) + len(d.Route) + len(attrs); cap(b) < need {
		b = make([]byte, 0, need+need/4)
	}
	b = append(append(append(append(append(b, message...), d.CorrelationID...), d.UserID...), d.Route...), attrs...)
	s.time, s.level, s.trace, s.taken, s.named = at, level, d.Trace, d.taken, d.logger
	s.parts = [4]int{len(message), len(d.CorrelationID), len(d.UserID), len(d.Route)}
	s.b = b
	r.mu.Unlock()
}

// find unpacks the records of id, "" for all, oldest first.
func (r *ring) find(id string) []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Record
	first := 0
	if len(r.slots) == r.size {
		first = r.next
	}
	for i := range r.slots {
		s := &r.slots[(first+i)%len(r.slots)]
		if correlation := s.b[s.parts[0] : s.parts[0]+s.parts[1]]; id == "" || string(correlation) == id {
			found = append(found, s.record())
		}
	}
	return found
}

// record unpacks a slot.
func (s *slot) record() Record {
	var parts [len(s.parts)]string
	rest := s.b
	for i, n := range s.parts {
		parts[i], rest = string(rest[:n]), rest[n:]
	}
	d := ids{Identity: reqctx.Identity{CorrelationID: parts[1], UserID: parts[2], Route: parts[3], Trace: s.trace}, logger: s.named, taken: s.taken}
	r := Record{Time: s.time, Level: s.level, Message: parts[0], CorrelationID: parts[1], Attrs: unpack(rest)}
	for i := idUser; i < idCount; i++ {
		if v := d.text(i); v != "" {
			r.Attrs[idNames[i]] = v
		}
	}
	return r
}
