package oracle

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// View is who looks, and when.
type View struct {
	Now        time.Time
	Zone       *time.Location
	MonthStart int // 0: 1
	WeekStart  time.Weekday
	Tenant     string // "": all
	Target     bizmetrics.Money
}

const monthsBack = 13

// look is a view with its spans.
type look struct {
	*Oracle
	t testing.TB
	v View

	today, week, month span
	months             []time.Time // where they begin, the one of now at monthsBack
	commissions        bool        // the business earns commissions: see Finance.Contribution
}

// span is a day, a week or a month, and the same part of the one before.
type span struct {
	from, to, before, until time.Time
	days                    int64
}

func (o *Oracle) look(t testing.TB, v View) *look {
	v.MonthStart = max(v.MonthStart, 1)
	l := &look{Oracle: o, t: t, v: v}
	rows := l.rows(`
		with c as (select @now::timestamptz at time zone @zone as local),
		d as (select local, local::date as today,
			local::date - (extract(dow from local)::int - @week::int + 7) % 7 as week,
			date_trunc('month', local::date - (@start::int - 1))::date + (@start::int - 1) as month from c),
		m as (select *, (month + interval '1 month')::date as next, (month - interval '1 month')::date as last from d),
		s as (
			select 1 as n, today as start, today + 1 as stop, today - 1 as before, (today - 1) + local::time as until from m
			union all select 2, week, week + 7, week - 7, (today - 7) + local::time from m
			union all select 3, month, next, last, case when last + (today - month) < month then last + (today - month) + local::time else month::timestamp end from m)
		select start::timestamp at time zone @zone, stop::timestamp at time zone @zone, before::timestamp at time zone @zone, until at time zone @zone,
			stop - start from s order by n`, nil)
	spans := make([]span, 0, 3)
	for _, r := range rows {
		spans = append(spans, span{from: r[0].(time.Time), to: r[1].(time.Time), before: r[2].(time.Time), until: r[3].(time.Time), days: int64(r[4].(int32))})
	}
	require.Len(t, spans, 3)
	l.today, l.week, l.month = spans[0], spans[1], spans[2]
	l.readMonths()
	return l
}

// monthAt is the start of the month that is n after this one.
func (l *look) monthAt(n int) time.Time { return l.months[n+monthsBack] }

// readMonths finds where the months around now begin.
func (l *look) readMonths() {
	for _, r := range l.rows(`
		with m as (select date_trunc('month', (@now::timestamptz at time zone @zone)::date - (@start::int - 1))::date + (@start::int - 1) as month)
		select (month + n * interval '1 month') at time zone @zone from m, generate_series(-@back::int, 1) n order by n`, pgx.NamedArgs{"back": monthsBack}) {
		l.months = append(l.months, r[0].(time.Time))
	}
}

// daysAgo is the start of the day that many before today.
func (l *look) daysAgo(n int) time.Time {
	return l.rows(`select ((@now::timestamptz at time zone @zone)::date - @n::int)::timestamp at time zone @zone`, pgx.NamedArgs{"n": n})[0][0].(time.Time)
}

// rows answers sql, which may name what the view has: @now, @zone, @week,
// @start, @tenant.
func (l *look) rows(sql string, more pgx.NamedArgs) [][]any {
	l.t.Helper()
	args := pgx.NamedArgs{
		"now": l.v.Now, "zone": l.v.Zone.String(), "week": int(l.v.WeekStart), "start": l.v.MonthStart, "tenant": l.v.Tenant,
	}
	for k, v := range more {
		args[k] = v
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	rows, err := l.conn.Query(ctx, sql, args)
	require.NoError(l.t, err, sql)
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	require.NoError(l.t, err, sql)
	return all
}

// over answers sql about from and to with whole numbers, of one row.
func (l *look) over(from, to time.Time, sql string) []int64 {
	l.t.Helper()
	rows := l.rows(sql, pgx.NamedArgs{"from": from, "to": to})
	require.Len(l.t, rows, 1, sql)
	all := make([]int64, len(rows[0]))
	for i, v := range rows[0] {
		n, ok := v.(int64)
		require.True(l.t, ok, "%s: %T", sql, v)
		all[i] = n
	}
	return all
}

// number is over with one figure.
func (l *look) number(from, to time.Time, sql string) int64 { return l.over(from, to, sql)[0] }

// inSpan is the condition that all of an answer's events meet.
const inSpan = ` at >= @from and at < @to and @tenant in ('', tenant) `

func euros(minor int64) bizmetrics.Money {
	return bizmetrics.Money{Minor: minor, Currency: workload.Currency}
}

// percent is a share; of nothing NaN.
func percent(part, of int64) float64 {
	if of == 0 {
		return math.NaN()
	}
	return 100 * float64(part) / float64(of)
}

// change is in percent; NaN where there was nothing before.
func change(before, now int64) float64 {
	if before <= 0 {
		return math.NaN()
	}
	return 100 * float64(now-before) / float64(before)
}
