package bizmetrics

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
)

const maxSteps = 10_000 // rows of one group

// Validate names every wrong field: an unknown metric, a group or filter that
// the metric does not have, a span that ends before it begins, a negative Step,
// more than 10,000 steps.
func (q Query) Validate() error {
	var f config.Faults
	m, known := metrics[q.Metric]
	if !known {
		f.Add("Query.Metric", "one of "+strings.Join(metricNames(), ", "), cut(q.Metric, 64))
	}
	check := func(field, group string) {
		if known && !slices.Contains(m.groups, group) {
			f.Add(field, "of "+q.Metric+" one of "+strings.Join(m.groups, ", "), cut(group, 64))
		}
	}
	for _, g := range q.GroupBy {
		check("Query.GroupBy", g)
	}
	for g := range q.Filter {
		check("Query.Filter", g)
	}
	for field, at := range map[string]time.Time{"Query.From": q.From, "Query.To": q.To} {
		checkAt(&f, field, at)
	}
	if q.To.Before(q.From) {
		f.Add("Query.To", "a time that is not before From", q.To.Format(time.RFC3339))
	}
	switch {
	case q.Step < 0:
		f.Add("Query.Step", "a duration that is not negative", q.Step)
	case q.Step > 0 && q.To.Sub(q.From)/q.Step >= maxSteps:
		f.Add("Query.Step", "at most 10,000 steps from From to To", q.Step)
	}
	return f.Err()
}

// bounds are the steps' starts, and the last one's end.
func (q Query) bounds() []time.Time {
	const whole = 24 * time.Hour
	switch {
	case q.Step == 0:
		return []time.Time{q.From, q.To}
	case q.Step%whole == 0:
		loc, days := q.From.Location(), date(q.Step/whole)
		d := dateOf(q.From)
		all := []time.Time{d.start(loc)}
		for all[len(all)-1].Before(q.To) {
			d += days
			all = append(all, d.start(loc))
		}
		return all
	}
	all := []time.Time{q.From}
	for all[len(all)-1].Before(q.To) {
		all = append(all, all[len(all)-1].Add(q.Step))
	}
	return all
}

// collector turns facts into a query's rows.
type collector struct {
	q        Query
	metric   metricDef
	from, to int64   // µs, as bounds
	bounds   []int64 // of the steps
	anyKind  bool    // of orders: asked by status, so not only placed ones
	groups   map[string]*group
	scratch  []byte
}

type group struct {
	values []string
	steps  []total
}

func newCollector(q Query) *collector {
	c := &collector{q: q, metric: metrics[q.Metric], from: q.From.UnixMicro(), to: q.To.UnixMicro(), groups: map[string]*group{}}
	for _, b := range q.bounds() {
		c.bounds = append(c.bounds, b.UnixMicro())
	}
	_, filtered := q.Filter["status"]
	c.anyKind = filtered || slices.Contains(q.GroupBy, "status")
	if len(q.GroupBy) == 0 {
		c.groupOf(nil) // empty steps have rows
	}
	return c
}

// needsEvents reports whether totals do not suffice: they do not know
// customers, nor the suppliers of payments.
func (c *collector) needsEvents() bool {
	if c.q.Metric == "active_users" {
		return true
	}
	asked := func(group string) bool {
		_, filtered := c.q.Filter[group]
		return filtered || slices.Contains(c.q.GroupBy, group)
	}
	return asked("customer") || asked("supplier") && c.metric.kinds.has(kindPayment)
}

// step is the index of the step that holds at, -1 outside.
func (c *collector) step(at int64) int {
	if at < c.from || at >= c.to {
		return -1
	}
	return sort.Search(len(c.bounds), func(i int) bool { return c.bounds[i] > at }) - 1
}

// inOne reports whether all of a stretch lies in one step and in the span.
func (c *collector) inOne(begin, end int64) bool {
	if begin < c.from || end > c.to {
		return false
	}
	i := c.step(begin)
	return i >= 0 && end <= c.bounds[i+1]
}

func (c *collector) add(f fact) {
	if !c.metric.kinds.has(f.kind) || f.kind.isOrder() && f.kind != kindPlaced && c.q.Metric == "orders" && !c.anyKind {
		return
	}
	for g, want := range c.q.Filter {
		if f.group(g) != want {
			return
		}
	}
	if i := c.step(f.at); i >= 0 {
		c.groupOf(&f).steps[i].add(f, c.metric)
	}
}

func (c *collector) groupOf(f *fact) *group {
	c.scratch = c.scratch[:0]
	for _, g := range c.q.GroupBy {
		c.scratch = append(append(c.scratch, f.group(g)...), 0)
	}
	of := c.groups[string(c.scratch)]
	if of == nil {
		of = &group{steps: make([]total, len(c.bounds)-1)}
		for _, g := range c.q.GroupBy {
			of.values = append(of.values, f.group(g))
		}
		c.groups[string(c.scratch)] = of
	}
	return of
}

func (f *fact) group(name string) string {
	switch name {
	case "supplier":
		return f.supplier
	case "customer":
		return f.customer
	case "status":
		return f.status
	case "currency":
		return f.currency
	case "method":
		return f.method
	}
	return ""
}

// rows are the query's answer, money in currency.
func (c *collector) rows(currency string) ([]Row, error) {
	sorted := make([]*group, 0, len(c.groups))
	for _, g := range c.groups {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *group) int { return slices.Compare(a.values, b.values) })
	loc := c.q.From.Location()
	var rows []Row
	for i, begin := range c.bounds[:len(c.bounds)-1] {
		for _, g := range sorted {
			row := Row{At: time.UnixMicro(begin).In(loc), Group: g.values}
			if c.metric.money {
				row.Money.Currency = currency
			}
			if err := c.metric.row(&g.steps[i], &row); err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
