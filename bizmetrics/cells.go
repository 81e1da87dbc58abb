package bizmetrics

// cell is what the events of one tally share. Customers are not part of it,
// nor are suppliers of payments: there would be nearly as many cells as
// events. Who groups by those has the events themselves read.
type cell struct {
	kind                               kind
	status, method, supplier, currency string
}

// tally is the exact total of a cell's events.
type tally struct {
	n             int64
	amount, after sum
	values        []int64 // of placed orders, as long as events are kept
}

// cells are the totals of a stretch of time.
type cells map[cell]*tally

func (f fact) cell() cell {
	c := cell{kind: f.kind, status: f.status, method: f.method, supplier: f.supplier, currency: f.currency}
	if f.kind == kindPayment {
		c.supplier = ""
	}
	return c
}

// add counts a fact. values says whether single amounts are kept.
func (c cells) add(f fact, values bool) {
	t := c.at(f.cell())
	t.n += f.n
	t.amount, t.after = t.amount.plus(f.amount), t.after.plus(f.after)
	if values && f.kind == kindPlaced && f.n == 1 {
		if v, err := f.amount.int64(); err == nil {
			t.values = append(t.values, v)
		}
	}
	c.prune(f.cell(), t)
}

// remove takes back a fact that was added; never a placed order, whose effect
// nothing changes.
func (c cells) remove(f fact) {
	t := c.at(f.cell())
	t.n -= f.n
	t.amount, t.after = t.amount.plus(f.amount.minus()), t.after.plus(f.after.minus())
	c.prune(f.cell(), t)
}

func (c cells) prune(k cell, t *tally) {
	if t.n == 0 && t.amount.isZero() && t.after.isZero() {
		delete(c, k)
	}
}

func (c cells) at(k cell) *tally {
	t := c[k]
	if t == nil {
		t = &tally{}
		c[k] = t
	}
	return t
}

// facts gives the totals back as facts.
func (c cells) facts(at int64, yield func(fact)) {
	for k, t := range c {
		yield(fact{
			kind: k.kind, at: at, n: t.n, amount: t.amount, after: t.after, values: t.values,
			status: k.status, method: k.method, supplier: k.supplier, currency: k.currency,
		})
	}
}
