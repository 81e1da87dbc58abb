package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

const valueDays = 30

// orderValue is what an order is worth, day by day.
func orderValue(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "order-value", Title: "Order value", Window: "mean a day, 30 days", Page: dashboard.Executive, Width: 5,
		Help: "Totals of the orders placed on a day, before cancellations and refunds, divided by their number. Median and P95 are of this month's orders.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			today := s.midnight(s.Now())
			rows, err := s.Business.Query(ctx, bizmetrics.Query{
				Metric: "order_value", From: today.AddDate(0, 0, 1-valueDays), To: today.AddDate(0, 0, 1), Step: day,
			})
			if err != nil {
				return nil, fmt.Errorf("read order value by day: %w", err)
			}
			series, values := dashboard.Series{}, make([]float64, 0, len(rows))
			for _, row := range rows {
				value := math.NaN()
				if row.Count > 0 {
					value, series.Currency = float64(row.Money.Minor), row.Money.Currency
				}
				series.At, values = append(series.At, row.At), append(values, value)
			}
			if !anyKnown(values) {
				series.At, series.NoData = nil, "No order in 30 days."
				return series, nil
			}
			series.Lines = []dashboard.Line{{Name: "mean", Values: values}}
			month, err := s.Business.OrderValue(ctx)
			if err != nil {
				return nil, fmt.Errorf("read order value: %w", err)
			}
			if month.Median.Minor > 0 {
				series.Foot = fmt.Sprintf("This month: median %s, P95 %s.", amount(month.Median), amount(month.P95))
			}
			return series, nil
		},
	}
}
