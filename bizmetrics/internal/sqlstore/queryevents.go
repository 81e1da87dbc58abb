package sqlstore

import (
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
	columns := append(a.columns("at"), "amount", "after")
	n := len(columns)
	for _, p := range spans {
		err := a.r.Select(Select{From: Events, Columns: columns, Where: a.within(p)}, func(row []Value) error {
			f := factIn(columns, row)
			f.N = 1
			f.Amount, f.After = ledger.SumOf(row[n-2].Int), ledger.SumOf(row[n-1].Int)
			a.c.Add(f)
			return nil
		})
		if err != nil {
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
	return firstOrders(a.r, first)
}

// firstOrders fills in the first orders of the customers that are the keys.
func firstOrders(r Reader, first map[string]int64) error {
	const some = 1000
	customers := make([]string, 0, some)
	find := func() error {
		keys := MakeColumns(Customers.Key, len(customers))
		for _, c := range customers {
			keys.text(0, c)
		}
		err := r.Find(Customers, keys, func(i int, v []Value) { first[customers[i]] = v[0].Int })
		customers = customers[:0]
		return err
	}
	all := make([]string, 0, len(first))
	for c := range first {
		all = append(all, c)
	}
	for _, c := range all {
		if customers = append(customers, c); len(customers) == some {
			if err := find(); err != nil {
				return err
			}
		}
	}
	return find()
}
