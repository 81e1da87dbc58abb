package bizmetrics

import (
	"strings"
	"time"
)

// kind is what happened; an order's statuses are kinds of their own, since
// each counts once.
type kind uint8

const (
	kindPlaced kind = iota + 1
	kindConfirmed
	kindDelivered
	kindCancelled
	kindRefund
	kindPayment
	kindResponse
	kindNPS
)

var statusKinds = map[OrderStatus]kind{
	Placed: kindPlaced, Confirmed: kindConfirmed, Delivered: kindDelivered, Cancelled: kindCancelled,
}

// kindNames are Event.Kind; keyPrefixes begin Event.Key. No prefix begins
// another, so that no ID makes two keys equal.
var (
	kindNames = [...]string{
		kindPlaced: "order", kindConfirmed: "order", kindDelivered: "order", kindCancelled: "order",
		kindRefund: "refund", kindPayment: "payment", kindResponse: "supplier_response", kindNPS: "nps",
	}
	keyPrefixes = [...]string{
		kindPlaced: "order:placed:", kindConfirmed: "order:confirmed:", kindDelivered: "order:delivered:", kindCancelled: "order:cancelled:",
		kindRefund: "refund:", kindPayment: "payment:", kindResponse: "supplier_response:", kindNPS: "nps:",
	}
	orderStatuses = [...]OrderStatus{kindPlaced: Placed, kindConfirmed: Confirmed, kindDelivered: Delivered, kindCancelled: Cancelled}
)

func (k kind) isOrder() bool { return k >= kindPlaced && k <= kindCancelled }

// record is an event in memory. It does not change once it is recorded.
type record struct {
	kind                kind
	score               int8
	atGiven             bool // else at is when it was recorded
	succeeded, declined bool
	accepted            bool
	id, order           string // order: an order's own ID
	customer, supplier  string // customer: or NPS.UserID
	method, text        string // text: failure reason or comment
	amount              Money  // as recorded
	value               int64  // amount in base
	base                string // currency of value; "" without money
	after               time.Duration
	at                  int64 // µs since 1970
	arrived             int64 // µs since 1970, by the Recorder's clock
}

// needsMoney reports whether there must be an amount.
func (r *record) needsMoney() bool {
	return r.kind == kindPlaced || r.kind == kindRefund || r.kind == kindPayment
}

// same reports whether two records of one key say the same. What the Recorder
// added (conversion, arrival, a time that was not given) is not compared.
func (r *record) same(o *record) bool {
	return r.kind == o.kind && r.id == o.id && r.order == o.order && r.customer == o.customer && r.supplier == o.supplier &&
		r.method == o.method && r.text == o.text && r.amount == o.amount && r.after == o.after && r.score == o.score &&
		r.succeeded == o.succeeded && r.declined == o.declined && r.accepted == o.accepted &&
		(r.at == o.at || !r.atGiven || !o.atGiven)
}

// own copies the texts into one allocation of the record's own: an ID that is
// a part of a request's body must not keep that body for 40 days.
func (r *record) own() {
	texts := [...]*string{&r.id, &r.order, &r.customer, &r.supplier, &r.method, &r.text}
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
	if r.kind.isOrder() {
		r.order = r.id
	}
}

func (o Order) record() record {
	k := kindPlaced
	if o.Status != "" {
		k = statusKinds[o.Status]
	}
	return record{kind: k, id: o.ID, customer: o.CustomerID, supplier: o.SupplierID, amount: o.Total}
}

func (r Refund) record() record {
	return record{kind: kindRefund, id: r.ID, order: r.OrderID, amount: r.Amount}
}

func (p Payment) record() record {
	return record{
		kind: kindPayment, id: p.ID, order: p.OrderID, method: p.Method, text: clean(p.FailureReason),
		amount: p.Amount, succeeded: p.Succeeded, declined: p.Declined,
	}
}

func (s SupplierResponse) record() record {
	return record{kind: kindResponse, id: s.ID, order: s.OrderID, supplier: s.SupplierID, after: s.After, accepted: s.Accepted}
}

func (n NPS) record() record {
	return record{kind: kindNPS, id: n.ID, customer: n.UserID, text: clean(n.Comment), score: int8(n.Score)}
}
