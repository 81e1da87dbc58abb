package sqlstore

import (
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// parts is a sum in two columns: of v>>32 and of v&0xffffffff.
type parts struct{ hi, lo int64 }

func (p *parts) add(v, sign int64) {
	p.hi += sign * (v >> 32)
	p.lo += sign * (v & 0xffffffff)
}

// cell is what facts of one row of totals share. With the day beside the
// slot it is exact also where a zone's days do not begin on one.
type cell struct {
	kind                                       ledger.Kind
	slot, date, month                          int64
	status, method, supplier, currency, tenant string
}

type cellSum struct {
	n             int64
	amount, after parts
}

type valueKey struct {
	scope               string
	month, level, value int64
}

type userDay struct {
	scope          string
	date           int64
	topic, account string
}

type scopedCustomer struct{ scope, customer string }

type customerMonth struct {
	scope    string
	month    int64
	customer string
}

// The five kinds that are counted by customer and cohort, as in cohortSums.
var cohortPlaces = map[ledger.Kind]int{
	ledger.KindPlaced: 0, ledger.KindRefund: 3, ledger.KindCancelled: 6, ledger.KindGoods: 9, ledger.KindCommission: 12,
}

const placedCount = 0 // in cohortSum

// cohortSum are the columns of cohortSums.
type cohortSum [15]int64

func (s *cohortSum) add(o *cohortSum, sign int64) {
	for i, v := range o {
		s[i] += sign * v
	}
}

// deltas are what the facts of a batch, added and removed, change in what is
// added up. They are made in memory, so that a row is written once a batch.
type deltas struct {
	days      *days
	cells     map[cell]*cellSum
	values    map[valueKey]int64
	users     map[userDay]int64
	customers map[customerMonth]*cohortSum
	first     map[scopedCustomer]int64 // of each customer with a placed order in the batch, its first
}

func newDeltas(d *days) *deltas {
	return &deltas{
		days: d, cells: map[cell]*cellSum{}, values: map[valueKey]int64{}, users: map[userDay]int64{},
		customers: map[customerMonth]*cohortSum{}, first: map[scopedCustomer]int64{},
	}
}

func (d *deltas) add(f ledger.Fact)    { d.count(&f, 1) }
func (d *deltas) remove(f ledger.Fact) { d.count(&f, -1) }

func (d *deltas) count(f *ledger.Fact, sign int64) {
	day := d.days.of(f.At)
	amount, _ := f.Amount.Int64() // of one event: they fit
	after, _ := f.After.Int64()
	d.cell(f, &day, sign, amount, after)
	d.scoped(f, &day, sign, amount, "")
	if f.Tenant != "" {
		d.scoped(f, &day, sign, amount, f.Tenant)
	}
}

func (d *deltas) cell(f *ledger.Fact, day *day, sign, amount, after int64) {
	k := cell{
		kind: f.Kind, slot: slotOf(f.At), date: day.date, month: day.month,
		status: f.Status, method: f.Method, supplier: f.Supplier, currency: f.Currency, tenant: f.Tenant,
	}
	if f.Kind == ledger.KindPayment {
		k.supplier = ""
	}
	s := d.cells[k]
	if s == nil {
		s = &cellSum{}
		d.cells[k] = s
	}
	s.n += sign
	s.amount.add(amount, sign)
	s.after.add(after, sign)
}

// scoped counts what is kept for all tenants together and for each.
func (d *deltas) scoped(f *ledger.Fact, day *day, sign, amount int64, scope string) {
	if f.Kind == ledger.KindPlaced {
		d.values[valueKey{scope, day.month, levelValue, amount}] += sign
		d.values[valueKey{scope, day.month, levelBucket, bucketOf(amount)}] += sign
		if f.Customer != "" {
			k := scopedCustomer{scope, f.Customer}
			if at, known := d.first[k]; !known || f.At < at {
				d.first[k] = f.At
			}
		}
	}
	if f.Customer != "" && activeKinds.Has(f.Kind) {
		d.users[userDay{scope, day.date, "", f.Customer}] += sign
		if f.Kind == ledger.KindFeature {
			d.users[userDay{scope, day.date, topicOf(f.Method), f.Customer}] += sign
		}
	}
	place, counted := cohortPlaces[f.Kind]
	if !counted {
		return
	}
	k := customerMonth{scope, day.month, f.Customer}
	s := d.customers[k]
	if s == nil {
		s = &cohortSum{}
		d.customers[k] = s
	}
	s[place] += sign
	s[place+1] += sign * (amount >> 32)
	s[place+2] += sign * (amount & 0xffffffff)
}

var activeKinds = ledger.Metrics["active_users"].Kinds

// topicOf is the topic of a feature.
func topicOf(feature string) string { return "f:" + feature }
