package bizmetrics

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

const (
	keepDays   = 40                                       // of events and their IDs
	slotLength = 15 * int64(time.Minute/time.Microsecond) // every zone's offset is a multiple of it
)

// slot is a quarter of an hour: totals, and the units that have events in it.
// Days of any zone and all but the ends of a span are made of whole slots.
type slot struct {
	cells ledger.Cells // without suppliers
	units []*ledger.Unit
}

// memory is the [Store] that needs nothing: events and IDs of 40 days, and
// totals a day of what is older. A figure over a span reads totals, and
// single events only where the span cuts through a quarter of an hour or asks
// for what totals do not know.
type memory struct {
	cal   ledger.Calendar
	loc   *time.Location // of cal
	known *index

	mu      sync.RWMutex
	base    string // the currency of values
	days    map[ledger.Date]*day
	months  map[ledger.Month]ledger.Cells // by supplier, of months whose events are all kept
	slots   map[int64]*slot
	orders  map[string]*ledger.Unit
	expiry  map[ledger.Date][]*ledger.Unit
	people  *people
	horizon ledger.Date // the first day whose events are kept
	events  int

	cached struct { // the last day looked up: most events are of one day
		d          ledger.Date
		begin, end int64
	}
}

func newMemory(cal ledger.Calendar) *memory {
	return &memory{
		cal: cal, loc: cal.Zone(), known: newIndex(),
		days: map[ledger.Date]*day{}, months: map[ledger.Month]ledger.Cells{}, slots: map[int64]*slot{},
		orders: map[string]*ledger.Unit{}, expiry: map[ledger.Date][]*ledger.Unit{}, people: newPeople(cal),
		horizon: -1 << 31,
	}
}

// put takes in records whose keys are claimed.
func (m *memory) put(records []*ledger.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		m.apply(r)
	}
}

func (m *memory) apply(r *ledger.Record) {
	if m.base == "" {
		m.base = r.Base
	}
	m.events++
	if r.Kind == ledger.KindPlaced && r.Customer != "" {
		m.people.order(r.Customer, r.Tenant, r.At)
	}
	u := m.unitOf(r)
	known := false
	for _, o := range slices.Backward(u.Records) { // the latest is likely of the same slot
		if known = o.At/slotLength == r.At/slotLength; known {
			break
		}
	}
	u.Take(r, m.add, m.remove)
	u.Keep = max(u.Keep, m.dateOf(r.At), m.dateOf(r.Arrived))
	if s := m.slotAt(r.At); s != nil && !known {
		s.units = append(s.units, u)
	}
}

// unitOf finds or makes the unit that r belongs to.
func (m *memory) unitOf(r *ledger.Record) *ledger.Unit {
	order := r.Unit()
	if order != "" {
		if u := m.orders[order]; u != nil {
			return u
		}
	}
	u := &ledger.Unit{Keep: m.dateOf(max(r.At, r.Arrived))}
	u.Records = u.First[:0]
	if order != "" {
		m.orders[order] = u
	}
	m.expiry[u.Keep] = append(m.expiry[u.Keep], u)
	return u
}

func (m *memory) add(f ledger.Fact) {
	of := m.dayAt(m.dateOf(f.At))
	of.add(f)
	if of.date < m.horizon {
		return
	}
	if supplied(f.Kind) {
		m.monthAt(of.month).Add(f)
	}
	m.slotAt(f.At).cells.Add(plain(f))
	m.people.take(f, of, 1)
}

func (m *memory) remove(f ledger.Fact) {
	of := m.dayAt(m.dateOf(f.At))
	of.remove(f)
	if of.date < m.horizon {
		return
	}
	if supplied(f.Kind) {
		m.monthAt(of.month).Remove(f)
	}
	m.slotAt(f.At).cells.Remove(plain(f))
	m.people.take(f, of, -1)
}

func (m *memory) dayAt(d ledger.Date) *day {
	of := m.days[d]
	if of == nil {
		of = newDay(d, m.cal)
		m.days[d] = of
	}
	return of
}

func (m *memory) monthAt(month ledger.Month) ledger.Cells {
	of := m.months[month]
	if of == nil {
		of = ledger.Cells{}
		if m.cal.FirstDate(month) >= m.horizon { // else it would lack what is gone
			m.months[month] = of
		}
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
		s = &slot{cells: ledger.Cells{}}
		m.slots[at/slotLength] = s
	}
	return s
}

func (m *memory) dateOf(at int64) ledger.Date {
	if at < m.cached.begin || at >= m.cached.end {
		d := ledger.DateOf(time.UnixMicro(at).In(m.loc))
		m.cached.d, m.cached.begin, m.cached.end = d, d.Start(m.loc).UnixMicro(), (d + 1).Start(m.loc).UnixMicro()
	}
	return m.cached.d
}

// Append keeps events that are not known yet.
func (m *memory) Append(_ context.Context, events []Event) ([]Outcome, error) {
	records := make([]*ledger.Record, len(events))
	for i, e := range events {
		r, err := ledger.Decode(ledger.Event(e))
		if err != nil {
			return nil, fmt.Errorf("append event %d: %w", i, err)
		}
		if r.Arrived == 0 {
			r.Arrived = r.At
		}
		records[i] = r
	}
	outcomes := make([]Outcome, len(events))
	var fresh []*ledger.Record
	for i, r := range records {
		if outcomes[i] = m.known.claim(r); outcomes[i] == Stored {
			fresh = append(fresh, r)
		}
	}
	m.put(fresh)
	return outcomes, nil
}

// Calendar is where days and months begin.
func (m *memory) Calendar() (*time.Location, int) { return m.loc, m.cal.FirstDay() }

// Close has nothing to release.
func (m *memory) Close() error { return nil }
