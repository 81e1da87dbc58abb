package oracle

import (
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/bizmetrics"
)

// monthOf is the calendar month, its first day, in which the business's month
// of a time begins.
const monthOf = `date_trunc('month', (at at time zone @zone)::date - (@start::int - 1))::date`

// buyers are when customers first ordered from whom the view is of.
const buyers = `select customer, first_order from customers where of is not distinct from nullif(@tenant, '')`

const distinctCustomers = `select count(distinct customer) from placed where customer <> '' and` + inSpan

func (l *look) productReport() bizmetrics.Product {
	const signups = `select count(*) from users where action = 'signed_up' and` + inSpan
	m := l.month
	seen := func(days int) int64 {
		return l.number(l.daysAgo(days-1), l.today.to, `select count(distinct nullif(customer, '')) from seen where`+inSpan)
	}
	p := bizmetrics.Product{
		Signups:          l.number(m.from, m.to, signups),
		Referred:         l.number(m.from, m.to, signups+`and referred_by <> ''`),
		Invitations:      l.number(m.from, m.to, `select count(*) from users where action = 'invited' and`+inSpan),
		DAU:              seen(1),
		WAU:              seen(7),
		MAU:              seen(30),
		ViralCoefficient: math.NaN(),
	}
	p.Growth = change(l.number(m.before, m.until, signups), p.Signups)
	p.Stickiness = percent(p.DAU, p.MAU)
	if p.MAU > 0 {
		p.ViralCoefficient = float64(l.number(l.daysAgo(29), l.today.to, signups+`and referred_by <> ''`)) / float64(p.MAU)
	}
	for _, r := range l.rows(`
		select feature, count(distinct nullif(customer, '')), count(*) from features where`+inSpan+`
		group by 1 order by 2 desc, feature collate "C"`, pgx.NamedArgs{"from": l.daysAgo(29), "to": l.today.to}) {
		users := r[1].(int64)
		p.Features = append(p.Features, bizmetrics.Adoption{Feature: r[0].(string), Users: users, Uses: r[2].(int64), Share: percent(users, p.MAU)})
	}
	left, were := l.churned()
	p.Churn = percent(left, were)
	p.Cohorts = l.cohorts()
	return p
}

// churned counts the customers of the month before last, and those of them who
// did not order in the last whole month.
func (l *look) churned() (left, were int64) {
	rows := l.rows(`
		with were as (select distinct customer from placed where customer <> '' and at >= @a and at < @b and @tenant in ('', tenant)),
		stayed as (select distinct customer from placed where at >= @b and at < @c and @tenant in ('', tenant))
		select count(*) filter (where stayed.customer is null), count(*) from were left join stayed using (customer)`,
		pgx.NamedArgs{"a": l.monthAt(-2), "b": l.monthAt(-1), "c": l.monthAt(0)})
	return rows[0][0].(int64), rows[0][1].(int64)
}

const name = "2006-01"

func (l *look) cohorts() []bizmetrics.Cohort {
	rows := l.rows(`
		with o as (select customer, `+monthOf+` as month from placed where customer <> '' and`+inSpan+`),
		c as (select customer, `+monthOf+` as cohort from (select customer, first_order as at from (`+buyers+`) b) x)
		select cohort, month, count(distinct customer) from o join c using (customer) group by 1, 2`,
		pgx.NamedArgs{"from": l.monthAt(-11), "to": l.monthAt(1)})
	count := map[string]map[string]int64{}
	for _, r := range rows {
		cohort, month := r[0].(time.Time).Format(name), r[1].(time.Time).Format(name)
		if count[cohort] == nil {
			count[cohort] = map[string]int64{}
		}
		count[cohort][month] = r[2].(int64)
	}
	var months []string
	for i := -11; i <= 0; i++ {
		months = append(months, l.monthAt(i).In(l.v.Zone).Format(name))
	}
	var all []bizmetrics.Cohort
	for i, cohort := range months {
		of := count[cohort]
		if of[cohort] == 0 {
			continue
		}
		c := bizmetrics.Cohort{Month: cohort, Customers: of[cohort]}
		for _, month := range months[i:] {
			c.Retained = append(c.Retained, percent(of[month], c.Customers))
		}
		all = append(all, c)
	}
	return all
}
