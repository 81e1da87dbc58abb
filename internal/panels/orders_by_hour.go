package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

// ordersByHour is today's orders beside those of the same weekday before.
func ordersByHour(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "orders-by-hour", Title: "Orders by hour", Window: "today", Page: dashboard.Executive, Width: 5,
		Help: "Orders placed by hour of the day. A tick is the same weekday of last week.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			now := s.Now()
			start := s.midnight(now)
			end := start.AddDate(0, 0, 1)
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "orders", From: start, To: end, Step: time.Hour})
			if err != nil {
				return nil, fmt.Errorf("read orders by hour: %w", err)
			}
			past, err := s.count(ctx, "orders", start.AddDate(0, 0, -week), end.AddDate(0, 0, -week))
			if err != nil {
				return nil, fmt.Errorf("read orders by hour of last week: %w", err)
			}
			series := dashboard.Series{Bars: true}
			today := make([]float64, len(rows))
			for i, row := range rows {
				series.At = append(series.At, row.At)
				today[i] = row.Value
				if row.At.After(now) {
					today[i] = math.NaN()
				}
			}
			if total(today)+total(past) == 0 {
				series.At, series.NoData = nil, "No order today or a week ago."
				return series, nil
			}
			if len(past) > len(today) { // a day of 25 hours before one of 24
				past = past[:len(today)]
			}
			series.Lines = []dashboard.Line{
				{Name: "today", Values: today}, {Name: "last " + start.Format("Mon"), Values: past, Previous: true},
			}
			return series, nil
		},
	}
}
