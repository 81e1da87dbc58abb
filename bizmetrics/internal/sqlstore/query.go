package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// answer fills a Collector from what is added up, and from events where that
// does not suffice.
type answer struct {
	r     Reader
	c     *ledger.Collector
	cal   ledger.Calendar
	steps []step
}

// Query answers for one metric: [bizmetrics.Store]. Of whole days and months
// (of the store's calendar) and of five minutes it reads what is added
// up: of users and customers by whole days and months only, by no group but
// feature and cohort, and by no filter but tenant; medians and P95 by whole
// months only. All else it reads from the events of the span.
//
// Where events are gone by Config.Retention, what is cut off five minutes,
// by supplier a day, counts with the part in which it begins; users,
// customers and medians of such a span are NaN unless they are added up.
func (s *Store) Query(ctx context.Context, q bizmetrics.Query) ([]bizmetrics.Row, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	c := ledger.NewCollector(ledger.Query(q), s.cal)
	currency := s.currency.Load()
	err := s.engine.Read(ctx, func(r Reader) error {
		if currency == nil {
			var err error
			if currency, err = readSetting(r, currencySetting); err != nil {
				return err
			}
		}
		a := &answer{r: r, c: c, cal: s.cal, steps: stepsOf(c)}
		return a.fill()
	})
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Metric, err)
	}
	if currency == nil {
		currency = new("")
	} else {
		s.currency.Store(currency)
	}
	rows, err := c.Rows(*currency)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Metric, err)
	}
	out := make([]bizmetrics.Row, len(rows))
	for i, row := range rows {
		out[i] = bizmetrics.Row{At: row.At, Group: row.Group, Value: row.Value, Money: bizmetrics.Money(row.Money), Count: row.Count}
	}
	return out, nil
}

func (a *answer) fill() error {
	if len(a.steps) == 0 {
		return nil // an empty span by steps has none
	}
	for _, way := range []func() (bool, error){a.quantiles, a.activeUsers, a.customers, a.cohortTotals, a.totals} {
		if done, err := way(); done || err != nil {
			return err
		}
	}
	spans := make([]piece, 0, 1)
	for _, s := range a.steps {
		if n := len(spans); n > 0 && spans[n-1].end == s.from {
			spans[n-1].end = s.to
		} else if s.from < s.to {
			spans = append(spans, piece{grainEvents, s.from, s.to})
		}
	}
	return a.scan(spans)
}

// asked reports whether the query groups or filters by something.
func (a *answer) asked(group string) bool {
	_, filtered := a.c.Q.Filter[group]
	return filtered || slices.Contains(a.c.Q.GroupBy, group)
}

// onlyAsked reports whether the query groups by nothing but groups, and filters
// by nothing but those and one tenant.
func (a *answer) onlyAsked(groups ...string) bool {
	for _, g := range a.c.Q.GroupBy {
		if !slices.Contains(groups, g) {
			return false
		}
	}
	for g, want := range a.c.Q.Filter {
		if g == "tenant" && want != "" {
			continue
		}
		if !slices.Contains(groups, g) {
			return false
		}
	}
	return true
}

// scope is the tenant that is asked for, "" for all.
func (a *answer) scope() string { return a.c.Q.Filter["tenant"] }

// kinds are those that the query counts.
func (a *answer) kinds() []int64 {
	var kinds []int64
	for k := range ledger.Kind(ledger.Kinds) {
		if a.c.Metric.Kinds.Has(k) && (k == ledger.KindPlaced || a.c.Q.Metric != "orders" || a.asked("status")) {
			kinds = append(kinds, int64(k))
		}
	}
	return kinds
}

// columnOf is the column that a group is read from.
func columnOf(group string) string {
	switch group {
	case "feature", "channel":
		return "method"
	case "cohort":
		return "customer"
	}
	return group
}

// filters are the query's as conditions; a cohort's is the Collector's.
func (a *answer) filters() []Cond {
	var conds []Cond
	for _, g := range []string{"supplier", "customer", "status", "currency", "method", "feature", "channel", "tenant"} { // in one order: the text is prepared
		if want, filtered := a.c.Q.Filter[g]; filtered {
			conds = append(conds, Eq(columnOf(g), want))
		}
	}
	return conds
}

// columns are those of a fact that the query looks at, but the kind: of all
// kinds that a metric counts, one does as well as another.
func (a *answer) columns(more ...string) []string {
	columns := slices.Clone(more)
	if kinds := a.c.Metric.Kinds; a.asked("status") || kinds.Has(ledger.KindPayment) || kinds.Has(ledger.KindNPS) || kinds.Has(ledger.KindDelivery) {
		columns = append(columns, "status")
	}
	for _, g := range []string{"method", "supplier", "customer", "currency", "tenant"} {
		for _, asked := range []string{"method", "feature", "channel", "supplier", "customer", "cohort", "currency", "tenant"} {
			if columnOf(asked) == g && a.asked(asked) && !slices.Contains(columns, g) {
				columns = append(columns, g)
			}
		}
	}
	if a.c.Metric.Users && !slices.Contains(columns, "customer") {
		columns = append(columns, "customer")
	}
	return columns
}

// fact reads a fact from named columns.
func (a *answer) fact(columns []string, row []Value) (f ledger.Fact) {
	f.Kind = ledger.Kind(a.kinds()[0])
	for i, c := range columns {
		switch v := &row[i]; c {
		case "at":
			f.At = v.Int
		case "status":
			f.Status = v.Text
		case "method":
			f.Method = v.Text
		case "supplier":
			f.Supplier = v.Text
		case "customer":
			f.Customer = v.Text
		case "currency":
			f.Currency = v.Text
		case "tenant":
			f.Tenant = v.Text
		}
	}
	return f
}
