package bizmetrics

import (
	"cmp"
	"slices"
)

// fact is what metrics are computed from: one event's effect, or the added up
// effects of many (n > 1) that share everything but customer and time.
type fact struct {
	kind     kind
	at       int64 // µs; of many: the start of their stretch
	n        int64
	amount   sum // signed, in the currency of the reports: cancellations and refunds are negative
	after    sum // ns, of responses
	status   string
	method   string
	supplier string
	customer string
	currency string
	values   []int64 // the amounts of many placed orders; of one: nil
}

// unit is what must be looked at together: an order with its refunds and
// payments, or any other event alone.
type unit struct {
	records []*record
	order   *record    // the placed order; nil: not known
	left    int64      // what the order still counts after last
	last    *record    // the latest refund or cancellation; nil: none
	keep    date       // the last day on which it is kept
	first   [1]*record // most units have one event: it needs no slice of its own
}

// facts tells the effects of the unit's events. It is a function of the set of
// events, not of the order in which they arrived: what is taken off is worked
// out in order of time. A refund takes off at most what its order still
// counts, a cancellation all of that; so an order never counts less than 0.
// Without its placed event a refund takes off all of itself, and a
// cancellation nothing.
func (u *unit) facts(yield func(fact)) {
	for _, r := range u.records {
		if !r.takesOff() {
			yield(r.fact(u.order, r.value))
		}
	}
	u.deductions(yield)
}

func (r *record) takesOff() bool { return r.kind == kindRefund || r.kind == kindCancelled }

// deductions are the facts that depend on other events of the unit. What is
// left after them, and the last, are its results.
func (u *unit) deductions(yield func(fact)) (left int64, last *record) {
	if u.order != nil {
		left = u.order.value
	}
	if u.last == nil {
		return left, nil
	}
	var taken []*record
	for _, r := range u.records {
		if r.takesOff() {
			taken = append(taken, r)
		}
	}
	slices.SortFunc(taken, byTime)
	for _, r := range taken {
		off := u.off(r, left)
		if u.order != nil {
			left -= off
		}
		yield(r.fact(u.order, -off))
	}
	return left, taken[len(taken)-1]
}

// byTime orders what is taken off. Of one moment a refund comes before a
// cancellation.
func byTime(a, b *record) int {
	return cmp.Or(cmp.Compare(a.at, b.at), -cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id))
}

// off is what r takes off an order that still counts left.
func (u *unit) off(r *record, left int64) int64 {
	switch {
	case r.kind == kindCancelled:
		return left
	case u.order != nil:
		return min(r.value, left)
	}
	return r.value
}

// take adds r to the unit. What that changes in the facts of the other events
// is taken back and told anew: all of them with the placed order, what is taken
// off with a deduction that is not the latest. So the cost does not grow with
// the unit while events come in order.
func (u *unit) take(r *record, add, remove func(fact)) {
	switch {
	case r.kind == kindPlaced:
		u.facts(remove)
		u.records, u.order = append(u.records, r), r
		u.facts(add)
		u.left, u.last = u.deductions(func(fact) {})
	case !r.takesOff():
		u.records = append(u.records, r)
		add(r.fact(u.order, r.value))
	case u.last == nil || byTime(u.last, r) < 0:
		u.records, u.last = append(u.records, r), r
		off := u.off(r, u.left)
		if u.order != nil {
			u.left -= off
		}
		add(r.fact(u.order, -off))
	default:
		u.deductions(remove)
		u.records = append(u.records, r)
		u.left, u.last = u.deductions(add)
	}
}

// fact is the record's effect. Refunds, payments and cancellations belong to
// the supplier and customer of the order, if that is known.
func (r *record) fact(placed *record, amount int64) fact {
	f := fact{
		kind: r.kind, at: r.at, n: 1, amount: sumOf(amount), status: r.status(),
		method: r.method, supplier: r.supplier, customer: r.customer, currency: r.amount.Currency,
	}
	switch r.kind {
	case kindResponse:
		f.after = sumOf(int64(r.after))
	case kindPayment:
		if f.method == "" {
			f.method = "unknown"
		}
	case kindConfirmed, kindDelivered:
		f.amount = sum{}
	}
	if placed != nil && r.kind != kindResponse {
		f.supplier, f.customer = placed.supplier, placed.customer
		if f.currency == "" {
			f.currency = placed.amount.Currency
		}
	}
	return f
}

func (r *record) status() string {
	switch r.kind {
	case kindRefund:
		return "refunded"
	case kindPayment:
		switch {
		case r.succeeded:
			return "succeeded"
		case r.declined:
			return "declined"
		}
		return "failed"
	case kindResponse:
		if r.accepted {
			return "accepted"
		}
		return "rejected"
	case kindNPS:
		switch {
		case r.score >= 9:
			return "promoter"
		case r.score >= 7:
			return "passive"
		}
		return "detractor"
	}
	return string(orderStatuses[r.kind])
}
