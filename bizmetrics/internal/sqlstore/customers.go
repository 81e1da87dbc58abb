package sqlstore

import (
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// buyer is the key of [Customers].
type buyer struct{ customer, scope string }

// buyerState is what [Customers] has.
type buyerState struct {
	first, last int64 // first: µs, -1: not known; last: None: never ordered
	known       bool  // there is a row
}

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
	buyers  map[buyer]buyerState // as they were
	first   map[string]int64     // of each customer, by now; -1: not known
	changes map[cohortMonth]*cohortDelta
}

// writeCustomers adds the batch's facts to customers and cohorts.
func (d *deltas) writeCustomers(tx Tx, cache *caches) error {
	c := &cohorts{
		tx: tx, cache: cache, cal: d.days.cal, batch: d,
		buyers: map[buyer]buyerState{}, first: map[string]int64{}, changes: map[cohortMonth]*cohortDelta{},
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
	for _, step := range []func() error{c.readBuyers, c.moveCohorts, c.addMonths, c.write} {
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

// readBuyers reads what is known of the batch's customers.
func (c *cohorts) readBuyers() error {
	var missing []buyer
	ask := MakeColumns(Customers.Key, 0)
	want := func(b buyer) {
		if _, done := c.buyers[b]; done {
			return
		}
		state, cached := c.cache.buyers.get(b)
		if !cached {
			state = buyerState{first: -1, last: None}
			missing = append(missing, b)
			ask.text(0, b.customer)
			ask.text(1, b.scope)
		}
		c.buyers[b] = state
	}
	for _, k := range c.keys {
		want(buyer{k.customer, ""})
		want(buyer{k.customer, k.scope})
	}
	for customer := range c.batch.first {
		want(buyer{customer, ""})
	}
	if len(missing) == 0 {
		return nil
	}
	return c.tx.Find(Customers, ask, func(i int, v []Value) {
		state := buyerState{first: v[0].Int, last: v[1].Int, known: true}
		c.buyers[missing[i]] = state
		c.cache.buyers.put(missing[i], state)
	})
}

// moveCohorts finds out the first orders, and moves what is counted already of
// customers whose cohort is another now.
func (c *cohorts) moveCohorts() error {
	for b, state := range c.buyers {
		if b.scope != "" {
			continue
		}
		first := state.first
		if at, ordered := c.batch.first[b.customer]; ordered && (first < 0 || at < first) {
			first = at
		}
		c.first[b.customer] = first
		from, to := c.cohortOf(state.first), c.cohortOf(first)
		if from == to || !state.known {
			continue
		}
		if err := c.move(b.customer, from, to); err != nil {
			return err
		}
	}
	return nil
}

func (c *cohorts) move(customer string, from, to int64) error {
	scopes := map[string]int64{} // the last month of each
	err := c.tx.Select(Select{From: Customers, Columns: []string{"scope", "last_month"}, Where: []Cond{Eq("customer", customer)}}, func(v []Value) error {
		scopes[v[0].Text] = v[1].Int
		return nil
	})
	if err != nil {
		return err
	}
	for scope, last := range scopes {
		months, err := c.monthsOf(scope, from, customer)
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
		cohort := c.cohortOf(c.first[k.customer])
		s := c.batch.customers[k]
		c.change(k.scope, k.month, cohort).sums.add(s, 1)
		if s[placedCount] == 0 {
			continue
		}
		was := placed[k]
		now := was + s[placedCount]
		c.cache.months.put(k, now)
		if was > 0 || now <= 0 {
			continue
		}
		c.change(k.scope, k.month, cohort).counts[cohortCustomers]++
		// Returning are those of two months in a row. Both may be new.
		before, after := k, k
		before.month--
		after.month++
		if c.placedNow(placed, before) {
			c.change(k.scope, k.month, cohort).counts[cohortReturning]++
		}
		if placed[after] > 0 {
			c.change(k.scope, after.month, cohort).counts[cohortReturning]++
		}
		b := buyer{k.customer, k.scope}
		state := c.buyers[b]
		if k.month > state.last {
			if state.last != None {
				c.change(k.scope, state.last, cohort).counts[cohortLast]--
			}
			c.change(k.scope, k.month, cohort).counts[cohortLast]++
			state.last = k.month
			c.buyers[b] = state
		}
	}
	return nil
}

// placedNow reports whether there is a placed order in the month, with those of
// the batch.
func (c *cohorts) placedNow(before map[customerMonth]int64, k customerMonth) bool {
	n := before[k]
	if s := c.batch.customers[k]; s != nil {
		n += s[placedCount]
	}
	return n > 0
}

// placedBefore are the placed orders, before the batch, of the months that get
// some, and of their neighbours.
func (c *cohorts) placedBefore() (map[customerMonth]int64, error) {
	placed := make(map[customerMonth]int64, 3*len(c.keys))
	var asked []customerMonth
	ask := MakeColumns(CustomerMonths.Key, 0)
	want := func(k customerMonth) {
		if _, done := placed[k]; done {
			return
		}
		n, cached := c.cache.months.get(k)
		if !cached {
			asked = append(asked, k)
			putCustomerMonth(ask, k)
		}
		placed[k] = n
	}
	for _, k := range c.keys {
		if c.batch.customers[k][placedCount] == 0 {
			continue
		}
		for month := k.month - 1; month <= k.month+1; month++ {
			want(customerMonth{k.scope, month, k.customer})
		}
	}
	if len(asked) == 0 {
		return placed, nil
	}
	err := c.tx.Find(CustomerMonths, ask, func(i int, v []Value) { placed[asked[i]] = v[placedCount].Int })
	for _, k := range asked {
		c.cache.months.put(k, placed[k])
	}
	return placed, err
}
