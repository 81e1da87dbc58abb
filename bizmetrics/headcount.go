package bizmetrics

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// answerPeople tells c what it asks of people, if that is counted already: users
// of whole days, and customers by cohort of whole months. It is of the days
// whose events are kept.
func (m *memory) answerPeople(c *ledger.Collector) bool {
	tenant, filtered := c.Q.Filter["tenant"]
	if filtered && tenant == "" {
		return false
	}
	rest := len(c.Q.Filter)
	if filtered {
		rest--
	}
	p := m.people[tenant]
	if p == nil {
		p = newPeople(m.cal)
	}
	h := headcount{Collector: c, m: m, people: p, tenant: tenant}
	switch _, byCohort := c.Q.Filter["cohort"]; {
	case c.Asked("cohort"):
		if byCohort {
			rest--
		}
		return rest == 0 && !c.Metric.Values() && only(c.Q.GroupBy, "cohort") && h.cohorts()
	case rest > 0:
		return false
	case c.Metric.Values() && len(c.Q.GroupBy) == 0:
		return h.values()
	case c.Q.Metric == "active_users" && len(c.Q.GroupBy) == 0:
		return h.users(map[string]*distinct{"": p.active}, ledger.KindActive)
	case c.Q.Metric == "customers" && len(c.Q.GroupBy) == 0:
		return h.users(map[string]*distinct{"": p.customers}, ledger.KindPlaced)
	case c.Q.Metric == "returning_customers" && len(c.Q.GroupBy) == 0:
		return h.cohorts()
	case c.Q.Metric == "feature_users" && len(c.Q.GroupBy) == 1 && c.Q.GroupBy[0] == "feature":
		return h.users(p.features, ledger.KindFeature)
	}
	return false
}

func only(groups []string, name string) bool {
	for _, g := range groups {
		if g != name {
			return false
		}
	}
	return true
}

// headcount is a query about people.
type headcount struct {
	*ledger.Collector
	m      *memory
	people *people
	tenant string
}

// bounds are those of a step, within the span.
func (h headcount) bounds(i int) (from, to int64) {
	from, to = h.Bounds[i], min(h.Bounds[i+1], h.To)
	if h.Metric.Return && i == 0 {
		return from, to
	}
	return max(from, h.Q.From.UnixMicro()), to
}

// dates are the kept days from a until before b.
type dates struct{ a, b ledger.Date }

// days are those of each step, if all steps are of whole days.
func (h headcount) days() ([]dates, bool) {
	steps := make([]dates, len(h.Bounds)-1)
	for i := range steps {
		from, to := h.bounds(i)
		if from >= to {
			continue
		}
		var whole [2]bool
		steps[i].a, whole[0] = h.date(from)
		steps[i].b, whole[1] = h.date(to)
		if !whole[0] || !whole[1] {
			return nil, false
		}
		steps[i].a = max(steps[i].a, h.m.horizon)
	}
	return steps, true
}

// values gives the amounts of orders by days.
func (h headcount) values() bool {
	if _, ok := h.days(); !ok {
		return false
	}
	for d, v := range h.people.values {
		h.AddValues(ledger.Fact{Kind: ledger.KindPlaced, At: h.m.cal.DayStart(d).UnixMicro(), Tenant: h.tenant}, v)
	}
	return true
}

// users counts by days.
func (h headcount) users(by map[string]*distinct, kind ledger.Kind) bool {
	steps, ok := h.days()
	if !ok {
		return false
	}
	for feature, x := range by {
		for i, s := range steps {
			if s.a < s.b && x.events(s.a, s.b) > 0 {
				at, _ := h.bounds(i)
				h.AddUsers(ledger.Fact{Kind: kind, At: at, Method: feature, Tenant: h.tenant}, x.between(s.a, s.b), 0)
			}
		}
	}
	return true
}

// date is the day that begins then.
func (h headcount) date(at int64) (d ledger.Date, begins bool) {
	d = h.m.cal.DateOf(time.UnixMicro(at))
	return d, h.m.cal.DayStart(d).UnixMicro() == at
}

// cohorts counts by months.
func (h headcount) cohorts() bool {
	steps := map[ledger.Month]int64{} // where the figures of a month belong
	for i := range len(h.Bounds) - 1 {
		from, to := h.bounds(i)
		if from >= to {
			continue
		}
		first, last := h.month(from), h.month(to)
		if first == nil || last == nil || h.Metric.Users && *last != *first+1 {
			return false
		}
		for month := *first; month < *last; month++ {
			steps[month] = from
		}
	}
	for k, t := range h.people.book.totals {
		from, asked := steps[k.month]
		if !asked {
			continue
		}
		for _, of := range t.kinds {
			f := ledger.Fact{Kind: of.kind, At: from, N: of.n, Amount: of.amount, Tenant: h.tenant, Cohort: k.name()}
			switch {
			case !h.Metric.Users:
				h.Add(f)
			case of.kind == ledger.KindPlaced:
				h.AddUsers(f, t.customers, t.returning)
			}
		}
	}
	return true
}

// month is the one that begins then; nil: none does.
func (h headcount) month(at int64) *ledger.Month {
	month := h.m.cal.MonthOf(time.UnixMicro(at))
	if h.m.cal.MonthBegin(month).UnixMicro() != at {
		return nil
	}
	return &month
}
