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
			const weeks = 6
			today := s.midnight(s.Now())
			thisWeek := today.AddDate(0, 0, -(int(today.Weekday()-s.WeekStart)+week)%week)
			rows, err := s.Business.Query(ctx, bizmetrics.Query{
				Metric: "revenue", From: thisWeek.AddDate(0, 0, -week*(weeks-1)), To: thisWeek.AddDate(0, 0, week), Step: week * day,
			})
			if err != nil {
				return nil, fmt.Errorf("read revenue by week: %w", err)
			}
			series := dashboard.Series{Bars: true}
			values, found := make([]float64, 0, weeks), false
			for _, row := range rows {
				found = found || row.Money.Minor != 0
				series.Currency = row.Money.Currency
				series.At, values = append(series.At, row.At), append(values, float64(row.Money.Minor))
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
