package metric

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Series is an indicator's history.
type Series struct {
	Values []string // of by; shared, read only
	Start  time.Time
	Step   time.Duration
	Points []float64 // one a step from Start on; NaN: none
}

// history keeps each indicator in all and by each of its By, in three tiers.
//
// A point is what Read said at the last sample of its step. So a chart crosses
// a rule's level when the rule sees it. A quantile or a share cannot be
// averaged into a coarser point: where the step is longer than the window, the
// point is the reading over the whole step instead, which is exact, and no
// event falls between two points. Of a gauge, which has no window, a coarser
// point is the mean of the samples. A Count is added up.
type history struct {
	series map[historyKey]*recorded
	of     map[string][]*recorded // by indicator
	nextID uint64
	open   [len(tiers)]int64 // the cell that is being written; 0: none
	slot   int64             // of the last record

	recounted []cellRecord // for the files
}

type historyKey struct{ indicator, by, value string }

// recorded is one series of the history.
type recorded struct {
	historyKey
	id     uint64 // in the files
	tiers  [len(tiers)]ring
	means  [len(tiers)]running
	values []string
	count  counted
	closed summed
}

// running is the mean of what came in one cell.
type running struct {
	cell int64
	sum  float64
	n    float64
}

func (m *running) add(cell int64, v float64) float64 {
	if m.cell != cell {
		*m = running{cell: cell}
	}
	m.sum += v
	m.n++
	return m.sum / m.n
}

// maxRecorded bounds the series of the history, of 40 KiB at most each.
const maxRecorded = 2000

func newHistory() *history {
	return &history{series: make(map[historyKey]*recorded), of: make(map[string][]*recorded), slot: -1}
}

// find finds or makes a series; nil past the bound.
func (h *history) find(key historyKey) *recorded {
	if s := h.series[key]; s != nil {
		return s
	}
	if len(h.series) >= maxRecorded {
		return nil
	}
	h.nextID++
	s := &recorded{historyKey: key, id: h.nextID}
	if key.by != "" {
		s.values = []string{key.value}
	}
	h.series[key] = s
	h.of[key.indicator] = append(h.of[key.indicator], s)
	return s
}

// batch is what one sample adds to the files.
type batch struct {
	cells []cellRecord
	lost  uint64 // series past the bound
}

type cellRecord struct {
	tier   int
	cell   int64
	points []cellPoint
}

type cellPoint struct {
	series *recorded
	value  float64
}

// record writes the last sample into the history.
func (s *state) record() batch {
	h := s.history
	b := batch{cells: h.recounted}
	h.recounted = nil
	var cells [len(tiers)]int64
	for t, tier := range tiers {
		cells[t] = tier.cell(s.at)
		if t > 0 && h.open[t] != 0 && h.open[t] != cells[t] {
			b.cells = append(b.cells, h.closed(t, h.open[t]))
		}
	}
	// A tick that came a little late may have skipped a cell.
	skipped := h.slot >= 0 && s.slot == h.slot+1 && cells[0] == h.open[0]+2
	h.slot, h.open = s.slot, cells
	minuteEnds := tiers[1].cell(s.at.Add(s.step)) != cells[1]
	for _, d := range s.order {
		b.lost += s.recordBy(d, nil, cells, skipped, minuteEnds)
		for i := range d.By {
			b.lost += s.recordBy(d, d.By[i:i+1], cells, skipped, minuteEnds)
		}
	}
	b.cells = append(b.cells, h.closed(0, cells[0]))
	return b
}

func (s *state) recordBy(d *definition, by []string, cells [len(tiers)]int64, skipped, minuteEnds bool) (lost uint64) {
	if d.Count {
		return s.recordCount(d, by, cells)
	}
	a := s.families[d.Of.Metric]
	gauge := a != nil && a.kind == KindGauge
	for t, tier := range tiers {
		var window time.Duration
		if !gauge && tier.step > d.Window {
			if t == len(tiers)-1 && !minuteEnds {
				continue // once a minute is enough
			}
			window = tier.step
		}
		for _, reading := range s.read(d, window, by).readings {
			v := reading.Value
			if math.IsNaN(v) {
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
			oldest := cells[t] - tier.cells()
			if gauge && t > 0 {
				v = r.means[t].add(cells[t], v)
			}
			r.tiers[t].set(cells[t], v, oldest)
			if t == 0 && skipped {
				r.tiers[t].set(cells[t]-1, v, oldest)
			}
		}
	}
	return lost
}

// closed is a cell of all series, for the files.
func (h *history) closed(t int, cell int64) cellRecord {
	c := cellRecord{tier: t, cell: cell}
	for _, r := range h.series {
		if v := r.tiers[t].get(cell); !math.IsNaN(v) {
			c.points = append(c.points, cellPoint{r, v})
		}
	}
	return c
}

// History is the indicator's past in [from, to), without by in all, which is
// exactly one series, or by one of its By, which is a series for each value
// there was, sorted. It comes in the finest of three steps that still has
// from: 10 s for an hour, 1 min for a day, 15 min for 30 days. All series have
// the same Start and length; what there is no data for is NaN.
func (r *Registry) History(indicator string, from, to time.Time, by ...string) ([]Series, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.state.kept(indicator, by); err != nil {
		return nil, fmt.Errorf("history of %q: %w", indicator, err)
	}
	t, first, last := r.span(from, to)
	tier, count := tiers[t], max(0, last-first+1)
	found := r.state.history.by(indicator, by)
	if len(by) == 0 && len(found) == 0 {
		found = []*recorded{nil}
	}
	all := make([]Series, 0, len(found))
	for _, rec := range found {
		one := Series{Start: tier.time(first), Step: tier.step, Points: make([]float64, count)}
		var g ring
		if rec != nil {
			one.Values = rec.values
			g = rec.tiers[t]
		}
		g.read(first, one.Points)
		all = append(all, one)
	}
	return all, nil
}

// kept says why an indicator has no history by the keys.
func (s *state) kept(indicator string, by []string) error {
	d := s.indicators[indicator]
	if d == nil {
		return ErrUnknown
	}
	if len(by) > 1 || len(by) == 1 && !slices.Contains(d.By, by[0]) {
		return fmt.Errorf("%w: it is kept by one of %q, not by %q", ErrInvalid, d.By, by)
	}
	return nil
}

// span is the finest tier that still has from, and its cells in [from, to).
// The caller holds mu.
func (r *Registry) span(from, to time.Time) (t int, first, last int64) {
	now := r.state.at
	if r.state.slot < 0 {
		now = r.config.Now()
	}
	for t < len(tiers)-1 && from.Before(now.Add(-tiers[t].keep)) {
		t++
	}
	tier := tiers[t]
	// A far year, such as the zero time's, is no number of nanoseconds.
	oldest, end := tier.time(tier.cell(now)-tier.cells()), tier.time(tier.cell(now)+1)
	return t, tier.cell(within(from, oldest, end)), tier.cell(within(to, oldest, end).Add(-1))
}

// by are the series of an indicator in all, or by a key, sorted.
func (h *history) by(indicator string, by []string) (found []*recorded) {
	key := ""
	if len(by) > 0 {
		key = by[0]
	}
	for _, rec := range h.of[indicator] {
		if rec.by == key {
			found = append(found, rec)
		}
	}
	slices.SortFunc(found, func(a, b *recorded) int { return slices.Compare(a.values, b.values) })
	return found
}

// within is t, or the end of a span that it is past.
func within(t, first, last time.Time) time.Time {
	switch {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	default:
		return t
	}
}
