package bizmetrics

import "time"

// OrderStatus is how far an order has come.
type OrderStatus string

// The statuses of an order. Each is an event of its own: the same order ID may
// be recorded once with each.
const (
	Placed    OrderStatus = "placed"
	Confirmed OrderStatus = "confirmed"
	Delivered OrderStatus = "delivered"
	Cancelled OrderStatus = "cancelled"
)

// Order says that an order has reached a status. ID and Status together count
// once. Only Placed adds to revenue, on the day of its At. Cancelled takes off
// what the placed total still counts, on its own day.
type Order struct {
	ID, CustomerID, SupplierID string
	Status                     OrderStatus // "": Placed
	Total                      Money       // not negative; only Placed needs it
	Tenant                     string      // whose business it is, where one service serves several; "": the only one
	At                         time.Time   // zero: now
}

// Refund gives money back, in part or in all; an order may have several. It
// takes off at most what its order still counts, on its own day. A refund of
// an order that is not known (yet) takes off all of its amount.
type Refund struct {
	ID, OrderID string
	Amount      Money // not negative
	Tenant      string
	At          time.Time // zero: now
}

// Payment is one attempt to take money. Payments feed the success rate and the
// method mix, never revenue.
type Payment struct {
	ID, OrderID, Method, FailureReason string
	Amount                             Money // not negative
	Succeeded                          bool
	Declined                           bool // by the customer's bank: in Transactions, not in payment_success
	Tenant                             string
	At                                 time.Time // zero: now
}

// SupplierResponse is a supplier's answer to an order that was offered.
type SupplierResponse struct {
	ID, SupplierID, OrderID string
	After                   time.Duration // from the offer's publication to the answer; not negative
	Accepted                bool
	Tenant                  string
	At                      time.Time // of the answer; zero: now
}

// NPS is one answer to "how likely are you to recommend us", 0 to 10.
type NPS struct {
	ID, UserID, Comment string // a comment is cut at 4096 bytes
	Score               int
	Tenant              string
	At                  time.Time // zero: now
}
