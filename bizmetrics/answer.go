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
	p := m.people.scopes[tenant]
	if p == nil {
		p = newPeople(m.cal).scope("") // nobody
	}
	q := peopleQuery{Collector: c, m: m, people: p, tenant: tenant}
	switch _, byCohort := c.Q.Filter["cohort"]; {
	case c.Asked("cohort"):
		if byCohort {
			rest--
		}
		return rest == 0 && !c.Metric.Values() && only(c.Q.GroupBy, "cohort") && q.cohorts()
	case rest > 0:
		return false
	case c.Metric.Values() && len(c.Q.GroupBy) == 0:
		return q.values()
	case c.Q.Metric == "active_users" && len(c.Q.GroupBy) == 0:
		return q.users(map[string]*distinct{"": p.active}, ledger.KindActive)
	case c.Q.Metric == "customers" && len(c.Q.GroupBy) == 0:
		return q.users(map[string]*distinct{"": p.customers}, ledger.KindPlaced)
	case c.Q.Metric == "returning_customers" && len(c.Q.GroupBy) == 0:
		return q.cohorts()
	case c.Q.Metric == "feature_users" && len(c.Q.GroupBy) == 1 && c.Q.GroupBy[0] == "feature":
		return q.users(p.features, ledger.KindFeature)
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

// peopleQuery is a query about people.
type peopleQuery struct {
	*ledger.Collector
	m      *memory
	people *scope
	tenant string
}

// bounds are those of a step, within the span.
func (q peopleQuery) bounds(i int) (from, to int64) {
	from, to = q.Bounds[i], min(q.Bounds[i+1], q.To)
	if q.Metric.Return && i == 0 {
		return from, to
	}
	return max(from, q.Q.From.UnixMicro()), to
}

// dates are the kept days from a until before b.
type dates struct{ a, b ledger.Date }

// days are those of each step, if all steps are of whole days.
func (q peopleQuery) days() ([]dates, bool) {
	steps := make([]dates, len(q.Bounds)-1)
	for i := range steps {
		from, to := q.bounds(i)
		if from >= to {
			continue
		}
		var whole [2]bool
		steps[i].a, whole[0] = q.date(from)
		steps[i].b, whole[1] = q.date(to)
		if !whole[0] || !whole[1] {
			return nil, false
		}
		steps[i].a = max(steps[i].a, q.m.horizon)
	}
	return steps, true
}

// values gives the amounts of orders by days.
func (q peopleQuery) values() bool {
	if _, ok := q.days(); !ok {
		return false
	}
	for d, v := range q.people.values {
		q.AddValues(ledger.Fact{Kind: ledger.KindPlaced, At: q.m.cal.DayStart(d).UnixMicro(), Tenant: q.tenant}, v)
	}
	return true
}

// users counts by days.
func (q peopleQuery) users(by map[string]*distinct, kind ledger.Kind) bool {
	steps, ok := q.days()
	if !ok {
		return false
	}
	for feature, x := range by {
		for i, s := range steps {
			if s.a >= s.b {
				continue
			}
			if users, events := x.between(s.a, s.b); events > 0 {
				at, _ := q.bounds(i)
				q.AddUsers(ledger.Fact{Kind: kind, At: at, Method: feature, Tenant: q.tenant}, users, 0)
			}
		}
	}
	return true
}

// date is the day that begins then.
func (q peopleQuery) date(at int64) (d ledger.Date, begins bool) {
	d = q.m.cal.DateOf(time.UnixMicro(at))
	return d, q.m.cal.DayStart(d).UnixMicro() == at
}

// cohorts counts by months.
func (q peopleQuery) cohorts() bool {
	steps := map[ledger.Month]int64{} // where the figures of a month belong
	for i := range len(q.Bounds) - 1 {
		from, to := q.bounds(i)
		if from >= to {
			continue
		}
		first, last := q.month(from), q.month(to)
		if first == nil || last == nil || q.Metric.Users && *last != *first+1 {
			return false
		}
		for month := *first; month < *last; month++ {
			steps[month] = from
		}
	}
	for k, t := range q.people.cohorts {
		from, asked := steps[k.month]
		if !asked {
			continue
		}
		for _, of := range t.kinds {
			f := ledger.Fact{Kind: of.kind, At: from, N: of.n, Amount: of.amount, Tenant: q.tenant, Cohort: k.name()}
			switch {
			case !q.Metric.Users:
				q.Add(f)
			case of.kind == ledger.KindPlaced:
				q.AddUsers(f, t.customers, t.returning)
			}
		}
	}
	return true
}

// month is the one that begins then; nil: none does.
func (q peopleQuery) month(at int64) *ledger.Month {
	month := q.m.cal.MonthOf(time.UnixMicro(at))
	if q.m.cal.MonthBegin(month).UnixMicro() != at {
		return nil
	}
	return &month
}
