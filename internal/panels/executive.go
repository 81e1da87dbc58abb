package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

const numbers = "numbers" // the six figures beside the revenue

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

// number is one of the six figures.
func number(id, title, window, unit string, good dashboard.Direction, help string,
	read func(ctx context.Context, from, to time.Time) (dashboard.Number, error)) dashboard.Panel {
	return dashboard.Panel{
		ID: id, Title: title, Window: window, Unit: unit, Good: good, Help: help,
		Page: dashboard.Executive, Width: 2, Group: numbers, Span: 5,
		Data: func(ctx context.Context, from, to time.Time) (any, error) {
			n, err := read(ctx, from, to)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", title, err)
			}
			return n, nil
		},
	}
}

func activeUsers(s Source) dashboard.Panel {
	return number("users", "Active users", "now", "", dashboard.UpIsGood, "Distinct signed-in users seen in requests of the last 5 minutes.",
		func(_ context.Context, from, to time.Time) (dashboard.Number, error) {
			value, noData := s.reading("active_users")
			n := dashboard.Number{Value: value, NoData: noData, Previous: s.yesterday("active_users"), Target: math.NaN()}
			_, n.Spark = s.points("active_users", from, to)
			return n, nil
		})
}

// orders are today's, by hour as bars.
func orders(s Source) dashboard.Panel {
	return number("orders", "Orders", "today", "", dashboard.UpIsGood, "Orders placed today, and their mean value. Bars: by hour.",
		func(ctx context.Context, _, _ time.Time) (dashboard.Number, error) {
			now := s.Now()
			start := s.midnight(now)
			today, err := s.count(ctx, "orders", start, now)
			if err != nil {
				return dashboard.Number{}, err
			}
			before := start.AddDate(0, 0, -week)
			past, err := s.count(ctx, "orders", before, now.AddDate(0, 0, -week))
			if err != nil {
				return dashboard.Number{}, err
			}
			n := dashboard.Number{Value: total(today), Previous: math.NaN(), Target: math.NaN(), Spark: today, SparkBars: true}
			if sum := total(past); sum > 0 {
				n.Previous = sum
			}
			if tx, err := s.Business.Transactions(ctx); err == nil && tx.AverageOrder.Minor > 0 {
				n.Note = amount(tx.AverageOrder) + " each"
			}
			return n, nil
		})
}

// payments are today's share that succeeded.
func payments(s Source) dashboard.Panel {
	return number("payments", "Payments", "today", "%", dashboard.UpIsGood,
		"Payments that succeeded today, of all but those that the customer's bank declined.",
		func(ctx context.Context, from, to time.Time) (dashboard.Number, error) {
			start := s.midnight(s.Now())
			rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "payment_success", From: start, To: s.Now(), Step: 0})
			if err != nil {
				return dashboard.Number{}, err
			}
			n := dashboard.Number{Value: math.NaN(), Previous: math.NaN(), Target: math.NaN(), Level: s.level("payment_success")}
			if len(rows) > 0 {
				n.Value = rows[0].Value
			}
			if math.IsNaN(n.Value) {
				n.NoData = "No payment today yet."
			}
			if now, none := s.reading("payment_success"); none == "" {
				n.Note = fmt.Sprintf("today · now %.1f\u202f%%", now)
			}
			_, n.Spark = s.points("payment_success", from, to)
			return n, nil
		})
}

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

// count are a metric's counts by hour.
func (s Source) count(ctx context.Context, name string, from, to time.Time) ([]float64, error) {
	rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: name, From: from, To: to, Step: time.Hour})
	if err != nil {
		return nil, err
	}
	var counts []float64
	for _, row := range rows {
		counts = append(counts, row.Value)
	}
	return counts, nil
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}
