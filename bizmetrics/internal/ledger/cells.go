package ledger

// cell is what the events of one tally share. Customers are not part of it,
// nor are suppliers of payments: there would be nearly as many cells as
// events. Who groups by those has the events themselves read.
type cell struct {
	kind                                       Kind
	status, method, supplier, currency, tenant string
}

// tally is the exact total of a cell's events.
type tally struct {
	n             int64
	amount, after Sum
	values        []int64 // of placed orders, as long as events are kept
}

// Cells are the totals of a stretch of time.
type Cells map[cell]*tally

func (f Fact) cell() cell {
	c := cell{kind: f.Kind, status: f.Status, method: f.Method, supplier: f.Supplier, currency: f.Currency, tenant: f.Tenant}
	if f.Kind == KindPayment {
		c.supplier = ""
	}
	return c
}

// Add counts a fact. values says whether single amounts are kept.
func (c Cells) Add(f Fact, values bool) {
	t := c.at(f.cell())
	t.n += f.N
	t.amount, t.after = t.amount.Plus(f.Amount), t.after.Plus(f.After)
	if values && f.Kind == KindPlaced && f.N == 1 {
		if v, err := f.Amount.Int64(); err == nil {
			t.values = append(t.values, v)
		}
	}
	c.prune(f.cell(), t)
}

// Remove takes back a fact that was added; never a placed order, whose effect
// nothing changes.
func (c Cells) Remove(f Fact) {
	t := c.at(f.cell())
	t.n -= f.N
	t.amount, t.after = t.amount.Plus(f.Amount.Minus()), t.after.Plus(f.After.Minus())
	c.prune(f.cell(), t)
}

func (c Cells) prune(k cell, t *tally) {
	if t.n == 0 && t.amount.IsZero() && t.after.IsZero() {
		delete(c, k)
	}
}

func (c Cells) at(k cell) *tally {
	t := c[k]
	if t == nil {
		t = &tally{}
		c[k] = t
	}
	return t
}

// Facts gives the totals back as facts.
func (c Cells) Facts(at int64, yield func(Fact)) {
	for k, t := range c {
		yield(Fact{
			Kind: k.kind, At: at, N: t.n, Amount: t.amount, After: t.after, values: t.values,
			Status: k.status, Method: k.method, Supplier: k.supplier, Currency: k.currency, Tenant: k.tenant,
		})
	}
}
