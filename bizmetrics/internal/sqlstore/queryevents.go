package sqlstore

import (
	"cmp"
	"maps"
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// scan reads the events of some stretches.
func (a *answer) scan(spans []piece) error {
	if len(spans) == 0 {
		return nil
	}
	horizon, err := readHorizon(a.r)
	if err != nil {
		return err
	}
	if a.c.NeedsCohorts() {
		if err := a.readFirstOrders(spans); err != nil {
			return err
		}
	}
	for _, p := range spans {
		read := a.scanEach
		if a.c.InOne(p.first, p.end) && !a.c.Metric.Users && !a.c.Metric.Values() && !a.c.NeedsCohorts() {
			read = a.scanSums
		}
		if err := read(p); err != nil {
			return err
		}
	}
	for _, s := range a.steps {
		if s.from < horizon && s.from < s.to {
			a.c.SetPartial(s.from)
		}
	}
	return nil
}

// scanSums lets the database add up the events of a stretch that is in one step.
func (a *answer) scanSums(p piece) error {
	columns := a.columns()
	s := Select{
		From: Events, Columns: columns, Where: a.within(p),
		Sum: a.sums(CountAll, func(column string) (hi, lo string) { return HighPart(column), LowPart(column) }),
	}
	return a.r.Select(s, func(row []Value) error {
		f := a.fact(columns, row)
		f.At = p.first
		a.addSums(f, row[len(columns):])
		return nil
	})
}

// scanEach reads the events of a stretch one by one.
func (a *answer) scanEach(p piece) error {
	columns := append(a.columns("at"), "amount", "after")
	n := len(columns)
	return a.r.Select(Select{From: Events, Columns: columns, Where: a.within(p)}, func(row []Value) error {
		f := a.fact(columns, row)
		f.N = 1
		f.Amount, f.After = ledger.SumOf(row[n-2].Int), ledger.SumOf(row[n-1].Int)
		a.c.Add(f)
		return nil
	})
}

// within are the conditions on the events of a stretch.
func (a *answer) within(p piece) []Cond {
	return append([]Cond{AtLeast("at", p.first), Less("at", p.end), OneOf("kind", a.kinds())}, a.filters()...)
}

// readFirstOrders lets the Collector know the cohorts of the customers in some
// stretches.
func (a *answer) readFirstOrders(spans []piece) error {
	first := map[string]int64{}
	a.c.FirstOrder = func(customer string) (int64, bool) {
		at, known := first[customer]
		return at, known && at >= 0
	}
	for _, p := range spans {
		err := a.r.Select(Select{From: Events, Columns: []string{"customer"}, Sum: []string{"amount"}, Where: a.within(p)}, func(row []Value) error {
			first[row[0].Text] = -1
			return nil
		})
		if err != nil {
			return err
		}
	}
	if tenant, filtered := a.c.Q.Filter["tenant"]; filtered && tenant == "" {
		return a.firstOrdersOfNoTenant(first)
	}
	return a.firstOrders(first)
}

// firstOrders fills in the first orders, in the query's scope, of the customers
// that are the keys.
func (a *answer) firstOrders(first map[string]int64) error {
	const some = 1000
	customers := make([]string, 0, some)
	var broken error
	find := func() error {
		keys := Columns{{Type: Text, Texts: customers}}
		err := a.r.Find(Customers, keys, func(i int, v []Value) {
			at := v[0].Int
			if scope := a.scope(); scope != "" {
				seen, err := decodeLasts(v[1].Bytes)
				if err != nil {
					broken = err
				}
				at = customer{seen}.first(scope)
			}
			first[customers[i]] = at
		})
		customers = customers[:0]
		return cmp.Or(err, broken)
	}
	for _, c := range slices.Collect(maps.Keys(first)) {
		if customers = append(customers, c); len(customers) == some {
			if err := find(); err != nil {
				return err
			}
		}
	}
	return find()
}

// firstOrdersOfNoTenant looks through all orders: it is asked so seldom that
// nothing is kept for it.
func (a *answer) firstOrdersOfNoTenant(first map[string]int64) error {
	return a.r.Select(Select{
		From: Events, Columns: []string{"customer", "at"}, Where: []Cond{Eq("kind", int64(ledger.KindPlaced)), Eq("tenant", "")},
	}, func(row []Value) error {
		if at, asked := first[row[0].Text]; asked && (at < 0 || row[1].Int < at) {
			first[row[0].Text] = row[1].Int
		}
		return nil
	})
}
