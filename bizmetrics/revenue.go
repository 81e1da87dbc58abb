package bizmetrics

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Span is revenue over a day, a week or a month.
type Span struct {
	Value       Money   // of the whole span
	Previous    Money   // of the same part of the span before: until the same time of day, weekday or day of the month
	Target      Money   // Config.Target for each day of the whole span
	TargetSoFar Money   // Config.Target for each day that is over, and for today pro rata of the time that has passed, halves up
	Change      float64 // from Previous to Value, %; NaN: Previous is not above 0
	OfTarget    float64 // Value of TargetSoFar, %; NaN: no target
}

// Revenue is what orders brought, net: the totals of placed orders, less
// cancellations and refunds, each on its own day.
//
//	revenue = sum(placed) - sum(refunded) - sum(still counted when cancelled)
//
// An order never counts less than 0, and a payment nothing at all.
//
//	Change   = 100 (Value - Previous) / Previous
//	OfTarget = 100 Value / TargetSoFar
type Revenue struct{ Today, Week, Month Span }

// Revenue reports on today, this week and this month, by the days of
// Config.Location. Everything recorded before the last Sync is in it, and all
// that was recorded more than a second ago.
func (r *Recorder) Revenue(ctx context.Context) (Revenue, error) {
	if r == nil {
		return Revenue{}, ErrNotInitialized
	}
	now := r.now()
	spans := r.spans(now)
	from, to := spans[0].before, spans[0].to
	for _, s := range spans[1:] {
		from, to = earlier(from, s.before), later(to, s.to)
	}
	// One query gives all whole days. The day of each span before that is not
	// over yet has one of its own.
	days, err := r.Query(ctx, Query{Metric: "revenue", From: from, To: to, Step: wholeDay})
	if err != nil {
		return Revenue{}, err
	}
	var report Revenue
	for i, of := range [...]*Span{&report.Today, &report.Week, &report.Month} {
		s := spans[i]
		begun := ledger.DateOf(s.sameTime).Start(now.Location())
		value, previous := sumOf(days, s.from, s.to), sumOf(days, s.before, begun)
		if begun.Before(s.sameTime) {
			part, err := r.figure(ctx, "revenue", begun, s.sameTime)
			if err != nil {
				return Revenue{}, err
			}
			previous = previous.Plus(ledger.SumOf(part.Money.Minor))
		}
		if err := r.fill(of, s, value, previous, r.currencyOf(days), now); err != nil {
			return Revenue{}, err
		}
	}
	return report, nil
}

// spans are today, this week and this month.
func (r *core) spans(now time.Time) [3]span {
	return [...]span{today(now), thisWeek(now, *r.cfg.WeekStart), thisMonth(now, r.cfg.calendar())}
}

// sumOf adds up the rows from from until before to.
func sumOf(rows []Row, from, to time.Time) (sum ledger.Sum) {
	for _, row := range rows {
		if !row.At.Before(from) && row.At.Before(to) {
			sum = sum.Plus(ledger.SumOf(row.Money.Minor))
		}
	}
	return sum
}

// fill makes the figures of a span.
func (r *core) fill(to *Span, s span, value, previous ledger.Sum, currency string, now time.Time) (err error) {
	*to = Span{Value: Money{Currency: currency}, Previous: Money{Currency: currency}}
	if to.Value.Minor, err = value.Int64(); err != nil {
		return fmt.Errorf("revenue since %s: %w", s.from.Format(time.DateOnly), err)
	}
	if to.Previous.Minor, err = previous.Int64(); err != nil {
		return fmt.Errorf("revenue since %s: %w", s.before.Format(time.DateOnly), err)
	}
	if to.Target, err = r.cfg.Target.times(s.days); err != nil {
		return fmt.Errorf("target of %d days: %w", s.days, err)
	}
	if to.Target.Currency == "" {
		to.Target.Currency = currency
	}
	to.TargetSoFar = Money{Minor: s.soFar(r.cfg.Target.Minor, now), Currency: to.Target.Currency}
	to.Change = change(float64(to.Previous.Minor), float64(to.Value.Minor))
	to.OfTarget = math.NaN()
	if to.TargetSoFar.Minor > 0 {
		to.OfTarget = 100 * float64(to.Value.Minor) / float64(to.TargetSoFar.Minor)
	}
	return nil
}

// change is from before to now in percent; without anything before NaN.
func change(before, now float64) float64 {
	if !(before > 0) {
		return math.NaN()
	}
	return 100 * (now - before) / before
}
