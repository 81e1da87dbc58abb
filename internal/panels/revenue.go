package panels

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
)

const (
	week      = 7
	curveStep = 15 * time.Minute
)

// revenue is today's revenue against its target and the same weekday before.
func revenue(s Source) dashboard.Panel {
	return dashboard.Panel{
		ID: "revenue", Title: "Revenue today", Window: "net of cancellations and refunds", Page: dashboard.Executive, Width: 7, Good: dashboard.UpIsGood,
		Help: "Placed orders add on their day; a cancellation or refund subtracts on its own day. Usual by now: the same weekday of last week at this time.",
		Data: func(ctx context.Context, _, _ time.Time) (any, error) {
			r, err := s.Business.Revenue(ctx)
			if err != nil {
				return nil, fmt.Errorf("read revenue: %w", err)
			}
			now := s.Now()
			start := s.midnight(now)
			today, err := s.cumulative(ctx, start, start.AddDate(0, 0, 1), now)
			if err != nil {
				return nil, err
			}
			before := start.AddDate(0, 0, -week)
			past, err := s.cumulative(ctx, before, before.AddDate(0, 0, 1), now)
			if err != nil {
				return nil, err
			}
			hero := dashboard.Hero{
				Value: float64(r.Today.Value.Minor), Currency: r.Today.Value.Currency, Target: math.NaN(), Pace: math.NaN(),
				Curve: dashboard.Series{
					At: today.at, Area: true, Currency: r.Today.Value.Currency,
					Lines: []dashboard.Line{{Name: "today", Values: today.values}},
				},
			}
			if r.Today.Value.Currency == "" {
				hero.NoData = "No order recorded yet."
			}
			if r.Today.Target.Minor > 0 {
				hero.Target = float64(r.Today.Target.Minor)
			}
			if usual := past.until(now.AddDate(0, 0, -week)); past.any && usual > 0 {
				hero.Pace = usual
				hero.Curve.Lines = append(hero.Curve.Lines, dashboard.Line{Name: "last " + start.Format("Mon"), Values: past.values[:min(len(past.values), len(today.at))], Previous: true})
				hero.Lead, hero.LeadGood = pace(hero.Value, usual, r.Today.Value.Currency)
			}
			return hero, nil
		},
	}
}

// pace tells the distance from what is usual by now.
func pace(value, usual float64, currency string) (text string, good int8) {
	gap := value - usual
	distance := amount(bizmetrics.Money{Minor: int64(math.Abs(gap)), Currency: currency})
	switch {
	case math.Abs(gap) < 0.01*usual:
		return "As usual by now", 0
	case gap < 0:
		return distance + " behind the usual pace", -1
	default:
		return distance + " ahead of the usual pace", 1
	}
}

// curve is cumulative revenue over a day, in minor units.
type curve struct {
	at     []time.Time
	values []float64 // NaN in the future
	any    bool      // there was an order
}

func (s Source) cumulative(ctx context.Context, from, to, now time.Time) (curve, error) {
	rows, err := s.Business.Query(ctx, bizmetrics.Query{Metric: "revenue", From: from, To: to, Step: curveStep})
	if err != nil {
		return curve{}, fmt.Errorf("read revenue by quarter of an hour: %w", err)
	}
	var c curve
	sum := 0.0
	for _, row := range rows {
		sum += float64(row.Money.Minor)
		c.any = c.any || row.Money.Minor != 0
		c.at = append(c.at, row.At)
		if row.At.After(now) {
			c.values = append(c.values, math.NaN())
		} else {
			c.values = append(c.values, sum)
		}
	}
	return c, nil
}

// until is the sum at a moment of the curve's day.
func (c curve) until(t time.Time) float64 {
	sum := 0.0
	for i, at := range c.at {
		if !at.After(t) && !math.IsNaN(c.values[i]) {
			sum = c.values[i]
		}
	}
	return sum
}
