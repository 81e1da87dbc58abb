package bizmetrics

import (
	"context"
	"fmt"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Query answers from totals where it can. A day whose events are gone counts
// as a whole, at its start, and has no customers: groups by customer are "",
// medians and users of more than that day NaN.
func (m *memory) Query(_ context.Context, q Query) ([]Row, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	c := ledger.NewCollector(ledger.Query(q), m.cal)
	m.mu.RLock()
	defer m.mu.RUnlock()
	totals := !c.NeedsEvents()
	if c.NeedsCohorts() {
		first := m.firstOrders(c)
		c.FirstOrder = func(customer string) (int64, bool) { at, known := first[customer]; return at, known }
	}
	for d, of := range m.days {
		switch {
		case of.end <= c.From || of.begin >= c.To:
		case d < m.horizon:
			m.collectRolled(c, of)
		case totals && c.InOne(of.begin, of.end):
			of.cells.Facts(of.begin, c.Add)
		default:
			m.collectSlots(c, of, totals)
		}
	}
	rows, err := c.Rows(m.base)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Metric, err)
	}
	return rowsOf(rows), nil
}

func (m *memory) collectSlots(c *ledger.Collector, of *day, totals bool) {
	from, to := max(of.begin, c.From), min(of.end, c.To)
	for i := from / slotLength; i*slotLength < to; i++ {
		s := m.slots[i]
		if s == nil {
			continue
		}
		begin, end := i*slotLength, (i+1)*slotLength
		if totals && begin >= from && end <= to && c.InOne(begin, end) {
			s.cells.Facts(begin, c.Add)
			continue
		}
		begin, end = max(begin, from), min(end, to)
		for _, u := range s.units {
			u.Facts(func(f ledger.Fact) {
				if f.At >= begin && f.At < end {
					c.Add(f)
				}
			})
		}
	}
}

func (m *memory) collectRolled(c *ledger.Collector, of *day) {
	if !c.Metric.Users {
		of.cells.Facts(of.begin, c.Add)
		return
	}
	i := c.Step(of.begin)
	if i < 0 || of.users == 0 && c.Metric.Rolled {
		return
	}
	for _, g := range c.Groups { // there is one unless it is asked by group
		t := &g.Steps[i]
		t.Partial = t.Partial || !c.Metric.Rolled || len(c.Q.GroupBy)+len(c.Q.Filter) > 0 || c.Bounds[i] < of.begin || c.Bounds[i+1] > of.end
		if c.Metric.Rolled {
			t.Summed += of.users
		}
	}
}

func rowsOf(rows []ledger.Row) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{At: r.At, Group: r.Group, Value: r.Value, Money: Money(r.Money), Count: r.Count}
	}
	return out
}
