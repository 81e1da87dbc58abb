package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

func nps(s Source) dashboard.Panel {
	return number("nps", "NPS", "this month", "", dashboard.UpIsGood, "Share of answers 9 and 10 less share of 0 to 6, in points.",
		func(ctx context.Context, _, _ time.Time) (dashboard.Number, error) {
			report, err := s.Business.NPS(ctx)
			if err != nil {
				return dashboard.Number{}, err
			}
			n := dashboard.Number{Value: report.Score, Previous: report.Previous, Target: math.NaN()}
			if math.IsNaN(report.Score) {
				n.NoData = "No answer this month yet."
				return n, nil
			}
			n.Note = fmt.Sprintf("%d answers", report.Promoters+report.Passives+report.Detractors)
			return n, nil
		})
}
