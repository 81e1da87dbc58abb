package bizmetrics

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Query answers for one metric over a span, by steps and groups. A zero From
// is the start of today, a zero To the end of today; days are those of
// Config.Location. What is wrong in q is [ErrInvalid].
func (r *Recorder) Query(ctx context.Context, q Query) ([]Row, error) {
	if r == nil {
		return nil, ErrNotInitialized
	}
	day := today(r.now())
	if q.From.IsZero() {
		q.From = day.from
	}
	if q.To.IsZero() {
		q.To = day.to
	}
	q.From, q.To = q.From.In(r.cfg.Location), q.To.In(r.cfg.Location)
	if err := r.narrow(&q); err != nil {
		return nil, err
	}
	if err := q.Validate(); err != nil {
		return nil, err
	}
	rows, err := r.backend.store().Query(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", q.Metric, err)
	}
	if ledger.Metrics[q.Metric].Money {
		for i := range rows {
			if rows[i].Money.Currency == "" {
				rows[i].Money.Currency = r.reportCurrency()
			}
		}
	}
	return rows, nil
}

func (r *core) now() time.Time { return r.cfg.Now().In(r.cfg.Location) }

const (
	wholeDay    = 24 * time.Hour
	trendMonths = 12 // of a trend, this one among them
)

// breakdown is a metric over one span by groups.
func (r *Recorder) breakdown(ctx context.Context, metric string, s span, groups ...string) ([]Row, error) {
	return r.Query(ctx, Query{Metric: metric, From: s.from, To: s.to, GroupBy: groups})
}

// byMonth is a metric of the last n months, this one among them, by month.
func (r *Recorder) byMonth(ctx context.Context, metric string, now time.Time, n int, groups ...string) ([]Row, error) {
	return r.Query(ctx, Query{Metric: metric, From: r.monthOf(now, 1-n), To: r.monthOf(now, 1), Monthly: true, GroupBy: groups})
}

// monthOf is the start of the month that is n after that of now.
func (r *core) monthOf(now time.Time, n int) time.Time {
	cal := r.cfg.calendar()
	return cal.MonthBegin(cal.MonthOf(now) + ledger.Month(n))
}

// nameOf names that month.
func (r *core) nameOf(now time.Time, n int) string {
	return (r.cfg.calendar().MonthOf(now) + ledger.Month(n)).String()
}

// currencyOf is that of the reports, as far as a store or an event has named
// it.
func (r *core) currencyOf(rows []Row) string {
	for _, row := range rows {
		if row.Money.Currency != "" {
			return row.Money.Currency
		}
	}
	return r.reportCurrency()
}

// figure is a metric over one span.
func (r *Recorder) figure(ctx context.Context, metric string, from, to time.Time) (Row, error) {
	rows, err := r.Query(ctx, Query{Metric: metric, From: from, To: to})
	if err != nil {
		return Row{}, err
	}
	if len(rows) != 1 {
		return Row{}, fmt.Errorf("read %s: the store gave %d rows for one figure", metric, len(rows))
	}
	return rows[0], nil
}
