package storetest

import (
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// model answers queries by looking at every event each time.
type model struct {
	facts      []fact
	first      map[buyer]time.Time // when each customer first ordered
	zone       *time.Location
	monthStart int
}

// buyer is a customer of one tenant, or of all.
type buyer struct {
	tenant, customer string
	all              bool
}

func newModel(arrivals []workload.Arrival, c Config) *model {
	m := &model{facts: factsOf(arrivals), first: map[buyer]time.Time{}, zone: c.Location, monthStart: c.MonthStart}
	for _, f := range m.facts {
		if f.kind == "order" && f.status == "placed" && f.customer != "" {
			for _, b := range []buyer{{customer: f.customer, all: true}, {customer: f.customer, tenant: f.tenant}} {
				if at, known := m.first[b]; !known || f.at.Before(at) {
					m.first[b] = f.at
				}
			}
		}
	}
	return m
}

// monthOf is the first instant of the business's month that holds at.
func (m *model) monthOf(at time.Time, plus int) time.Time {
	y, month, d := at.In(m.zone).Date()
	if d < m.monthStart {
		month--
	}
	return time.Date(y, month+time.Month(plus), m.monthStart, 0, 0, 0, 0, m.zone)
}

// steps are where q's steps begin, the step before the first in front.
func (m *model) steps(q bizmetrics.Query) []time.Time {
	next := func(n int) time.Time { return q.From.Add(time.Duration(n) * q.Step) }
	y, month, d := q.From.In(m.zone).Date()
	switch {
	case q.Monthly:
		next = func(n int) time.Time { return m.monthOf(q.From, n) }
	case q.Step > 0 && q.Step%(24*time.Hour) == 0:
		next = func(n int) time.Time { return time.Date(y, month, d+n*int(q.Step/(24*time.Hour)), 0, 0, 0, 0, m.zone) }
	case q.Step == 0:
		before := q.From.Add(-q.To.Sub(q.From))
		if q.From.Equal(m.monthOf(q.From, 0)) && q.To.Equal(m.monthOf(q.From, 1)) {
			before = m.monthOf(q.From, -1)
		}
		return []time.Time{before, q.From}
	}
	all := []time.Time{next(-1)}
	for n := 0; next(n).Before(q.To); n++ {
		all = append(all, next(n))
	}
	return all
}

// counts reports whether the metric is of such facts.
func counts(q bizmetrics.Query, f fact) bool {
	switch q.Metric {
	case "revenue":
		return f.kind == "order" && f.status == "placed" || f.kind == "refund" || f.kind == "cancellation"
	case "gross", "order_value", "order_value_median", "order_value_p95", "customers", "returning_customers":
		return f.kind == "order" && f.status == "placed"
	case "orders":
		_, byStatus := q.Filter["status"]
		return f.kind == "order" && (f.status == "placed" || byStatus || slices.Contains(q.GroupBy, "status"))
	case "active_users":
		return slices.Contains([]string{"order", "nps", "signed_up", "active", "invited", "feature"}, f.kind)
	}
	return f.kind == map[string]string{
		"refunds": "refund", "cancellations": "cancellation", "cost_of_goods": "goods", "commission": "commission", "payments": "payment", "payment_success": "payment",
		"offers": "offer", "supplier_response": "response", "deliveries": "delivery", "on_time": "delivery", "nps": "nps", "signups": "signed_up",
		"invitations": "invited", "feature_uses": "feature", "feature_users": "feature", "acquisition_cost": "acquisition",
	}[q.Metric]
}

// group is what a fact is grouped by. The cohorts of a tenant's query are that
// tenant's.
func (m *model) group(q bizmetrics.Query, f fact, name string) string {
	switch name {
	case "supplier":
		return f.supplier
	case "customer":
		return f.customer
	case "status":
		return f.status
	case "currency":
		return f.currency
	case "tenant":
		return f.tenant
	case "cohort":
		tenant, asked := q.Filter["tenant"]
		if at, known := m.first[buyer{customer: f.customer, tenant: tenant, all: !asked}]; known {
			return m.monthOf(at, 0).Format("2006-01")
		}
		return ""
	}
	return f.method // method, feature, channel
}

// query answers q.
func (m *model) query(q bizmetrics.Query) (rows []bizmetrics.Row) {
	steps := m.steps(q)
	cells := map[string][][]fact{} // by group, for each step
	var groups [][]string
	if len(q.GroupBy) == 0 {
		cells[""], groups = make([][]fact, len(steps)), [][]string{nil}
	}
	for _, f := range m.facts {
		before := q.Metric == "returning_customers" && !f.at.Before(steps[0]) && (len(steps) < 2 || f.at.Before(steps[1]))
		if !counts(q, f) || !f.at.Before(q.To) || f.at.Before(q.From) && !before {
			continue
		}
		asked := true
		for g, want := range q.Filter {
			asked = asked && m.group(q, f, g) == want
		}
		if !asked {
			continue
		}
		var group []string
		key := ""
		for _, g := range q.GroupBy {
			group = append(group, m.group(q, f, g))
			key += m.group(q, f, g) + "\x00"
		}
		if cells[key] == nil {
			cells[key], groups = make([][]fact, len(steps)), append(groups, group)
		}
		n := 0
		for n+1 < len(steps) && !f.at.Before(steps[n+1]) {
			n++
		}
		cells[key][n] = append(cells[key][n], f)
	}
	slices.SortFunc(groups, slices.Compare)
	for n := 1; n < len(steps); n++ {
		for _, group := range groups {
			key := ""
			for _, g := range group {
				key += g + "\x00"
			}
			row := bizmetrics.Row{At: steps[n].In(m.zone), Group: group}
			figure(&row, q.Metric, cells[key][n], cells[key][n-1])
			rows = append(rows, row)
		}
	}
	return rows
}

// figure works out a row from the facts of its step, and of the one before.
func figure(row *bizmetrics.Row, metric string, facts, before []fact) {
	var sum, good, bad int64
	var after float64
	var values []int64
	users := map[string]bool{}
	for _, f := range facts {
		value := f.value
		if metric == "revenue" && f.kind != "order" {
			value = -value
		}
		if metric != "payments" || f.status == "succeeded" {
			sum += value
		}
		values = append(values, value)
		after += f.after.Seconds()
		switch f.status {
		case "succeeded", "promoter", "on_time":
			good++
		case "failed", "detractor", "late":
			bad++
		}
		if f.customer != "" {
			users[f.customer] = true
		}
	}
	slices.Sort(values)
	n := int64(len(facts))
	row.Count, row.Value = n, float64(n)
	money := func(minor int64) {
		row.Money = bizmetrics.Money{Minor: minor, Currency: workload.Currency}
		row.Value = row.Money.Major()
	}
	orNaN := func(minor func() int64) {
		if row.Value = math.NaN(); n > 0 {
			money(minor())
		}
	}
	switch metric {
	case "revenue", "gross", "refunds", "cancellations", "cost_of_goods", "commission", "acquisition_cost":
		money(sum)
	case "payments":
		money(sum)
		row.Value = float64(n)
	case "payment_success", "on_time":
		row.Count, row.Value = good+bad, 100*float64(good)/float64(good+bad)
	case "nps":
		row.Value = 100 * float64(good-bad) / float64(n)
	case "supplier_response":
		row.Value = after / float64(n)
	case "order_value":
		orNaN(func() int64 { return halfUp(sum, n) })
	case "order_value_median":
		orNaN(func() int64 { return halfUp(values[(n-1)/2]+values[n/2], 2) })
	case "order_value_p95":
		orNaN(func() int64 { return values[(95*n+99)/100-1] })
	case "customers", "active_users", "feature_users":
		row.Count, row.Value = int64(len(users)), float64(len(users))
	case "returning_customers":
		again := map[string]bool{}
		for _, f := range before {
			if users[f.customer] {
				again[f.customer] = true
			}
		}
		row.Count, row.Value = int64(len(again)), float64(len(again))
	}
}

// halfUp is sum / n, halves up; neither is negative.
func halfUp(sum, n int64) int64 {
	twice := new(big.Int).Mul(big.NewInt(2), big.NewInt(sum))
	return twice.Add(twice, big.NewInt(n)).Div(twice, big.NewInt(2*n)).Int64()
}
