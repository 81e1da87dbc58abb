package ledger

import (
	"slices"
	"sort"
	"time"
)

// bounds are the steps' starts, and the last one's end.
func (q Query) bounds(cal Calendar) []time.Time {
	const whole = 24 * time.Hour
	switch {
	case q.Monthly:
		m := cal.MonthOf(q.From)
		all := []time.Time{cal.MonthBegin(m)}
		for all[len(all)-1].Before(q.To) {
			m++
			all = append(all, cal.MonthBegin(m))
		}
		return all
	case q.Step == 0:
		return []time.Time{q.From, q.To}
	case q.Step%whole == 0:
		loc, days := q.From.Location(), Date(q.Step/whole)
		d := DateOf(q.From)
		all := []time.Time{d.Start(loc)}
		for all[len(all)-1].Before(q.To) {
			d += days
			all = append(all, d.Start(loc))
		}
		return all
	}
	all := []time.Time{q.From}
	for all[len(all)-1].Before(q.To) {
		all = append(all, all[len(all)-1].Add(q.Step))
	}
	return all
}

// before is where the step before the first began: as many of the zone's days
// before, if steps are of days; a month before, if the first is one of the
// calendar's months; else as long before.
func (q Query) before(bounds []time.Time, cal Calendar) time.Time {
	const whole = 24 * time.Hour
	from, to := bounds[0], bounds[1]
	if q.Step > 0 && q.Step%whole == 0 {
		return (DateOf(from) - Date(q.Step/whole)).Start(from.Location())
	}
	if m := cal.MonthOf(from); from.Equal(cal.MonthBegin(m)) && to.Equal(cal.MonthBegin(m+1)) {
		return cal.MonthBegin(m - 1)
	}
	return from.Add(-to.Sub(from))
}

// settle works out what depends on more than one fact.
func (g *group) settle(c *Collector) {
	for i := range g.Steps {
		g.Steps[i].Partial = g.Steps[i].Partial || c.partial[i]
	}
	if c.Metric.Return {
		for i := len(g.Steps) - 1; i > 0; i-- { // the last first: each looks at the one before as it is
			g.Steps[i].also(&g.Steps[i-1])
		}
	}
}

// also keeps of the step's users those that the step before it had.
func (t *total) also(last *total) {
	t.Partial = t.Partial || last.Partial
	t.returning = 0
	for user := range t.users {
		if _, ok := last.users[user]; ok {
			t.returning++
		}
	}
}

// Collector turns facts into a query's rows.
type Collector struct {
	Q        Query
	Calendar Calendar
	Metric   metricDef
	From, To int64   // µs, as bounds
	Bounds   []int64 // of the steps
	anyKind  bool    // of orders: asked by status, so not only placed ones
	Groups   map[string]*group
	scratch  []byte
	partial  []bool // by step: some of what it needs is gone

	// FirstOrder tells when a customer first placed an order, in µs; with a
	// tenant in the filter, when with that tenant. A store sets it for queries
	// that ask for cohorts.
	FirstOrder func(customer string) (at int64, known bool)
}

type group struct {
	values []string
	Steps  []total
}

// NewCollector makes an empty one for q, which must be valid. Months and
// cohorts are those of cal, steps of whole days those of q.From's zone.
func NewCollector(q Query, cal Calendar) *Collector {
	c := &Collector{Q: q, Calendar: cal, Metric: Metrics[q.Metric], From: q.From.UnixMicro(), To: q.To.UnixMicro(), Groups: map[string]*group{}}
	bounds := q.bounds(cal)
	if c.Metric.Return && len(bounds) > 1 { // else the span is empty, and so is the answer
		bounds = append([]time.Time{q.before(bounds, cal)}, bounds...)
		c.From = bounds[0].UnixMicro()
	}
	for _, b := range bounds {
		c.Bounds = append(c.Bounds, b.UnixMicro())
	}
	c.partial = make([]bool, len(c.Bounds)-1)
	_, filtered := q.Filter["status"]
	c.anyKind = filtered || slices.Contains(q.GroupBy, "status")
	if len(q.GroupBy) == 0 {
		c.groupOf(nil) // empty steps have rows
	}
	return c
}

// NeedsEvents reports whether totals do not suffice: they do not know
// customers, nor the suppliers of payments.
func (c *Collector) NeedsEvents() bool {
	return c.Metric.Users || c.Asked("customer") || c.NeedsCohorts() || c.Asked("supplier") && c.Metric.Kinds.Has(KindPayment)
}

// NeedsCohorts reports whether FirstOrder is asked.
func (c *Collector) NeedsCohorts() bool { return c.Asked("cohort") }

// Asked reports whether a group is grouped or filtered by.
func (c *Collector) Asked(group string) bool {
	_, filtered := c.Q.Filter[group]
	return filtered || slices.Contains(c.Q.GroupBy, group)
}

// Step is the index of the step that holds at, -1 outside.
func (c *Collector) Step(at int64) int {
	if at < c.From || at >= c.To || c.Metric.Return && len(c.Bounds) > 1 && at >= c.Bounds[1] && at < c.Q.From.UnixMicro() {
		return -1
	}
	return sort.Search(len(c.Bounds), func(i int) bool { return c.Bounds[i] > at }) - 1
}

// InOne reports whether all of a stretch lies in one step and in the span.
func (c *Collector) InOne(begin, end int64) bool {
	if begin < c.From || end > c.To {
		return false
	}
	i := c.Step(begin)
	return i >= 0 && end <= c.Bounds[i+1]
}

// Add takes a fact in, if q asks for it.
func (c *Collector) Add(f Fact) {
	if !c.Metric.Kinds.Has(f.Kind) || f.Kind.IsOrder() && f.Kind != KindPlaced && c.Q.Metric == "orders" && !c.anyKind {
		return
	}
	for g, want := range c.Q.Filter {
		if c.group(&f, g) != want {
			return
		}
	}
	if i := c.Step(f.At); i >= 0 {
		c.groupOf(&f).Steps[i].add(f, c.Metric)
	}
}

func (c *Collector) groupOf(f *Fact) *group {
	c.scratch = c.scratch[:0]
	for _, g := range c.Q.GroupBy {
		c.scratch = append(append(c.scratch, c.group(f, g)...), 0)
	}
	of := c.Groups[string(c.scratch)]
	if of == nil {
		of = &group{Steps: make([]total, len(c.Bounds)-1)}
		for _, g := range c.Q.GroupBy {
			of.values = append(of.values, c.group(f, g))
		}
		c.Groups[string(c.scratch)] = of
	}
	return of
}

func (c *Collector) group(f *Fact, name string) string {
	switch name {
	case "supplier":
		return f.Supplier
	case "customer":
		return f.Customer
	case "status":
		return f.Status
	case "currency":
		return f.Currency
	case "method", "feature", "channel":
		return f.Method
	case "tenant":
		return f.Tenant
	case "cohort":
		if f.Cohort != "" {
			return f.Cohort
		}
		return c.cohort(f.Customer)
	}
	return ""
}

// cohort is the month in which the customer first ordered, "" if that is not
// known.
func (c *Collector) cohort(customer string) string {
	if customer == "" || c.FirstOrder == nil {
		return ""
	}
	at, known := c.FirstOrder(customer)
	if !known {
		return ""
	}
	return c.Calendar.MonthOf(time.UnixMicro(at)).String()
}

// Rows are the query's answer, money in currency.
func (c *Collector) Rows(currency string) ([]Row, error) {
	sorted := make([]*group, 0, len(c.Groups))
	for _, g := range c.Groups {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *group) int { return slices.Compare(a.values, b.values) })
	for _, g := range sorted {
		g.settle(c)
	}
	loc := c.Q.From.Location()
	var rows []Row
	for i, begin := range c.Bounds[:len(c.Bounds)-1] {
		if i == 0 && c.Metric.Return {
			continue // there to be compared with
		}
		for _, g := range sorted {
			row := Row{At: time.UnixMicro(begin).In(loc), Group: g.values}
			if c.Metric.Money {
				row.Money.Currency = currency
			}
			if err := c.Metric.row(&g.Steps[i], &row); err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
