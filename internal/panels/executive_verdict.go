package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dashboard"
)

// executiveVerdict says in one sentence whether business is as it should be.
func executiveVerdict(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "executive-verdict", Title: "Verdict", Page: dashboard.Executive, Width: 12,
		Help: "The worst active alert of level P0 or P1, else the business health report.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			if worst, active := s.worst(); active > 0 && worst.Severity <= alerting.P1 {
				word := "Critical"
				if worst.Severity == alerting.P1 {
					word = "Degraded"
				}
				return dashboard.Verdict{
					Level: worst.Severity.String(), Value: math.NaN(), Since: worst.StartedAt,
					Title:   fmt.Sprintf("%s: %s since %s (%s).", word, worst.Title, worst.StartedAt.In(s.Location).Format("15:04"), span(s.Now().Sub(worst.StartedAt))),
					Actions: []dashboard.Action{{Text: "Open Operations", Href: "operations"}},
				}, nil
			}
			report, err := s.Business.HealthReport(ctx)
			if err != nil {
				return nil, fmt.Errorf("read the health report: %w", err)
			}
			v := dashboard.Verdict{Level: "healthy", Title: "Healthy", Value: math.NaN()}
			if report.Verdict != "healthy" {
				v.Level, v.Title = "P2", capital(report.Verdict)
			}
			for i, reason := range report.Reasons {
				if i > 0 {
					v.Detail += " "
				}
				v.Detail += capital(reason) + "."
			}
			if v.Detail == "" {
				v.Detail = "Payments, orders and answers are as they should be."
			}
			return v, nil
		},
	}
}
