package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

// What a marketplace wants of its suppliers and of its goods.
const (
	wantedOnTime  = 95.0 // % of deliveries
	wantedRefunds = 2.0  // % of gross revenue, at most
)

// monthShares are the shares of this month beside the same part of the month
// before.
func (s Source) monthShares(ctx context.Context) ([][]any, error) {
	now := s.Now().In(s.Location)
	start := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, s.Location)
	before := start.AddDate(0, -1, 0)
	same := before.Add(now.Sub(start))
	if same.After(start) {
		same = start
	}
	var onTime, refunded [2]float64
	for i, part := range [2][2]time.Time{{start, now}, {before, same}} {
		value := func(metric string) (float64, error) {
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: metric, From: part[0], To: part[1]})
			if err != nil || len(rows) != 1 {
				return math.NaN(), err
			}
			return rows[0].Value, nil
		}
		late, err := value("on_time")
		if err != nil {
			return nil, fmt.Errorf("read deliveries in time: %w", err)
		}
		refunds, err := value("refunds")
		if err != nil {
			return nil, fmt.Errorf("read refunds: %w", err)
		}
		gross, err := value("gross")
		if err != nil {
			return nil, fmt.Errorf("read gross revenue: %w", err)
		}
		onTime[i], refunded[i] = late, share(refunds, gross)
	}
	var rows [][]any
	if !math.IsNaN(onTime[0]) {
		rows = append(rows, []any{"On-time deliveries", dashboard.Cell{Value: onTime[0], Unit: "%"}, points(onTime, 1), percentText(wantedOnTime), wanted(onTime[0] >= wantedOnTime, "Below")})
	}
	if !math.IsNaN(refunded[0]) {
		rows = append(rows, []any{"Refunds of gross revenue", dashboard.Cell{Value: refunded[0], Unit: "%"}, points(refunded, -1), "under " + percentText(wantedRefunds), wanted(refunded[0] < wantedRefunds, "Above")})
	}
	return rows, nil
}

func percentText(v float64) string { return figure(v) + "\u202f%" }

func wanted(met bool, missed string) dashboard.Cell {
	if met {
		return dashboard.Cell{Value: "Good", Verdict: "good"}
	}
	return dashboard.Cell{Value: missed, Verdict: "ni"}
}

// points is how far two shares, now and before, are apart. Less than a tenth
// is noise.
func points(of [2]float64, good int8) any {
	d := of[0] - of[1]
	switch {
	case math.IsNaN(d):
		return ""
	case d >= .1:
		return dashboard.Cell{Value: fmt.Sprintf("+%.1f pt", d), Good: good}
	case d <= -.1:
		return dashboard.Cell{Value: fmt.Sprintf("\u2212%.1f pt", -d), Good: -good}
	default:
		return dashboard.Cell{Value: fmt.Sprintf("%.1f pt", math.Abs(d))}
	}
}
