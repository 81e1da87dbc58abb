package ledger

import (
	"cmp"
	"slices"
)

// Fact is what metrics are computed from: one event's effect, or the added up
// effects of many (n > 1) that share everything but customer and time.
type Fact struct {
	Kind     Kind
	At       int64 // µs; of many: the start of their stretch
	N        int64
	Amount   Sum // signed, in the currency of the reports: cancellations and refunds are negative
	After    Sum // ns, of responses
	Status   string
	Method   string
	Supplier string
	Customer string
	Currency string
	Tenant   string
	Of       *Record // whose effect it is; of many: nil
	Cohort   string  // of many: the month in which all their customers first ordered, if that is known
}

// Unit is what must be looked at together: an order with its refunds and
// payments, or any other event alone.
type Unit struct {
	Records []*Record
	order   *Record    // the placed order; nil: not known
	left    int64      // what the order still counts after last
	last    *Record    // the latest refund or cancellation; nil: none
	Keep    Date       // the last day on which it is kept
	First   [1]*Record // most units have one event: it needs no slice of its own
}

// Facts tells the effects of the unit's events. It is a function of the set of
// events, not of the order in which they arrived: what is taken off is worked
// out in order of time. A refund takes off at most what its order still
// counts, a cancellation all of that; so an order never counts less than 0.
// Without its placed event a refund takes off all of itself, and a
// cancellation nothing.
func (u *Unit) Facts(yield func(Fact)) {
	for _, r := range u.Records {
		if !r.Kind.takesOff() {
			yield(r.fact(u.order, r.Value))
		}
	}
	u.deductions(yield)
}

// deductions are the facts that depend on other events of the unit. What is
// left after them, and the last, are its results.
func (u *Unit) deductions(yield func(Fact)) (left int64, last *Record) {
	if u.order != nil {
		left = u.order.Value
	}
	if u.last == nil {
		return left, nil
	}
	var taken []*Record
	for _, r := range u.Records {
		if r.Kind.takesOff() {
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
func byTime(a, b *Record) int {
	return cmp.Or(cmp.Compare(a.At, b.At), -cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// off is what r takes off an order that still counts left.
func (u *Unit) off(r *Record, left int64) int64 {
	switch {
	case r.Kind == KindCancelled:
		return left
	case u.order != nil:
		return min(r.Value, left)
	}
	return r.Value
}

// Take adds r to the unit. What that changes in the facts of the other events
// is taken back and told anew: all of them with the placed order, what is taken
// off with a deduction that is not the latest. So the cost does not grow with
// the unit while events come in order.
func (u *Unit) Take(r *Record, add, remove func(Fact)) {
	switch {
	case r.Kind == KindPlaced:
		u.Facts(remove)
		u.Records, u.order = append(u.Records, r), r
		u.Facts(add)
		u.left, u.last = u.deductions(func(Fact) {})
	case !r.Kind.takesOff():
		u.Records = append(u.Records, r)
		add(r.fact(u.order, r.Value))
	case u.last == nil || byTime(u.last, r) < 0:
		u.Records, u.last = append(u.Records, r), r
		off := u.off(r, u.left)
		if u.order != nil {
			u.left -= off
		}
		add(r.fact(u.order, -off))
	default:
		u.deductions(remove)
		u.Records = append(u.Records, r)
		u.left, u.last = u.deductions(add)
	}
}

// fact is the record's effect. Refunds, payments and cancellations belong to
// the supplier and customer of the order, if that is known.
func (r *Record) fact(placed *Record, amount int64) Fact {
	f := Fact{
		Kind: r.Kind, At: r.At, N: 1, Amount: SumOf(amount), Status: r.Status(),
		Method: r.Method, Supplier: r.Supplier, Customer: r.Customer, Currency: r.Amount.Currency, Tenant: r.Tenant,
		Of: r,
	}
	switch r.Kind {
	case KindResponse:
		f.After = SumOf(int64(r.After))
	case KindPayment:
		if f.Method == "" {
			f.Method = "unknown"
		}
	case KindConfirmed, KindDelivered:
		f.Amount = Sum{}
	}
	if placed != nil && r.Kind.ofOrder() {
		f.Supplier, f.Customer = placed.Supplier, placed.Customer
		if f.Currency == "" {
			f.Currency = placed.Amount.Currency
		}
	}
	return f
}

// Status is the word by which figures tell outcomes of one kind apart.
func (r *Record) Status() string {
	switch r.Kind {
	case KindRefund:
		return "refunded"
	case KindPayment:
		switch {
		case r.Succeeded:
			return "succeeded"
		case r.Declined:
			return "declined"
		}
		return "failed"
	case KindResponse:
		if r.Accepted {
			return "accepted"
		}
		return "rejected"
	case KindNPS:
		switch {
		case r.Score >= 9:
			return "promoter"
		case r.Score >= 7:
			return "passive"
		}
		return "detractor"
	case KindDelivery:
		if r.Accepted {
			return "on_time"
		}
		return "late"
	case KindOffer:
		return "offered"
	case KindSignedUp:
		if r.Text != "" {
			return "referred"
		}
	}
	return kindInfos[r.Kind].status
}
