package bizmetrics

import "github.com/distri-night/monitoring/bizmetrics/internal/ledger"

// people is who was there on the days whose events are kept: of all tenants, or
// of one.
type people struct {
	active, customers *distinct
	features          map[string]*distinct           // by feature
	values            map[ledger.Date]*ledger.Values // of placed orders
	book              *cohortBook
}

func newPeople(cal ledger.Calendar) *people {
	return &people{active: newDistinct(), customers: newDistinct(), features: map[string]*distinct{}, values: map[ledger.Date]*ledger.Values{}, book: newCohortBook(cal)}
}

// take adds a fact, or takes it off.
func (p *people) take(f ledger.Fact, of *day, sign int64) {
	if ledger.Metrics["active_users"].Kinds.Has(f.Kind) {
		p.active.count(f.Customer, of.date, sign)
	}
	switch f.Kind {
	case ledger.KindPlaced:
		p.customers.count(f.Customer, of.date, sign)
		p.placed(f, of.date, sign)
	case ledger.KindFeature:
		x := p.features[f.Method]
		if x == nil {
			x = newDistinct()
			p.features[f.Method] = x
		}
		x.count(f.Customer, of.date, sign)
		if len(x.facts) == 0 {
			delete(p.features, f.Method)
		}
	}
	p.book.take(f, of.month, sign)
}

// empty reports whether there is nobody left.
func (p *people) empty() bool {
	return len(p.active.facts)+len(p.customers.facts)+len(p.features)+len(p.book.totals)+len(p.book.first) == 0
}

// placed keeps the amount of an order. One is taken off only with all of its
// day: nothing else changes what it counts.
func (p *people) placed(f ledger.Fact, d ledger.Date, sign int64) {
	if sign < 0 {
		delete(p.values, d)
		return
	}
	v := p.values[d]
	if v == nil {
		v = &ledger.Values{}
		p.values[d] = v
	}
	if minor, err := f.Amount.Int64(); err == nil {
		v.Add(minor)
	}
}
