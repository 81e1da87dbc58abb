package bizmetrics

import (
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// cohortBook adds up, by the month in which customers first ordered and by
// month, what they did: how many ordered, how many of them had ordered in the
// month before, and the money. It is of the days whose events are kept.
type cohortBook struct {
	cal    ledger.Calendar
	first  map[string]int64 // the first placed order of each customer, µs
	buyers map[string]*buyer
	totals map[cohortMonth]*cohortTotal
}

const noCohort = ledger.Month(-1 << 31) // of events without a customer, or of one who has never ordered

type cohortMonth struct{ cohort, month ledger.Month }

type cohortTotal struct {
	customers, returning int64
	kinds                []kindTotal
}

// kindTotal is what the events of one kind add up to.
type kindTotal struct {
	kind   ledger.Kind
	n      int64
	amount ledger.Sum
}

// buyer is what one customer did, by month.
type buyer struct {
	cohort ledger.Month
	months []monthTotal
}

type monthTotal struct {
	month ledger.Month
	kinds []kindTotal
}

func newCohortBook(cal ledger.Calendar) *cohortBook {
	return &cohortBook{cal: cal, first: map[string]int64{}, buyers: map[string]*buyer{}, totals: map[cohortMonth]*cohortTotal{}}
}

// bookKinds are the kinds that are kept by cohort.
func bookKind(k ledger.Kind) bool {
	switch k {
	case ledger.KindPlaced, ledger.KindRefund, ledger.KindCancelled, ledger.KindGoods, ledger.KindCommission:
		return true
	}
	return false
}

// ordered takes note of a placed order: it may be the customer's first.
func (b *cohortBook) ordered(customer string, at int64) {
	if old, known := b.first[customer]; known && old <= at {
		return
	}
	b.first[customer] = at
	b.move(customer, b.cal.MonthOf(time.UnixMicro(at)))
}

// forget lets go of customers that keep does not name.
func (b *cohortBook) forget(keep func(customer string) bool) {
	for customer := range b.first {
		if !keep(customer) {
			delete(b.first, customer)
			b.move(customer, noCohort)
		}
	}
}

// move makes a customer one of another cohort.
func (b *cohortBook) move(customer string, to ledger.Month) {
	of := b.buyers[customer]
	if of == nil || of.cohort == to {
		return
	}
	b.tally(of, -1)
	of.cohort = to
	b.tally(of, 1)
}

// tally adds all of a buyer to the totals of his cohort, or takes it off.
func (b *cohortBook) tally(of *buyer, sign int64) {
	for i, m := range of.months {
		if m.placed() {
			b.customers(of.cohort, m.month, sign)
			if i > 0 && of.months[i-1].month == m.month-1 && of.months[i-1].placed() {
				b.returning(of.cohort, m.month, sign)
			}
		}
		for _, k := range m.kinds { // last: with the last of them goes the total
			b.add(cohortMonth{of.cohort, m.month}, k, sign)
		}
	}
}

func (b *cohortBook) at(k cohortMonth) *cohortTotal {
	t := b.totals[k]
	if t == nil {
		t = &cohortTotal{}
		b.totals[k] = t
	}
	return t
}

func (b *cohortBook) customers(cohort, month ledger.Month, n int64) {
	b.at(cohortMonth{cohort, month}).customers += n
}

func (b *cohortBook) returning(cohort, month ledger.Month, n int64) {
	b.at(cohortMonth{cohort, month}).returning += n
}

func (b *cohortBook) add(k cohortMonth, of kindTotal, sign int64) {
	t := b.at(k)
	t.kinds = addKind(t.kinds, of, sign)
	if len(t.kinds) == 0 {
		delete(b.totals, k) // customers are those who placed an order: 0 too
	}
}

func addKind(all []kindTotal, of kindTotal, sign int64) []kindTotal {
	amount := of.amount
	if sign < 0 {
		amount = amount.Minus()
	}
	i := slices.IndexFunc(all, func(k kindTotal) bool { return k.kind == of.kind })
	if i < 0 {
		return append(all, kindTotal{of.kind, sign * of.n, amount})
	}
	all[i].n += sign * of.n
	all[i].amount = all[i].amount.Plus(amount)
	if all[i].n == 0 && all[i].amount.IsZero() {
		return slices.Delete(all, i, i+1)
	}
	return all
}

// take adds a fact of a month, or takes it off.
func (b *cohortBook) take(f ledger.Fact, month ledger.Month, sign int64) {
	if !bookKind(f.Kind) {
		return
	}
	change := kindTotal{f.Kind, f.N, f.Amount}
	if f.Customer == "" {
		b.add(cohortMonth{noCohort, month}, change, sign)
		return
	}
	of := b.buyers[f.Customer]
	if of == nil {
		of = &buyer{cohort: noCohort}
		if at, known := b.first[f.Customer]; known {
			of.cohort = b.cal.MonthOf(time.UnixMicro(at))
		}
		b.buyers[f.Customer] = of
	}
	b.turn(of, month, -1)
	i, known := slices.BinarySearchFunc(of.months, month, func(m monthTotal, month ledger.Month) int { return int(m.month - month) })
	if !known {
		of.months = slices.Insert(of.months, i, monthTotal{month: month})
	}
	of.months[i].kinds = addKind(of.months[i].kinds, change, sign)
	if len(of.months[i].kinds) == 0 {
		of.months = slices.Delete(of.months, i, i+1)
	}
	b.add(cohortMonth{of.cohort, month}, change, sign)
	b.turn(of, month, 1)
	if len(of.months) == 0 {
		delete(b.buyers, f.Customer)
	}
}

// turn counts the buyer as one of a month, and as one who came back in it and
// in the month after it.
func (b *cohortBook) turn(of *buyer, month ledger.Month, sign int64) {
	if !of.placed(month) {
		return
	}
	b.customers(of.cohort, month, sign)
	if of.placed(month - 1) {
		b.returning(of.cohort, month, sign)
	}
	if of.placed(month + 1) {
		b.returning(of.cohort, month+1, sign)
	}
}

func (of *buyer) placed(month ledger.Month) bool {
	for _, m := range of.months {
		if m.month == month {
			return m.placed()
		}
	}
	return false
}

func (m monthTotal) placed() bool {
	for _, k := range m.kinds {
		if k.kind == ledger.KindPlaced {
			return true
		}
	}
	return false
}

// name is the cohort as queries say it.
func (k cohortMonth) name() string {
	if k.cohort == noCohort {
		return ""
	}
	return k.cohort.String()
}
