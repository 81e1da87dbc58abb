package bizmetrics

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"
)

const (
	keepDays    = 40                                       // of events and their IDs
	slotLength  = 15 * int64(time.Minute/time.Microsecond) // every zone's offset is a multiple of it
	maxRolled   = 1200                                     // days of totals
	maxSupplier = 1000                                     // suppliers in the totals of a day whose events are gone
)

// slot is a quarter of an hour: totals, and the units that have events in it.
// Days of any zone and all but the ends of a span are made of whole slots.
type slot struct {
	cells cells
	units []*unit
}

// day is a day of the business's zone: its totals stay when its events go.
type day struct {
	begin, end int64 // µs
	cells      cells
	users      int64 // distinct, known once the events are gone; else -1
}

// memory is the [Store] that needs nothing: events and IDs of 40 days, and
// totals a day of what is older. A figure over a span reads totals, and
// single events only where the span cuts through a quarter of an hour or asks
// for customers.
type memory struct {
	loc   *time.Location
	known index

	mu      sync.RWMutex
	base    string // the currency of values
	days    map[date]*day
	slots   map[int64]*slot
	orders  map[string]*unit
	expiry  map[date][]*unit
	horizon date // the first day whose events are kept
	events  int

	cached struct { // the last day looked up: most events are of one day
		d          date
		begin, end int64
	}
}

func newMemory(loc *time.Location) *memory {
	return &memory{
		loc:  loc,
		days: map[date]*day{}, slots: map[int64]*slot{}, orders: map[string]*unit{}, expiry: map[date][]*unit{},
		horizon: -1 << 31,
	}
}

// put takes in records whose keys are claimed.
func (m *memory) put(records []*record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		m.apply(r)
	}
}

func (m *memory) apply(r *record) {
	if m.base == "" {
		m.base = r.base
	}
	m.events++
	u := m.unitOf(r)
	known := false
	for _, o := range slices.Backward(u.records) { // the latest is likely of the same slot
		if known = o.at/slotLength == r.at/slotLength; known {
			break
		}
	}
	u.take(r, m.add, m.remove)
	u.keep = max(u.keep, m.dateOf(r.at), m.dateOf(r.arrived))
	if s := m.slotAt(r.at); s != nil && !known {
		s.units = append(s.units, u)
	}
}

// unitOf finds or makes the unit that r belongs to.
func (m *memory) unitOf(r *record) *unit {
	grouped := r.order != "" && r.kind != kindResponse
	if grouped {
		if u := m.orders[r.order]; u != nil {
			return u
		}
	}
	u := &unit{keep: m.dateOf(max(r.at, r.arrived))}
	u.records = u.first[:0]
	if grouped {
		m.orders[r.order] = u
	}
	m.expiry[u.keep] = append(m.expiry[u.keep], u)
	return u
}

func (m *memory) add(f fact) {
	d := m.dateOf(f.at)
	m.dayAt(d).cells.add(f, d >= m.horizon)
	if s := m.slotAt(f.at); s != nil {
		s.cells.add(f, true)
	}
}

func (m *memory) remove(f fact) {
	m.dayAt(m.dateOf(f.at)).cells.remove(f)
	if s := m.slotAt(f.at); s != nil {
		s.cells.remove(f)
	}
}

func (m *memory) dayAt(d date) *day {
	of := m.days[d]
	if of == nil {
		of = &day{cells: cells{}, users: -1, begin: d.start(m.loc).UnixMicro(), end: (d + 1).start(m.loc).UnixMicro()}
		m.days[d] = of
	}
	return of
}

// slotAt is nil on days whose events are gone.
func (m *memory) slotAt(at int64) *slot {
	if m.dateOf(at) < m.horizon {
		return nil
	}
	s := m.slots[at/slotLength]
	if s == nil {
		s = &slot{cells: cells{}}
		m.slots[at/slotLength] = s
	}
	return s
}

func (m *memory) dateOf(at int64) date {
	if at < m.cached.begin || at >= m.cached.end {
		d := dateOf(time.UnixMicro(at).In(m.loc))
		m.cached.d, m.cached.begin, m.cached.end = d, d.start(m.loc).UnixMicro(), (d + 1).start(m.loc).UnixMicro()
	}
	return m.cached.d
}

// Append keeps events that are not known yet.
func (m *memory) Append(_ context.Context, events []Event) ([]Outcome, error) {
	records := make([]*record, len(events))
	for i, e := range events {
		r, err := decode(e)
		if err != nil {
			return nil, fmt.Errorf("append event %d: %w", i, err)
		}
		if r.arrived == 0 {
			r.arrived = r.at
		}
		records[i] = r
	}
	outcomes := make([]Outcome, len(events))
	var fresh []*record
	for i, r := range records {
		if outcomes[i] = m.known.claim(r); outcomes[i] == Stored {
			fresh = append(fresh, r)
		}
	}
	m.put(fresh)
	return outcomes, nil
}

// Scan gives the events that are kept.
func (m *memory) Scan(ctx context.Context, from, to time.Time) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, r := range m.between(from.UnixMicro(), to.UnixMicro()) {
			if err := ctx.Err(); err != nil {
				yield(Event{}, fmt.Errorf("scan events: %w", err))
				return
			}
			e, err := r.event()
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (m *memory) between(from, to int64) []*record {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []*record
	seen := map[*unit]bool{}
	for i, s := range m.slots {
		if (i+1)*slotLength <= from || i*slotLength >= to {
			continue
		}
		for _, u := range s.units {
			if seen[u] {
				continue
			}
			seen[u] = true
			for _, r := range u.records {
				if r.at >= from && r.at < to {
					found = append(found, r)
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id))
	})
	return found
}

// Close has nothing to release.
func (m *memory) Close() error { return nil }
