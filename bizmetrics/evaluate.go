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
	s := m.sourceOf(c)
	for d, of := range m.days {
		switch {
		case of.end <= c.From || of.begin >= c.To:
		case d < m.horizon:
			m.collectRolled(c, of, s)
		case s.done || s.months[of.month]:
		case s.days && c.InOne(of.begin, of.end):
			of.cells(s).FactsOf(c, of.begin)
		default:
			m.collectSlots(c, of, s)
		}
	}
	rows, err := c.Rows(m.base)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Metric, err)
	}
	return rowsOf(rows), nil
}

// source is what a query can be answered from.
type source struct {
	done        bool                  // what is kept has been told already
	suppliers   bool                  // totals by supplier are needed
	days, slots bool                  // totals suffice
	months      map[ledger.Month]bool // that have been told already
}

// sourceOf finds the coarsest source, and tells c what need not be told by day.
func (m *memory) sourceOf(c *ledger.Collector) source {
	if c.NeedsCohorts() {
		c.FirstOrder = m.firstOrders(c)
	}
	s := source{suppliers: c.Asked("supplier")}
	if m.answerPeople(c) {
		s.done = true
		return s
	}
	if c.NeedsEvents() || c.Metric.Values() {
		return s
	}
	s.days, s.slots = true, !s.suppliers
	if s.suppliers {
		s.months = map[ledger.Month]bool{}
		for month, cells := range m.months {
			begin := m.cal.MonthBegin(month).UnixMicro()
			if c.InOne(begin, m.cal.MonthBegin(month+1).UnixMicro()) {
				cells.FactsOf(c, begin)
				s.months[month] = true
			}
		}
	}
	return s
}

func (of *day) cells(s source) ledger.Cells {
	if s.suppliers {
		return of.suppliers
	}
	return of.plain
}

// firstOrders tells when a customer first ordered, of those that a query asks
// for.
func (m *memory) firstOrders(c *ledger.Collector) func(string) (int64, bool) {
	tenant, filtered := c.Q.Filter["tenant"]
	all, s := m.people, m.people.scopes[tenant]
	if filtered && tenant == "" { // of no tenant: asked so seldom that it is not kept
		all = newPeople(m.cal)
		s = all.scope("")
		for _, u := range m.orders {
			for _, r := range u.Records {
				if r.Kind == ledger.KindPlaced && r.Customer != "" && r.Tenant == "" {
					all.order(r.Customer, "", r.At)
				}
			}
		}
	}
	return func(customer string) (int64, bool) {
		if who := pick(all.known[customer], s); who != nil {
			return who.first, who.ordered
		}
		return 0, false
	}
}

func (m *memory) collectSlots(c *ledger.Collector, of *day, src source) {
	from, to := max(of.begin, c.From), min(of.end, c.To)
	for i := from / slotLength; i*slotLength < to; i++ {
		s := m.slots[i]
		if s == nil {
			continue
		}
		begin, end := i*slotLength, (i+1)*slotLength
		if src.slots && begin >= from && end <= to && c.InOne(begin, end) {
			s.cells.FactsOf(c, begin)
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

func (m *memory) collectRolled(c *ledger.Collector, of *day, s source) {
	if !c.Metric.Users {
		of.cells(s).FactsOf(c, of.begin)
		return
	}
	i := c.Step(of.begin)
	if i < 0 || of.users == 0 && c.Metric.Rolled {
		return
	}
	if c.Metric.Rolled && len(c.Q.GroupBy)+len(c.Q.Filter) == 0 {
		c.AddUsers(ledger.Fact{Kind: ledger.KindActive, At: of.begin}, of.users, 0)
		if c.Bounds[i] >= of.begin && c.Bounds[i+1] <= of.end {
			return // they are of one day
		}
	}
	c.SetPartial(of.begin)
}

func rowsOf(rows []ledger.Row) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{At: r.At, Group: r.Group, Value: r.Value, Money: Money(r.Money), Count: r.Count}
	}
	return out
}
