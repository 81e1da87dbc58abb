package bizmetrics

import (
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// What customers did is added up by the month in which they first ordered, and
// by month: how many ordered, how many of them had ordered in the month before,
// and the money. It is of the days whose events are kept.

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

// monthTotal is what one customer did in a month.
type monthTotal struct {
	month ledger.Month
	kinds []kindTotal
}

// bookKind reports whether a kind is kept by cohort.
func bookKind(k ledger.Kind) bool {
	switch k {
	case ledger.KindPlaced, ledger.KindRefund, ledger.KindCancelled, ledger.KindGoods, ledger.KindCommission:
		return true
	}
	return false
}

// move makes a customer one of another cohort.
func (s *scope) move(who *person, to ledger.Month) {
	if who.cohort == to {
		return
	}
	s.tally(who, -1)
	who.cohort = to
	s.tally(who, 1)
}

// tally adds all that a customer did to the totals of his cohort, or takes it off.
func (s *scope) tally(who *person, sign int64) {
	for i, m := range who.months {
		if m.placed() {
			s.customersOf(who.cohort, m.month, sign)
			if i > 0 && who.months[i-1].month == m.month-1 && who.months[i-1].placed() {
				s.returningOf(who.cohort, m.month, sign)
			}
		}
		for _, k := range m.kinds { // last: with the last of them goes the total
			s.add(cohortMonth{who.cohort, m.month}, k, sign)
		}
	}
}

func (s *scope) at(k cohortMonth) *cohortTotal {
	t := s.cohorts[k]
	if t == nil {
		t = &cohortTotal{}
		s.cohorts[k] = t
	}
	return t
}

func (s *scope) customersOf(cohort, month ledger.Month, n int64) {
	s.at(cohortMonth{cohort, month}).customers += n
}

func (s *scope) returningOf(cohort, month ledger.Month, n int64) {
	s.at(cohortMonth{cohort, month}).returning += n
}

func (s *scope) add(k cohortMonth, of kindTotal, sign int64) {
	t := s.at(k)
	t.kinds = addKind(t.kinds, of, sign)
	if len(t.kinds) == 0 {
		delete(s.cohorts, k) // customers are those who placed an order: 0 too
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

// book adds what a customer did in a month, or takes it off. Without a customer
// it is of no cohort.
func (s *scope) book(who *person, month ledger.Month, change kindTotal, sign int64) {
	if who == nil {
		s.add(cohortMonth{noCohort, month}, change, sign)
		return
	}
	turns := change.kind == ledger.KindPlaced
	if turns {
		s.turn(who, month, -1)
	}
	i, known := slices.BinarySearchFunc(who.months, month, func(m monthTotal, month ledger.Month) int { return int(m.month - month) })
	if !known {
		who.months = slices.Insert(who.months, i, monthTotal{month: month})
	}
	who.months[i].kinds = addKind(who.months[i].kinds, change, sign)
	if len(who.months[i].kinds) == 0 {
		who.months = slices.Delete(who.months, i, i+1)
	}
	s.add(cohortMonth{who.cohort, month}, change, sign)
	if turns {
		s.turn(who, month, 1)
	}
}

// turn counts the customer as one of a month, and as one who came back in it
// and in the month after it.
func (s *scope) turn(who *person, month ledger.Month, sign int64) {
	if !who.placed(month) {
		return
	}
	s.customersOf(who.cohort, month, sign)
	if who.placed(month - 1) {
		s.returningOf(who.cohort, month, sign)
	}
	if who.placed(month + 1) {
		s.returningOf(who.cohort, month+1, sign)
	}
}

func (who *person) placed(month ledger.Month) bool {
	for _, m := range who.months {
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
