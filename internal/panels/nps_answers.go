package panels

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

// npsAnswers is how the answers of this month divide.
func npsAnswers(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "nps-answers", Title: "NPS", Window: "answers this month", Page: dashboard.Executive, Width: 3,
		Help: "Promoters answer 9 or 10, passives 7 or 8, detractors 0 to 6.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			r, err := s.Business.NPS(ctx)
			if err != nil {
				return nil, fmt.Errorf("read NPS: %w", err)
			}
			all := float64(r.Promoters + r.Passives + r.Detractors)
			table := dashboard.Table{Columns: []string{"Answer", "Share", "Answers"}}
			if all == 0 {
				table.NoData = "No answer this month yet."
				return table, nil
			}
			for _, part := range []struct {
				name    string
				answers int64
				verdict string
			}{{"Promoters", r.Promoters, "good"}, {"Passives", r.Passives, "ni"}, {"Detractors", r.Detractors, "poor"}} {
				table.Rows = append(table.Rows, []any{
					dashboard.Cell{Value: part.name, Verdict: part.verdict},
					dashboard.Cell{Value: share(float64(part.answers), all), Unit: "%"}, float64(part.answers),
				})
			}
			return table, nil
		},
	}
}
