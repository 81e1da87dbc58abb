package bizmetrics

import (
	"context"
	"math"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Transactions is today's payments, and the mean order value.
//
//	SuccessRate  = 100 Succeeded / Total
//	AverageOrder = sum(totals of placed orders) / placed orders
//
// SuccessRate says what became of all attempts. The indicator payment_success
// leaves out what the customers' banks declined: Succeeded / (Total - Declined).
type Transactions struct {
	Total, Succeeded int64
	Failed           int64            // those declined by the customer's bank too
	Declined         int64            // of Failed, those declined by the customer's bank
	SuccessRate      float64          // Succeeded of Total, %; NaN: no payment
	AverageOrder     Money            // totals of today's placed orders, divided by their number, halves up
	ByMethod         map[string]int64 // the method mix: Total by method; without one: "unknown"
}

// Transactions reports on today, by the days of Config.Location.
func (r *Recorder) Transactions(ctx context.Context) (Transactions, error) {
	t := Transactions{SuccessRate: math.NaN(), ByMethod: map[string]int64{}}
	if r == nil {
		return t, ErrNotInitialized
	}
	day := today(r.now())
	payments, err := r.breakdown(ctx, "payments", day, "method", "status")
	if err != nil {
		return t, err
	}
	for _, row := range payments {
		method, status := row.Group[0], row.Group[1]
		t.Total += row.Count
		t.ByMethod[method] += row.Count
		switch status {
		case "succeeded":
			t.Succeeded += row.Count
		case "declined":
			t.Declined += row.Count
			t.Failed += row.Count
		default:
			t.Failed += row.Count
		}
	}
	t.SuccessRate = ledger.Share(t.Succeeded, t.Total)
	orders, err := r.figure(ctx, "order_value", day.from, day.to)
	t.AverageOrder = orders.Money
	return t, err
}
