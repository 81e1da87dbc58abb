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
	placed := u.placed()
	for _, r := range u.records {
		if r.kind != kindRefund && r.kind != kindCancelled {
			yield(r.fact(placed, r.value))
		}
	}
	u.deductions(yield)
}

// deductions are the facts that depend on other events of the unit.
func (u *unit) deductions(yield func(fact)) {
	n := 0
	for _, r := range u.records {
		if r.kind == kindRefund || r.kind == kindCancelled {
			n++
		}
	}
	if n == 0 {
		return
	}
	taken := make([]*record, 0, n)
	for _, r := range u.records {
		if r.kind == kindRefund || r.kind == kindCancelled {
			taken = append(taken, r)
		}
	}
	slices.SortFunc(taken, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.kind, a.kind), cmp.Compare(a.id, b.id)) // a refund before a cancellation
	})
	placed := u.placed()
	var left int64
	if placed != nil {
		left = placed.value
	}
	for _, r := range taken {
		off := r.value
		switch {
		case r.kind == kindCancelled:
			off = left
		case placed != nil:
			off = min(off, left)
		}
		if placed != nil {
			left -= off
		}
		yield(r.fact(placed, -off))
	}
}

func (u *unit) placed() *record {
	for _, r := range u.records {
		if r.kind == kindPlaced {
			return r
		}
	}
	return nil
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
