package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/perfmon"
)

// webVitals is what visitors felt, at the 75th percentile.
func webVitals(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "vitals", Title: "Web Vitals", Window: "P75, 15 min", Page: dashboard.Operations, Width: 3,
		Help: "75th percentile of page views. Good, needs improvement and poor by the limits of web.dev; score by Sentry's weights.",
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			m := s.Perf.Metrics()
			table := dashboard.Table{Columns: []string{"Vital", "P75", "Verdict", "Visits"}}
			for _, v := range []struct {
				name       string
				vital      perfmon.Vital
				good, poor float64
				unit       string
			}{
				{"LCP", m.LCP, 2500, 4000, "ms"}, {"INP", m.INP, 200, 500, "ms"}, {"CLS", m.CLS, 0.1, 0.25, ""},
				{"FCP", m.FCP, 1800, 3000, "ms"}, {"TTFB", m.TTFB, 800, 1800, "ms"}, {"FID", m.FID, 100, 300, "ms"},
			} {
				if math.IsNaN(v.vital.P75) {
					continue
				}
				table.Rows = append(table.Rows, []any{
					v.name, dashboard.Cell{Value: v.vital.P75, Unit: v.unit}, vitalVerdict(v.vital.P75, v.good, v.poor),
					dashboard.Cell{Parts: []float64{v.vital.Good / 100, v.vital.NeedsImprovement / 100, v.vital.Poor / 100}},
				})
			}
			table.NoData = unless(len(table.Rows) > 0, "No page has sent a beacon in 15 min.")
			if !math.IsNaN(m.UXScore) {
				table.Verdict = &dashboard.Change{Text: fmt.Sprintf("Score %.0f", m.UXScore)}
			}
			return table, nil
		},
	}
}

func vitalVerdict(p75, good, poor float64) dashboard.Cell {
	switch {
	case p75 <= good:
		return dashboard.Cell{Value: "Good", Verdict: "good"}
	case p75 <= poor:
		return dashboard.Cell{Value: "Improve", Verdict: "ni"}
	default:
		return dashboard.Cell{Value: "Poor", Verdict: "poor"}
	}
}
