package panels

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

// growth is revenue a week.
func growth(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "growth", Title: "Growth", Window: "net revenue a week", Page: dashboard.Executive, Width: 5,
		Help: "Net revenue by week. The last bar is not finished.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			now := s.Now()
			start := s.midnight(now)
			monday := start.AddDate(0, 0, -(int(start.Weekday())+6)%7)
			const weeks = 6
			series := dashboard.Series{Bars: true}
			values, found := make([]float64, 0, weeks), false
			for i := weeks - 1; i >= 0; i-- {
				from := monday.AddDate(0, 0, -week*i)
				to := from.AddDate(0, 0, week)
				rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "revenue", From: from, To: to})
				if err != nil {
					return nil, fmt.Errorf("read revenue of a week: %w", err)
				}
				sum := 0.0
				for _, row := range rows {
					sum += float64(row.Money.Minor)
					if row.Money.Currency != "" {
						series.Currency = row.Money.Currency
					}
				}
				found = found || sum != 0
				series.At, values = append(series.At, from), append(values, sum)
			}
			if !found {
				series.At, series.NoData = nil, "No order recorded yet."
				return series, nil
			}
			series.Lines = []dashboard.Line{{Name: "revenue", Values: values}}
			return series, nil
		},
	}
}
