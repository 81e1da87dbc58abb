package ledger

import "time"

// Record is an event in memory. It does not change once it is recorded.
type Record struct {
	Kind                Kind
	Score               int8
	AtGiven             bool // else at is when it was recorded
	Succeeded, Declined bool
	Accepted            bool   // of a delivery: in time
	ID, Order           string // order: an order's own ID
	Customer, Supplier  string // customer: or the user's ID
	Method, Text        string // method: of payment, or the feature or channel; text: failure reason, comment, or who referred the user
	Tenant              string
	Amount              Money  // as recorded
	Value               int64  // amount in base
	Base                string // currency of value; "" without money
	After               time.Duration
	At                  int64 // µs since 1970
	Arrived             int64 // µs since 1970, by the Recorder's clock
}

// Same reports whether two records of one key say the same. What the Recorder
// added (conversion, arrival, a time that was not given) is not compared.
func (r *Record) Same(o *Record) bool {
	return r.Kind == o.Kind && r.ID == o.ID && r.Order == o.Order && r.Customer == o.Customer && r.Supplier == o.Supplier &&
		r.Method == o.Method && r.Text == o.Text && r.Tenant == o.Tenant && r.Amount == o.Amount && r.After == o.After && r.Score == o.Score &&
		r.Succeeded == o.Succeeded && r.Declined == o.Declined && r.Accepted == o.Accepted &&
		(r.At == o.At || !r.AtGiven || !o.AtGiven)
}

// Unit is the key of the unit that the event belongs to; "": it stands alone.
func (r *Record) Unit() string {
	if r.Kind.ofOrder() {
		return r.Order
	}
	return ""
}
