package panels

import (
	"context"
	"math"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

const (
	uptimeDays   = 30
	uptimeTarget = 99.9
)

// uptime is 100 less the share of failed requests, over 30 days. A stretch
// without traffic counts as up if the process lived.
func uptime(s Source) dashboard.Panel {
	p := number("uptime", "Uptime", "30 days", "%", dashboard.UpIsGood,
		"100 less the error rate over the span, weighted by requests. Time without requests counts as up while the process lived.",
		func(context.Context, time.Time, time.Time) (dashboard.Number, error) {
			to := s.Now()
			from := to.AddDate(0, 0, -uptimeDays)
			at, rates := s.points("error_rate", from, to)
			_, traffic := s.points("throughput", from, to)
			n := dashboard.Number{Value: availability(rates, traffic), Previous: math.NaN(), Target: uptimeTarget}
			if math.IsNaN(n.Value) {
				n.NoData = "No reading yet."
				return n, nil
			}
			n.Verdict = "good"
			if n.Value < uptimeTarget {
				n.Verdict = "poor"
			}
			n.Note = "target " + figure(uptimeTarget)
			for i, t := range at {
				if !math.IsNaN(traffic[min(i, len(traffic)-1)]) {
					n.Note += " · since " + s.moment(t)
					break
				}
			}
			for _, r := range rates {
				n.Spark = append(n.Spark, 100-r)
			}
			return n, nil
		})
	p.Thresholds = []dashboard.Threshold{{Label: "target 99.9", Value: uptimeTarget}}
	return p
}

// availability weighs each point's error rate by its traffic.
func availability(errorRates, traffic []float64) float64 {
	var failed, all float64
	known := false
	for i, requests := range traffic {
		if math.IsNaN(requests) {
			continue
		}
		known = true
		all += requests
		if i < len(errorRates) && !math.IsNaN(errorRates[i]) {
			failed += requests * errorRates[i] / 100
		}
	}
	switch {
	case !known:
		return math.NaN()
	case all == 0:
		return 100
	default:
		return 100 * (1 - failed/all)
	}
}
