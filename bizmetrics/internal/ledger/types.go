package ledger

import (
	"encoding/json"
	"errors"
	"math"
	"time"
)

// ErrOverflow is returned where a total does not fit an int64.
var ErrOverflow = errors.New("bizmetrics: amount beyond the range of money")

// Money is an amount in minor units of its currency.
type Money struct {
	Minor    int64
	Currency string
}

// Major is the amount in whole units of the currency, for charts.
func (m Money) Major() float64 {
	decimals, _ := Exponent(m.Currency)
	return float64(m.Minor) / math.Pow10(decimals)
}

// OrderStatus is how far an order has come.
type OrderStatus string

// The statuses of an order.
const (
	Placed    OrderStatus = "placed"
	Confirmed OrderStatus = "confirmed"
	Delivered OrderStatus = "delivered"
	Cancelled OrderStatus = "cancelled"
)

// Event is a business event as a store keeps it.
type Event struct {
	Key  string
	Kind string
	At   time.Time
	Data json.RawMessage
}

// Query asks for one metric over a span, by steps and groups.
type Query struct {
	Metric   string
	From, To time.Time
	Step     time.Duration
	Monthly  bool // steps are the calendar's months
	GroupBy  []string
	Filter   map[string]string
}

// Row is one figure of a Query.
type Row struct {
	At    time.Time
	Group []string
	Value float64
	Money Money
	Count int64
}
