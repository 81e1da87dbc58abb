package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

// suppliers is how long they take to answer.
func suppliers(s Source) dashboard.Panel {
	return number("suppliers", "Suppliers", "answer time", "min", dashboard.DownIsGood, "Mean time from an offer's publication to the supplier's answer.",
		func(ctx context.Context, _, _ time.Time) (dashboard.Number, error) {
			now := s.Now()
			start := s.midnight(now)
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "supplier_response", From: start, To: now, Step: time.Hour})
			if err != nil {
				return dashboard.Number{}, err
			}
			n := dashboard.Number{Value: math.NaN(), Previous: math.NaN(), Target: math.NaN()}
			var sum float64
			var answers int64
			for _, row := range rows {
				minutes := math.NaN()
				if row.Count > 0 {
					minutes = row.Value / 60
					sum += row.Value / 60 * float64(row.Count)
					answers += row.Count
				}
				n.Spark = append(n.Spark, minutes)
			}
			if answers == 0 {
				n.NoData = "No supplier has answered today."
				return n, nil
			}
			n.Value, n.Note = sum/float64(answers), fmt.Sprintf("mean of %d answers", answers)
			return n, nil
		})
}
