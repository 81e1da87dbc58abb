package oracle

import (
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/bizmetrics"
)

func (l *look) revenue(from, to time.Time) int64 {
	return l.number(from, to, `select coalesce(sum(value), 0)::bigint from movements where`+inSpan)
}

func (l *look) revenueReport() bizmetrics.Revenue {
	of := func(s span) bizmetrics.Span {
		value, before := l.revenue(s.from, s.to), l.revenue(s.before, s.until)
		r := bizmetrics.Span{
			Value: euros(value), Previous: euros(before), Target: euros(l.v.Target.Minor * s.days), TargetSoFar: euros(l.targetSoFar(s)),
			Change: change(before, value), OfTarget: math.NaN(),
		}
		if r.TargetSoFar.Minor > 0 {
			r.OfTarget = percent(value, r.TargetSoFar.Minor)
		}
		return r
	}
	return bizmetrics.Revenue{Today: of(l.today), Week: of(l.week), Month: of(l.month)}
}

// targetSoFar is a target for each day that is over, and of today for as much
// of it as has passed: a day may have 23 or 25 hours.
func (l *look) targetSoFar(s span) int64 {
	return l.rows(`
		with c as (select (@now::timestamptz at time zone @zone)::date as today),
		d as (select today, (@from::timestamptz at time zone @zone)::date as start, today::timestamp at time zone @zone as begin, (today + 1)::timestamp at time zone @zone as stop from c)
		select @target::bigint * (today - start) + round(@target::bigint * extract(epoch from @now::timestamptz - begin) / extract(epoch from stop - begin))::bigint from d`,
		pgx.NamedArgs{"from": s.from, "target": l.v.Target.Minor})[0][0].(int64)
}

func (l *look) transactionsReport() bizmetrics.Transactions {
	n := l.over(l.today.from, l.today.to, `
		select count(*), count(*) filter (where succeeded), count(*) filter (where declined) from paid where`+inSpan)
	t := bizmetrics.Transactions{Total: n[0], Succeeded: n[1], Failed: n[0] - n[1], Declined: n[2], SuccessRate: percent(n[1], n[0]), ByMethod: map[string]int64{}}
	for _, r := range l.rows(`select by_method, count(*) from paid where`+inSpan+`group by 1`, pgx.NamedArgs{"from": l.today.from, "to": l.today.to}) {
		t.ByMethod[r[0].(string)] = r[1].(int64)
	}
	t.AverageOrder = euros(l.meanOrder(l.today.from, l.today.to))
	return t
}

func (l *look) meanOrder(from, to time.Time) int64 {
	return l.number(from, to, `select coalesce(round(avg(value)), 0)::bigint from placed where`+inSpan)
}

func (l *look) orderValueReport() bizmetrics.OrderValue {
	n := l.over(l.month.from, l.month.to, `
		select coalesce(round(avg(value)), 0)::bigint,
			coalesce(floor(percentile_cont(0.5) within group (order by value) + 0.5), 0)::bigint,
			coalesce(percentile_disc(0.95) within group (order by value), 0)::bigint
		from placed where`+inSpan)
	v := bizmetrics.OrderValue{
		Mean: euros(n[0]), Median: euros(n[1]), P95: euros(n[2]), Change: change(l.meanOrder(l.month.before, l.month.from), n[0]),
	}
	for i, n := range l.trend(`select coalesce(round(avg(value)), 0)::bigint, count(*) from placed where` + inSpan) {
		row := bizmetrics.Row{At: l.monthAt(i - 11).In(l.v.Zone), Money: euros(n[0]), Count: n[1], Value: math.NaN()}
		if row.Count > 0 {
			row.Value = row.Money.Major()
		}
		v.Trend = append(v.Trend, row)
	}
	return v
}

// trend is over, for each of twelve months, of sql that ends with a condition.
func (l *look) trend(sql string) [][]int64 {
	all := make([][]int64, 12)
	for i := range all {
		from, to := l.monthAt(i-11), l.monthAt(i-10)
		all[i] = l.over(from, to, sql)
	}
	return all
}

func (l *look) suppliersReport() []bizmetrics.Supplier {
	rows := l.rows(`
		with r as (select supplier, sum(value)::bigint as revenue from movements where`+inSpan+`group by 1),
		o as (select supplier, count(*) as orders from placed where`+inSpan+`group by 1),
		a as (select supplier, round(avg(nanoseconds))::bigint as mean, count(*) filter (where accepted) as accepted, count(*) as answers
			from responses where`+inSpan+`group by 1),
		d as (select supplier, count(*) filter (where not late) as in_time, count(*) as deliveries from deliveries where`+inSpan+`group by 1),
		f as (select supplier, count(*) as offers from offers where`+inSpan+`group by 1)
		select supplier, coalesce(revenue, 0), coalesce(orders, 0), coalesce(mean, 0), coalesce(accepted, 0), coalesce(answers, 0),
			coalesce(in_time, 0), coalesce(deliveries, 0), coalesce(offers, 0)
		from r full join o using (supplier) full join a using (supplier) full join d using (supplier) full join f using (supplier)
		where supplier <> '' order by 2 desc, supplier collate "C"`, pgx.NamedArgs{"from": l.month.from, "to": l.month.to})
	all := make([]bizmetrics.Supplier, 0, len(rows))
	for i, r := range rows {
		n := func(i int) int64 { return r[i].(int64) }
		all = append(all, bizmetrics.Supplier{
			ID: r[0].(string), Rank: i + 1, Revenue: euros(n(1)), Orders: n(2), Offers: n(8), Responses: n(5), Deliveries: n(7), ResponseTime: time.Duration(n(3)),
			AcceptanceRate: percent(n(4), n(5)), OnTimeRate: percent(n(6), n(7)),
		})
	}
	return all
}

func (l *look) npsReport() bizmetrics.NPSReport {
	const scores = `select count(*) filter (where score >= 9), count(*) filter (where score in (7, 8)), count(*) filter (where score <= 6) from answers where` + inSpan
	n, last := l.over(l.month.from, l.month.to, scores), l.over(l.month.before, l.month.from, scores)
	score := func(n []int64) float64 { return percent(n[0]-n[2], n[0]+n[1]+n[2]) }
	r := bizmetrics.NPSReport{Score: score(n), Previous: score(last), Change: score(n) - score(last), Promoters: n[0], Passives: n[1], Detractors: n[2]}
	for i, n := range l.trend(scores) {
		r.Trend = append(r.Trend, bizmetrics.Row{At: l.monthAt(i - 11).In(l.v.Zone), Value: score(n), Count: n[0] + n[1] + n[2]})
	}
	return r
}

// verdict judges as HealthReport promises to, where nothing was dropped and
// the store works, and says for how many reasons.
func (l *look) verdict(nps bizmetrics.NPSReport, revenue bizmetrics.Revenue) (string, int) {
	verdict, reasons := "healthy", 0
	n := l.over(l.today.from, l.today.to, `
		select count(*) filter (where status = 'succeeded'), count(*) filter (where status = 'failed') from paid where`+inSpan)
	if good, bad := n[0], n[1]; good+bad >= 20 && bad >= 5 && percent(good, good+bad) < 99 && wilson(float64(bad), float64(good+bad)) > 0.01 {
		verdict, reasons = "critical", 1
	}
	worsen := func() {
		if reasons++; verdict != "critical" {
			verdict = "degraded"
		}
	}
	for _, s := range []struct {
		span
		bizmetrics.Span
	}{{l.today, revenue.Today}, {l.week, revenue.Week}, {l.month, revenue.Month}} {
		orders := l.number(s.before, s.until, `select count(*) from placed where`+inSpan)
		if orders >= 20 && 2*s.Value.Minor < s.Previous.Minor {
			worsen()
		}
	}
	if nps.Promoters+nps.Passives+nps.Detractors >= 20 && nps.Score < 0 {
		worsen()
	}
	return verdict, reasons
}

// wilson is the lower bound of a share, at 99 %, two-sided.
func wilson(bad, of float64) float64 {
	const z = 2.58
	p := bad / of
	return (p + z*z/(2*of) - z*math.Sqrt((p*(1-p)+z*z/(4*of))/of)) / (1 + z*z/of)
}
