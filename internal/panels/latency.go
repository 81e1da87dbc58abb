package panels

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

// latency is the request time by quantile.
func latency(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "latency", Title: "Latency", Unit: "ms", Page: dashboard.Operations, Width: 4,
		Help:       "Quantiles of request time over 5 minutes, streams apart.",
		Thresholds: s.thresholds("p95_latency", 1),
		Data: func(_ context.Context, from, to time.Time) (any, error) {
			at, p99 := s.points("p99_latency", from, to)
			_, p95 := s.points("p95_latency", from, to)
			_, p50 := s.points("p50_latency", from, to)
			return dashboard.Series{
				At: at, NoData: unless(anyKnown(p50), "No quantile yet: fewer than 100 requests in 5 min."),
				Lines:   []dashboard.Line{{Name: "P99", Values: p99}, {Name: "P95", Values: p95}, {Name: "P50", Values: p50}},
				Markers: s.markers(from, to, "p95_latency"),
			}, nil
		},
	}
}
