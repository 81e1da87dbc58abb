package bizmetrics

import (
	"context"
	"fmt"
)

// Query answers from totals where it can. A day whose events are gone counts
// as a whole, at its start, and has no customers: groups by customer are "",
// medians and users of more than that day NaN.
func (m *memory) Query(_ context.Context, q Query) ([]Row, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	c := newCollector(q)
	m.mu.RLock()
	defer m.mu.RUnlock()
	totals := !c.needsEvents()
	for d, of := range m.days {
		switch {
		case of.end <= c.from || of.begin >= c.to:
		case d < m.horizon:
			m.collectRolled(c, of)
		case totals && c.inOne(of.begin, of.end):
			of.cells.facts(of.begin, c.add)
		default:
			m.collectSlots(c, of, totals)
		}
	}
	rows, err := c.rows(m.base)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Metric, err)
	}
	return rows, nil
}

func (m *memory) collectSlots(c *collector, of *day, totals bool) {
	from, to := max(of.begin, c.from), min(of.end, c.to)
	for i := from / slotLength; i*slotLength < to; i++ {
		s := m.slots[i]
		if s == nil {
			continue
		}
		begin, end := i*slotLength, (i+1)*slotLength
		if totals && begin >= from && end <= to && c.inOne(begin, end) {
			s.cells.facts(begin, c.add)
			continue
		}
		begin, end = max(begin, from), min(end, to)
		for _, u := range s.units {
			u.facts(func(f fact) {
				if f.at >= begin && f.at < end {
					c.add(f)
				}
			})
		}
	}
}

func (m *memory) collectRolled(c *collector, of *day) {
	if !c.metric.users {
		of.cells.facts(of.begin, c.add)
		return
	}
	i := c.step(of.begin)
	if i < 0 || of.users == 0 {
		return
	}
	for _, g := range c.groups { // there is one unless it is asked by group
		t := &g.steps[i]
		t.partial = t.partial || len(c.q.GroupBy)+len(c.q.Filter) > 0 || c.bounds[i] < of.begin || c.bounds[i+1] > of.end
		t.summed += of.users
	}
}
