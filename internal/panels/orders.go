package panels

import (
	"context"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

// orders are today's, by hour as bars.
func orders(s Source) dashboard.Panel {
	return number("orders", "Orders", "today", "", dashboard.UpIsGood, "Orders placed today, and their mean value. Bars: by hour.",
		func(ctx context.Context, _, _ time.Time) (dashboard.Number, error) {
			now := s.Now()
			start := s.midnight(now)
			today, err := s.count(ctx, "orders", start, now)
			if err != nil {
				return dashboard.Number{}, err
			}
			before := start.AddDate(0, 0, -week)
			past, err := s.count(ctx, "orders", before, now.AddDate(0, 0, -week))
			if err != nil {
				return dashboard.Number{}, err
			}
			n := dashboard.Number{Value: total(today), Previous: math.NaN(), Target: math.NaN(), Spark: today, SparkBars: true}
			if sum := total(past); sum > 0 {
				n.Previous = sum
			}
			if tx, err := s.Business.Transactions(ctx); err == nil && tx.AverageOrder.Minor > 0 {
				n.Note = amount(tx.AverageOrder) + " each"
			}
			return n, nil
		})
}
