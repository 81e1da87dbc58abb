package oracle

import (
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/bizmetrics"
)

const (
	goodsOf      = `select coalesce(sum(value), 0)::bigint from goods where` + inSpan
	commissionOf = `select coalesce(sum(value), 0)::bigint from earned where` + inSpan
	spentOf      = `select coalesce(sum(value), 0)::bigint from costs where kind = 'acquisition' and` + inSpan
)

func (l *look) financeReport() bizmetrics.Finance {
	m := l.month
	f := bizmetrics.Finance{
		Revenue: euros(l.revenue(m.from, m.to)), CostOfGoods: euros(l.number(m.from, m.to, goodsOf)),
		Commission: euros(l.number(m.from, m.to, commissionOf)), AcquisitionCost: euros(l.number(m.from, m.to, spentOf)),
		BySupplier: l.shares(`select supplier, sum(value)::bigint from movements where` + inSpan + `group by 1`),
		ByTenant:   l.shares(`select tenant, sum(value)::bigint from movements where` + inSpan + `group by 1`),
		ByCurrency: l.shares(`select currency, sum(value)::bigint from movements where` + inSpan + `group by 1`),
		ByMethod:   l.shares(`select by_method, sum(value)::bigint from paid where succeeded and` + inSpan + `group by 1`),
		NewCustomers: l.number(m.from, m.to, `
			select count(distinct customer) from placed join (`+buyers+`) b using (customer) where first_order >= @from and first_order < @to and`+inSpan),
		LTVToCAC: math.NaN(), CommissionRate: math.NaN(),
	}
	if f.Revenue.Minor > 0 {
		f.CommissionRate = percent(f.Commission.Minor, f.Revenue.Minor)
	}
	from, to := l.monthAt(-12), l.monthAt(1)
	l.commissions = l.number(from, to, `select count(*) from earned where`+inSpan) > 0
	f.Contribution = euros(l.contribution(f.Revenue.Minor, f.CostOfGoods.Minor, f.Commission.Minor))
	f.CAC = euros(each(f.AcquisitionCost.Minor, f.NewCustomers))
	f.LTVHistoric = euros(l.historic(from, to))
	left, were := l.churned()
	last := l.number(l.monthAt(-1), l.monthAt(0), distinctCustomers)
	f.LTVPredicted = euros(0)
	if left > 0 && last > 0 {
		f.LTVPredicted.Minor = each(l.contributionOf(l.monthAt(-1), l.monthAt(0), known)*were, last*left)
	}
	value := f.LTVPredicted
	if value.Minor == 0 {
		value = f.LTVHistoric
	}
	if f.CAC.Minor > 0 {
		f.LTVToCAC = float64(value.Minor) / float64(f.CAC.Minor)
	}
	f.Cohorts = l.cohortProfits(from, to)
	return f
}

// known are the customers of a kind of money, told apart by their IDs.
const known = `customer <> '' and`

// contributionOf is what known customers have brought.
func (l *look) contributionOf(from, to time.Time, which string) int64 {
	sum := func(table string) int64 {
		return l.number(from, to, `select coalesce(sum(value), 0)::bigint from `+table+` where `+which+inSpan)
	}
	return l.contribution(sum("movements"), sum("goods"), sum("earned"))
}

// historic is the contribution of those who first ordered in these months, by
// each of them.
func (l *look) historic(from, to time.Time) int64 {
	const young = `customer in (select customer from (` + buyers + `) b where first_order >= @from and first_order < @to) and`
	return each(l.contributionOf(from, to, young), l.number(from, to, `select count(distinct customer) from placed where `+young+inSpan))
}

// contribution is the commission where the business earns any, else the margin.
func (l *look) contribution(revenue, goods, commission int64) int64 {
	if l.commissions {
		return commission
	}
	return revenue - goods
}

// each is n of a whole, to the nearest, halves away from zero; of nobody 0.
func each(whole, n int64) int64 {
	if n <= 0 {
		return 0
	}
	if whole < 0 {
		return -each(-whole, n)
	}
	return (2*whole + n) / (2 * n)
}

// shares are the nine largest and the rest, or ten.
func (l *look) shares(sql string) []bizmetrics.Share {
	const most = 10
	rows := l.rows(`select * from (`+sql+`) as s (name, value) where value <> 0 order by value desc, name collate "C"`,
		pgx.NamedArgs{"from": l.month.from, "to": l.month.to})
	var whole, rest int64
	var all []bizmetrics.Share
	for i, r := range rows {
		minor := r[1].(int64)
		whole += minor
		if len(rows) > most && i >= most-1 {
			rest += minor
			continue
		}
		all = append(all, bizmetrics.Share{Name: r[0].(string), Amount: euros(minor)})
	}
	if len(rows) > most {
		all = append(all, bizmetrics.Share{Name: "other", Amount: euros(rest)})
	}
	for i := range all {
		all[i].Percent = math.NaN()
		if whole > 0 {
			all[i].Percent = percent(all[i].Amount.Minor, whole)
		}
	}
	return all
}

// cohortProfits are what each month's new customers have brought.
func (l *look) cohortProfits(from, to time.Time) []bizmetrics.CohortProfit {
	rows := l.rows(`
		with c as (select customer, `+monthOf+` as cohort from (select customer, first_order as at from (`+buyers+`) b) x),
		money as (
			select 1 as what, customer, value from movements where`+inSpan+`
			union all select 2, customer, value from goods where`+inSpan+`
			union all select 3, customer, value from earned where`+inSpan+`
			union all select distinct 4, customer, 1 from placed where`+inSpan+`)
		select cohort, coalesce(sum(value) filter (where what = 1), 0)::bigint, coalesce(sum(value) filter (where what = 2), 0)::bigint,
			coalesce(sum(value) filter (where what = 3), 0)::bigint, coalesce(sum(value) filter (where what = 4), 0)::bigint
		from money join c using (customer)
		where cohort between date_trunc('month', (@from::timestamptz at time zone @zone)::date - (@start::int - 1))::date
			and date_trunc('month', (@now::timestamptz at time zone @zone)::date - (@start::int - 1))::date
		group by 1 having count(*) filter (where what = 1) > 0 order by 1`, pgx.NamedArgs{"from": from, "to": to})
	var all []bizmetrics.CohortProfit
	for _, r := range rows {
		n := func(i int) int64 { return r[i].(int64) }
		begin := r[0].(time.Time)
		spent := l.rows(`
			select coalesce(sum(value), 0)::bigint from costs where kind = 'acquisition' and @tenant in ('', tenant) and `+monthOf+` = @month::date`,
			pgx.NamedArgs{"month": begin})[0][0].(int64)
		all = append(all, bizmetrics.CohortProfit{
			Month: begin.Format(name), Customers: n(4), Revenue: euros(n(1)), CostOfGoods: euros(n(2)), Commission: euros(n(3)), AcquisitionCost: euros(spent),
			Profit: euros(l.contribution(n(1), n(2), n(3)) - spent),
		})
	}
	return all
}
