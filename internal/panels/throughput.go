package panels

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

const day = 24 * time.Hour

// throughput is requests a second over the range and the day before.
func throughput(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "throughput", Title: "Throughput", Unit: "requests/s", Page: dashboard.Operations, Width: 4,
		Help: "Requests a second, streams and our own endpoints apart. Grey: the day before.",
		Data: func(_ context.Context, from, to time.Time) (any, error) {
			at, values := s.points("throughput", from, to)
			return dashboard.Series{
				At: at, Area: true, NoData: unless(anyKnown(values), "No request in this range."),
				Lines: []dashboard.Line{
					{Name: "now", Values: values},
					{Name: "day before", Values: s.before("throughput", at, day), Previous: true},
				},
				Markers: s.deploys(from, to),
			}, nil
		},
	}
}
