package bizmetrics

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Scan gives the events that are kept, a quarter of an hour at a time, so that
// it neither holds all of them nor keeps others waiting.
func (m *memory) Scan(ctx context.Context, from, to time.Time) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		begin, end := from.UnixMicro(), to.UnixMicro()
		for part := range m.parts(begin, end) {
			for _, r := range part {
				if err := ctx.Err(); err != nil {
					yield(Event{}, fmt.Errorf("scan events: %w", err))
					return
				}
				e, err := r.Event()
				if !yield(Event(e), err) || err != nil {
					return
				}
			}
		}
	}
}

// parts are the events of a span, in order of time.
func (m *memory) parts(from, to int64) iter.Seq[[]*ledger.Record] {
	return func(yield func([]*ledger.Record) bool) {
		late, slots := m.lateIn(from, to)
		if len(late) > 0 && !yield(late) {
			return
		}
		for _, i := range slots {
			if part := m.slotIn(i, from, to); len(part) > 0 && !yield(part) {
				return
			}
		}
	}
}

// lateIn are the events that are kept of days whose other events are gone, and
// the slots of the days after those.
func (m *memory) lateIn(from, to int64) (late []*ledger.Record, slots []int64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for i := range maps.Keys(m.slots) {
		if (i+1)*slotLength > from && i*slotLength < to {
			slots = append(slots, i)
		}
	}
	slices.Sort(slots)
	kept := m.cal.DayStart(max(m.horizon, 0)).UnixMicro()
	if from >= kept {
		return nil, slots
	}
	for _, units := range m.expiry {
		for _, u := range units {
			late = recordsIn(late, u, from, min(to, kept))
		}
	}
	byTime(late)
	return late, slots
}

func (m *memory) slotIn(i, from, to int64) (part []*ledger.Record) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s := m.slots[i]
	if s == nil {
		return nil
	}
	from = max(from, i*slotLength, m.cal.DayStart(max(m.horizon, 0)).UnixMicro())
	for _, u := range s.units {
		part = recordsIn(part, u, from, min(to, (i+1)*slotLength))
	}
	byTime(part)
	return part
}

func recordsIn(all []*ledger.Record, u *ledger.Unit, from, to int64) []*ledger.Record {
	for _, r := range u.Records {
		if r.At >= from && r.At < to {
			all = append(all, r)
		}
	}
	return all
}

func byTime(records []*ledger.Record) {
	slices.SortFunc(records, func(a, b *ledger.Record) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
}
