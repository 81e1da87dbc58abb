package sqlstore

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// customer is what [Customers] has.
type customer struct{ seen lasts }

// The topics of what a customer's row has by scope. A place is there, with [unknown], as soon
// as there is something to be moved when the first order comes.
const (
	lastTopic  = "last"  // the last month with an order
	firstTopic = "first" // the first order, µs
	unknown    = -1
)

func (c customer) last(scope string) int64 { return c.seen.at(place{scope, lastTopic}) }

func (c customer) first(scope string) int64 { return max(c.seen.at(place{scope, firstTopic}), unknown) }

// cohortMonth is the key of [CohortMonths].
type cohortMonth struct {
	scope         string
	month, cohort int64
}

const (
	cohortCustomers = iota
	cohortReturning
	cohortLast
	cohortCounts // how many columns stand before the sums
)

// cohortDelta is what changes in a row of [CohortMonths].
type cohortDelta struct {
	counts [cohortCounts]int64
	sums   cohortSum
}

// cohorts is the part of a batch that keeps customers and their cohorts.
type cohorts struct {
	tx      Tx
	cache   *caches
	cal     ledger.Calendar
	batch   *deltas
	keys    []customerMonth
	known   map[string]customer // as they were; then as they are
	changed map[string]struct{}
	changes map[cohortMonth]*cohortDelta
}

// writeCustomers adds the batch's facts to customers and cohorts.
func (d *deltas) writeCustomers(tx Tx, cache *caches) error {
	c := &cohorts{
		tx: tx, cache: cache, cal: d.days.cal, batch: d,
		known: map[string]customer{}, changed: map[string]struct{}{}, changes: map[cohortMonth]*cohortDelta{},
	}
	for k, s := range d.customers {
		if *s == (cohortSum{}) {
			continue
		}
		if k.customer == "" {
			c.change(k.scope, k.month, None).sums.add(s, 1)
			continue
		}
		c.keys = append(c.keys, k)
	}
	for _, step := range []func() error{c.read, c.moveCohorts, c.addMonths, c.write} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cohorts) change(scope string, month, cohort int64) *cohortDelta {
	k := cohortMonth{scope, month, cohort}
	of := c.changes[k]
	if of == nil {
		of = &cohortDelta{}
		c.changes[k] = of
	}
	return of
}

// cohortOf is the month of a first order.
func (c *cohorts) cohortOf(first int64) int64 {
	if first < 0 {
		return None
	}
	return int64(c.cal.MonthOf(time.UnixMicro(first)))
}

// read reads what is known of the batch's customers.
func (c *cohorts) read() error {
	var asked []string
	want := func(name string) {
		if _, done := c.known[name]; done {
			return
		}
		of, cached := c.cache.customers.get(name)
		if !cached {
			asked = append(asked, name)
		}
		c.known[name] = of
	}
	for _, k := range c.keys { // whoever has a first order in the batch is among them
		want(k.customer)
	}
	if len(asked) == 0 {
		return nil
	}
	var broken error
	err := c.tx.Find(Customers, Columns{{Type: Text, Texts: asked}}, func(i int, v []Value) {
		l, err := decodeLasts(v[1].Bytes)
		if err != nil {
			broken = err
		}
		c.known[asked[i]] = customer{l}
	})
	if err == nil {
		err = broken
	}
	return err
}

// moveCohorts finds out the first orders, and moves what is counted already of
// customers whose cohort is another now.
func (c *cohorts) moveCohorts() error {
	for _, k := range c.keys {
		p, of := place{k.scope, firstTopic}, c.known[k.customer]
		was, noted := of.first(k.scope), of.seen.at(p) != None
		first := was
		if at, ordered := c.batch.first[scopedCustomer{k.scope, k.customer}]; ordered && (was < 0 || at < was) {
			first = at
		}
		if noted && first == was {
			continue
		}
		of.seen.set(p, first)
		c.known[k.customer] = of
		c.changed[k.customer] = struct{}{}
		if from, to := c.cohortOf(was), c.cohortOf(first); noted && from != to {
			if err := c.move(k.customer, k.scope, of.last(k.scope), from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *cohorts) move(name, scope string, last, from, to int64) error {
	months, err := c.monthsOf(scope, from, name)
	if err != nil {
		return err
	}
	for month, sums := range months {
		d := cohortDelta{sums: *sums}
		if sums[placedCount] > 0 {
			d.counts[cohortCustomers] = 1
			if before := months[month-1]; before != nil && before[placedCount] > 0 {
				d.counts[cohortReturning] = 1
			}
			if month == last {
				d.counts[cohortLast] = 1
			}
		}
		c.change(scope, month, from).add(&d, -1)
		c.change(scope, month, to).add(&d, 1)
	}
	return nil
}

func (d *cohortDelta) add(o *cohortDelta, sign int64) {
	for i, v := range o.counts {
		d.counts[i] += sign * v
	}
	d.sums.add(&o.sums, sign)
}

// monthsOf are the customer's months, looked for where his cohort has any.
func (c *cohorts) monthsOf(scope string, cohort int64, customer string) (map[int64]*cohortSum, error) {
	var months []int64
	ask := MakeColumns(CustomerMonths.Key, 0)
	err := c.tx.Select(Select{From: CohortMonths, Columns: []string{"month"}, Where: []Cond{Eq("scope", scope), Eq("cohort", cohort)}}, func(v []Value) error {
		months = append(months, v[0].Int)
		putCustomerMonth(ask, customerMonth{scope, v[0].Int, customer})
		return nil
	})
	if err != nil || len(months) == 0 {
		return nil, err
	}
	found := map[int64]*cohortSum{}
	err = c.tx.Find(CustomerMonths, ask, func(i int, v []Value) {
		sums := &cohortSum{}
		for j := range sums {
			sums[j] = v[j].Int
		}
		found[months[i]] = sums
	})
	return found, err
}

func putCustomerMonth(to Columns, k customerMonth) {
	to.text(0, k.scope)
	to.add(1, k.month)
	to.text(2, k.customer)
}

// addMonths adds the batch's facts to the customers' months and their cohorts.
func (c *cohorts) addMonths() error {
	placed, err := c.placedBefore()
	if err != nil {
		return err
	}
	for _, k := range c.keys {
		of := c.known[k.customer]
		cohort := c.cohortOf(of.first(k.scope))
		s := c.batch.customers[k]
		c.change(k.scope, k.month, cohort).sums.add(s, 1)
		if s[placedCount] == 0 || placed[k] > 0 {
			continue
		}
		c.change(k.scope, k.month, cohort).counts[cohortCustomers]++
		// Returning are those of two months in a row. Both may be new.
		before, after := k, k
		before.month--
		after.month++
		if placed[before] > 0 || c.placing(before) {
			c.change(k.scope, k.month, cohort).counts[cohortReturning]++
		}
		if placed[after] > 0 {
			c.change(k.scope, after.month, cohort).counts[cohortReturning]++
		}
		if last := of.last(k.scope); k.month > last {
			if last != None {
				c.change(k.scope, last, cohort).counts[cohortLast]--
			}
			c.change(k.scope, k.month, cohort).counts[cohortLast]++
			of.seen.set(place{k.scope, lastTopic}, k.month)
			c.known[k.customer] = of
			c.changed[k.customer] = struct{}{}
		}
	}
	return nil
}

// placing reports whether the batch has placed orders of the month.
func (c *cohorts) placing(k customerMonth) bool {
	s := c.batch.customers[k]
	return s != nil && s[placedCount] > 0
}

// placedBefore are the placed orders, before the batch, of the months that get
// some, and of their neighbours. Of months from the last one on nothing needs
// to be read: there is one in it, and none later.
func (c *cohorts) placedBefore() (map[customerMonth]int64, error) {
	placed := make(map[customerMonth]int64, 3*len(c.keys))
	var asked []customerMonth
	ask := MakeColumns(CustomerMonths.Key, 0)
	for _, k := range c.keys {
		if !c.placing(k) {
			continue
		}
		last := c.known[k.customer].last(k.scope)
		for month := k.month - 1; month <= k.month+1; month++ {
			of := customerMonth{k.scope, month, k.customer}
			if _, done := placed[of]; done || month > last {
				continue
			}
			placed[of] = 1
			if month < last {
				asked = append(asked, of)
				placed[of] = 0
				putCustomerMonth(ask, of)
			}
		}
	}
	if len(asked) == 0 {
		return placed, nil
	}
	return placed, c.tx.Find(CustomerMonths, ask, func(i int, v []Value) { placed[asked[i]] = v[placedCount].Int })
}
