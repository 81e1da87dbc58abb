package bizmetrics

import (
	"context"
	"fmt"
	"math"
)

// Span is revenue over a day, a week or a month.
type Span struct {
	Value    Money   // of the whole span
	Previous Money   // of the same part of the span before: until the same time of day, weekday or day of the month
	Target   Money   // Config.Target for each day of the whole span
	Change   float64 // from Previous to Value, %; NaN: Previous is not above 0
}

// Revenue is what orders brought, net: the totals of placed orders, less
// cancellations and refunds, each on its own day.
//
//	revenue = sum(placed) - sum(refunded) - sum(still counted when cancelled)
//
// An order never counts less than 0, and a payment nothing at all.
type Revenue struct{ Today, Week, Month Span }

// Revenue reports on today, this week and this month, by the days of
// Config.Location. Everything recorded before the last Sync is in it, and all
// that was recorded more than a second ago.
func (r *Recorder) Revenue(ctx context.Context) (Revenue, error) {
	if r == nil {
		return Revenue{}, ErrNotInitialized
	}
	now := r.now()
	var report Revenue
	for _, part := range []struct {
		to *Span
		of span
	}{
		{&report.Today, today(now)},
		{&report.Week, thisWeek(now, *r.cfg.WeekStart)},
		{&report.Month, thisMonth(now, r.cfg.calendar())},
	} {
		s, err := r.revenueOf(ctx, part.of)
		if err != nil {
			return Revenue{}, err
		}
		*part.to = s
	}
	return report, nil
}

func (r *Recorder) revenueOf(ctx context.Context, of span) (Span, error) {
	value, err := r.figure(ctx, "revenue", of.from, of.to)
	if err != nil {
		return Span{}, err
	}
	previous, err := r.figure(ctx, "revenue", of.before, of.sameTime)
	if err != nil {
		return Span{}, err
	}
	target, err := r.cfg.Target.times(of.days)
	if err != nil {
		return Span{}, fmt.Errorf("target of %d days: %w", of.days, err)
	}
	if target.Currency == "" {
		target.Currency = value.Money.Currency
	}
	return Span{
		Value: value.Money, Previous: previous.Money, Target: target,
		Change: change(float64(previous.Money.Minor), float64(value.Money.Minor)),
	}, nil
}

// change is from before to now in percent; without anything before NaN.
func change(before, now float64) float64 {
	if !(before > 0) {
		return math.NaN()
	}
	return 100 * (now - before) / before
}
