package metric

import (
	"fmt"
	"math"
	"time"
)

// Sum is what came in a span, of an [Indicator] that is a Count.
type Sum struct {
	Values []string // of by; shared, read only
	Value  float64
	Since  time.Time // of the first point in the span; zero: there is none
}

// Sum adds up the history's points in [from, to): without by in all, which is
// exactly one, or by one of the indicator's By, one for each value there was,
// sorted. The span is rounded outwards to the steps of the history that still
// has from: for 30 days, 15 minutes.
func (r *Registry) Sum(indicator string, from, to time.Time, by ...string) ([]Sum, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.state.kept(indicator, by); err != nil {
		return nil, fmt.Errorf("sum of %q: %w", indicator, err)
	}
	if !r.state.indicators[indicator].Count {
		return nil, fmt.Errorf("sum of %q: %w: it is no Count", indicator, ErrInvalid)
	}
	t, first, last := r.span(from, to)
	open := r.state.history.open[t]
	found := r.state.history.by(indicator, by)
	if len(by) == 0 && len(found) == 0 {
		return []Sum{{}}, nil
	}
	all := make([]Sum, 0, len(found))
	for _, rec := range found {
		one := Sum{Values: rec.values}
		var cell int64
		if one.Value, cell = rec.sum(t, first, last, open); cell >= first {
			one.Since = rec.since(t, tiers[t].time(cell))
		}
		all = append(all, one)
	}
	return all, nil
}

// since is the start of the first cell, in the finest tier that still has it.
func (r *recorded) since(t int, start time.Time) time.Time {
	for fine := range t {
		oldest := tiers[fine].cell(start)
		for _, c := range r.tiers[fine] {
			first := c.index * chunkCells
			if first > oldest+int64(tiers[t].step/tiers[fine].step) {
				break
			}
			for i, v := range c.values {
				if cell := first + int64(i); cell >= oldest && !math.IsNaN(v) && cell < oldest+int64(tiers[t].step/tiers[fine].step) {
					return tiers[fine].time(cell)
				}
			}
		}
	}
	return start
}

// summed is what the cells of a series that are closed add up to. It is the
// same for all who ask until the next cell closes.
type summed struct {
	tier        int
	first, last int64
	total       float64
	since       int64
}

// sum adds up the cells from first to last, of which those before open do not
// change any more.
func (r *recorded) sum(t int, first, last, open int64) (total float64, since int64) {
	closed := min(last, open-1)
	if closed < first {
		return r.tiers[t].sum(first, last)
	}
	if c := r.closed; c.tier != t || c.first != first || c.last != closed {
		r.closed = summed{tier: t, first: first, last: closed}
		r.closed.total, r.closed.since = r.tiers[t].sum(first, closed)
	}
	total, since = r.closed.total, r.closed.since
	for cell := closed + 1; cell <= last; cell++ {
		if v := r.tiers[t].get(cell); !math.IsNaN(v) {
			if total += v; since < first {
				since = cell
			}
		}
	}
	return total, since
}

// sum adds up the cells from first to last and says which is the first that
// was written; before first: none.
func (g ring) sum(first, last int64) (total float64, since int64) {
	since = first - 1
	for _, c := range g {
		start := c.index * chunkCells
		for cell := max(first, start); cell <= min(last, start+chunkCells-1); cell++ {
			if v := c.values[cell-start]; !math.IsNaN(v) {
				if total += v; since < first {
					since = cell
				}
			}
		}
	}
	return total, since
}

// counted is what a series was told last, by which a sample that replaces
// another one in its slot is known.
type counted struct {
	slot  int64
	value float64
}

// came is by how much v exceeds what was told in the slot before.
func (c *counted) came(slot int64, v float64) float64 {
	before := 0.0
	if c.slot == slot {
		before = c.value
	}
	*c = counted{slot, v}
	return v - before
}

// recordCount adds what came in the last slot to the open cells, which may
// hold what an earlier process counted, or the slot before.
func (s *state) recordCount(d *definition, by []string, cells [len(tiers)]int64) (lost uint64) {
	for _, reading := range s.read(d, s.step, by).readings {
		if !(reading.Value > 0) {
			continue
		}
		key := historyKey{indicator: d.Name}
		if len(by) > 0 {
			key.by, key.value = by[0], reading.Values[0]
		}
		r := s.history.find(key)
		if r == nil {
			lost++
			continue
		}
		came := r.count.came(s.slot, reading.Value)
		for t, tier := range tiers {
			before := r.tiers[t].get(cells[t])
			if math.IsNaN(before) {
				before = 0
			}
			r.tiers[t].set(cells[t], before+came, cells[t]-tier.cells())
			if r.closed.tier == t && cells[t] <= r.closed.last { // the clock was set back
				r.closed = summed{}
			}
		}
	}
	return lost
}

// recount makes coarse cells of a Count from the finer ones, where those hold
// more: of a process that was killed the files have the finer ones only.
func (h *history) recount(indicator string) {
	for t := 1; t < len(tiers); t++ {
		fine, coarse := tiers[t-1], tiers[t]
		ratio := int64(coarse.step / fine.step)
		changed := make(map[int64][]cellPoint)
		for _, s := range h.of[indicator] {
			s.closed = summed{}
			sums := make(map[int64]float64)
			for _, c := range s.tiers[t-1] {
				for i, v := range c.values {
					if !math.IsNaN(v) {
						sums[floorDiv(c.index*chunkCells+int64(i), ratio)] += v
					}
				}
			}
			for cell, sum := range sums {
				if !(s.tiers[t].get(cell) >= sum) {
					s.tiers[t].set(cell, sum, math.MinInt64)
					changed[cell] = append(changed[cell], cellPoint{s, sum})
				}
			}
		}
		for cell, points := range changed {
			h.recounted = append(h.recounted, cellRecord{tier: t, cell: cell, points: points})
		}
	}
}
