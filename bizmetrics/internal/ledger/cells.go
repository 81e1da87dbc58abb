package ledger

// cell is what the events of one tally share. Customers are not part of it,
// nor are suppliers of payments: there would be nearly as many cells as
// events. Who groups by those has the events themselves read.
type cell struct{ status, method, supplier, currency, tenant string }

// tally is the exact total of a cell's events.
type tally struct {
	n             int64
	amount, after Sum
}

// Cells are the totals of a stretch of time, by kind: most metrics are of one.
type Cells map[Kind]map[cell]*tally

func (f Fact) cell() cell {
	c := cell{status: f.Status, method: f.Method, supplier: f.Supplier, currency: f.Currency, tenant: f.Tenant}
	if f.Kind == KindPayment {
		c.supplier = ""
	}
	return c
}

// Add counts a fact.
func (c Cells) Add(f Fact) {
	k := f.cell()
	t := c.at(f.Kind, k)
	t.n += f.N
	t.amount, t.after = t.amount.Plus(f.Amount), t.after.Plus(f.After)
	c.prune(f.Kind, k, t)
}

// Remove takes back a fact that was added.
func (c Cells) Remove(f Fact) {
	k := f.cell()
	t := c.at(f.Kind, k)
	t.n -= f.N
	t.amount, t.after = t.amount.Plus(f.Amount.Minus()), t.after.Plus(f.After.Minus())
	c.prune(f.Kind, k, t)
}

func (c Cells) prune(kind Kind, k cell, t *tally) {
	if t.n == 0 && t.amount.IsZero() && t.after.IsZero() {
		delete(c[kind], k)
	}
}

func (c Cells) at(kind Kind, k cell) *tally {
	of := c[kind]
	if of == nil {
		of = map[cell]*tally{}
		c[kind] = of
	}
	t := of[k]
	if t == nil {
		t = &tally{}
		of[k] = t
	}
	return t
}

// Facts gives the totals back as facts.
func (c Cells) Facts(at int64, yield func(Fact)) {
	for kind := range c {
		c.of(kind, at, yield)
	}
}

// FactsOf gives the totals that q's metric is made of.
func (c Cells) FactsOf(q *Collector, at int64) {
	for kind := range c {
		if q.Metric.Kinds.Has(kind) {
			c.of(kind, at, q.Add)
		}
	}
}

func (c Cells) of(kind Kind, at int64, yield func(Fact)) {
	for k, t := range c[kind] {
		yield(Fact{
			Kind: kind, At: at, N: t.n, Amount: t.amount, After: t.after,
			Status: k.status, Method: k.method, Supplier: k.supplier, Currency: k.currency, Tenant: k.tenant,
		})
	}
}
