package ledger

import (
	"strings"
	"time"
)

// Kind is what happened; an order's statuses are kinds of their own, since
// each counts once.
type Kind uint8

// The kinds.
const (
	KindPlaced Kind = iota + 1
	kindConfirmed
	kindDelivered
	kindCancelled
	KindRefund
	KindPayment
	KindResponse
	KindNPS
)

// StatusKinds are the kinds of the events of an order.
var StatusKinds = map[OrderStatus]Kind{
	Placed: KindPlaced, Confirmed: kindConfirmed, Delivered: kindDelivered, Cancelled: kindCancelled,
}

// kindNames are Event.Kind; keyPrefixes begin Event.Key. No prefix begins
// another, so that no ID makes two keys equal.
var (
	KindNames = [...]string{
		KindPlaced: "order", kindConfirmed: "order", kindDelivered: "order", kindCancelled: "order",
		KindRefund: "refund", KindPayment: "payment", KindResponse: "supplier_response", KindNPS: "nps",
	}
	KeyPrefixes = [...]string{
		KindPlaced: "order:placed:", kindConfirmed: "order:confirmed:", kindDelivered: "order:delivered:", kindCancelled: "order:cancelled:",
		KindRefund: "refund:", KindPayment: "payment:", KindResponse: "supplier_response:", KindNPS: "nps:",
	}
	orderStatuses = [...]OrderStatus{KindPlaced: Placed, kindConfirmed: Confirmed, kindDelivered: Delivered, kindCancelled: Cancelled}
)

// IsOrder reports whether it is an event of an order itself.
func (k Kind) IsOrder() bool { return k >= KindPlaced && k <= kindCancelled }

// Record is an event in memory. It does not change once it is recorded.
type Record struct {
	Kind                Kind
	Score               int8
	AtGiven             bool // else at is when it was recorded
	Succeeded, Declined bool
	Accepted            bool
	ID, Order           string // order: an order's own ID
	Customer, Supplier  string // customer: or NPS.UserID
	Method, Text        string // text: failure reason or comment
	Amount              Money  // as recorded
	Value               int64  // amount in base
	Base                string // currency of value; "" without money
	After               time.Duration
	At                  int64 // µs since 1970
	Arrived             int64 // µs since 1970, by the Recorder's clock
}

// needsMoney reports whether there must be an amount.
func (r *Record) needsMoney() bool {
	return r.Kind == KindPlaced || r.Kind == KindRefund || r.Kind == KindPayment
}

// Same reports whether two records of one key say the same. What the Recorder
// added (conversion, arrival, a time that was not given) is not compared.
func (r *Record) Same(o *Record) bool {
	return r.Kind == o.Kind && r.ID == o.ID && r.Order == o.Order && r.Customer == o.Customer && r.Supplier == o.Supplier &&
		r.Method == o.Method && r.Text == o.Text && r.Amount == o.Amount && r.After == o.After && r.Score == o.Score &&
		r.Succeeded == o.Succeeded && r.Declined == o.Declined && r.Accepted == o.Accepted &&
		(r.At == o.At || !r.AtGiven || !o.AtGiven)
}

// Own copies the texts into one allocation of the record's own: an ID that is
// a part of a request's body must not keep that body for 40 days.
func (r *Record) Own() {
	texts := [...]*string{&r.ID, &r.Order, &r.Customer, &r.Supplier, &r.Method, &r.Text}
	n := 0
	for _, t := range texts {
		n += len(*t)
	}
	var all strings.Builder
	all.Grow(n)
	for _, t := range texts {
		all.WriteString(*t)
	}
	rest := all.String()
	for _, t := range texts {
		*t, rest = rest[:len(*t)], rest[len(*t):]
	}
	if r.Kind.IsOrder() {
		r.Order = r.ID
	}
}
