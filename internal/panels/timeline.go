package panels

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dashboard"
)

// timeline shows all alerts and deploys of the page's range.
func timeline(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "timeline", Title: "Timeline", Window: "all alerts and deploys", Page: dashboard.Operations, Width: 12,
		Help: "One bar an alert, from when it fired to when it resolved, by its worst level.",
		Data: func(_ context.Context, from, to time.Time) (any, error) {
			lanes := []dashboard.Lane{{Name: "P0"}, {Name: "P1"}, {Name: "P2, P3"}}
			for _, a := range s.Alerts.Alerts(from) {
				if a.State == alerting.Pending || !a.StartedAt.Before(to) {
					continue
				}
				lane := min(int(a.Severity), len(lanes)) - 1
				lanes[lane].Spans = append(lanes[lane].Spans, dashboard.Span{
					Start: a.StartedAt, End: a.ResolvedAt, Level: a.Severity.String(), Text: a.Title,
				})
			}
			return dashboard.Timeline{From: from, To: to, Lanes: lanes, Markers: s.deploys(from, to)}, nil
		},
	}
}
