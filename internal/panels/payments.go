package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

// payments are today's share that succeeded.
func payments(s Source) dashboard.Panel {
	return number("payments", "Payments", "today", "%", dashboard.UpIsGood,
		"Payments that succeeded today, of all but those that the customer's bank declined.",
		func(ctx context.Context, from, to time.Time) (dashboard.Number, error) {
			start := s.midnight(s.Now())
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "payment_success", From: start, To: s.Now()})
			if err != nil {
				return dashboard.Number{}, err
			}
			n := dashboard.Number{Value: math.NaN(), Previous: math.NaN(), Target: math.NaN(), Level: s.level("payment_success")}
			if len(rows) > 0 {
				n.Value = rows[0].Value
			}
			if math.IsNaN(n.Value) {
				n.NoData = "No payment today yet."
			}
			if now, none := s.reading("payment_success"); none == "" {
				n.Note = fmt.Sprintf("today · now %.1f\u202f%%", now)
			}
			_, n.Spark = s.points("payment_success", from, to)
			return n, nil
		})
}
