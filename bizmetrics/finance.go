package bizmetrics

import (
	"context"
	"math"
	"time"
)

// Finance is what the business earns, from whom, and what that costs.
type Finance struct {
	Revenue, CostOfGoods, Commission, AcquisitionCost Money // this month
	// Contribution is what is earned before acquisition: the commissions, where
	// the business has recorded any in the last 12 months and this one, else
	// revenue less the cost of goods.
	Contribution   Money
	CommissionRate float64 // 100 Commission / Revenue, %; NaN: no revenue
	BySupplier     []Share // revenue of this month, the largest first, at most 10: the rest is "other"
	ByTenant       []Share
	ByCurrency     []Share // by the currency that was paid in
	ByMethod       []Share // succeeded payments of this month by method
	NewCustomers   int64   // who first ordered this month
	// CAC is what a new customer costs (fully paid customer acquisition cost):
	//
	//	acquisition cost of this month / new customers of this month
	//
	// Zero: no new customer.
	CAC Money
	// LTVHistoric is what a customer has brought so far, of those who first
	// ordered in the last 12 months or this one:
	//
	//	sum(contribution of these customers) / customers
	//
	// Zero: no customer.
	LTVHistoric Money
	// LTVPredicted is what a customer brings over all the time he stays, by the
	// simple retention model: each month he brings the same margin m and stays
	// with the same probability r = 1 - churn, and nothing is discounted.
	//
	//	m (1 + r + r^2 + ...) = m / churn
	//	m     = contribution of the last whole month / its customers
	//	churn = as in Product, of the last whole month
	//
	// Zero: no churn is known, or nobody left. (After S. Gupta and D. R. Lehmann,
	// Customers as Assets, Journal of Interactive Marketing 17 (2003) 9.)
	LTVPredicted Money
	LTVToCAC     float64 // LTVPredicted, else LTVHistoric, of CAC; NaN: no CAC
	Cohorts      []CohortProfit
}

// CohortProfit is what the customers who first ordered in one month have
// brought since.
//
//	Profit = Contribution as in Finance - AcquisitionCost
type CohortProfit struct {
	Month                            string // "2026-03"
	Customers                        int64
	Revenue, CostOfGoods, Commission Money
	AcquisitionCost                  Money // of that month
	Profit                           Money
}

const financeMonths = 13 // the last 12 and this one

// Finance reports by the calendar of Config. The in-memory store knows single
// customers for 40 days: of older ones it knows the totals only, so that
// cohorts, LTV and CAC are of what it knows.
func (r *Recorder) Finance(ctx context.Context) (Finance, error) {
	f := Finance{LTVToCAC: math.NaN(), CommissionRate: math.NaN()}
	if r == nil {
		return f, ErrNotInitialized
	}
	now := r.now()
	b, err := r.books(ctx, now)
	if err != nil {
		return f, err
	}
	if err := b.thisMonth(&f); err != nil {
		return f, err
	}
	if err := r.breakdowns(ctx, thisMonth(now, r.cfg.calendar()), &f); err != nil {
		return f, err
	}
	if err := r.lifetime(ctx, now, b, &f); err != nil {
		return f, err
	}
	f.Cohorts, err = b.profits()
	return f, err
}

// books are the figures of 13 months by cohort, from which all others follow.
type books struct {
	revenue, goods, commission, customers cohortTable
	spent                                 []Row // on acquisition, by month
	currency                              string
	marketplace                           bool // it earns commissions
}

func (r *Recorder) books(ctx context.Context, now time.Time) (*books, error) {
	b := &books{}
	for _, q := range []struct {
		to     *cohortTable
		metric string
	}{{&b.revenue, "revenue"}, {&b.goods, "cost_of_goods"}, {&b.commission, "commission"}, {&b.customers, "customers"}} {
		t, err := r.cohortMetric(ctx, q.metric, now, financeMonths)
		if err != nil {
			return nil, err
		}
		*q.to = t
	}
	var err error
	if b.spent, err = r.byMonth(ctx, "acquisition_cost", now, financeMonths); err != nil {
		return nil, err
	}
	b.currency = r.currencyOf(b.spent)
	earned, err := b.commission.money(0, financeMonths, everyone)
	b.marketplace = earned != 0
	return b, err
}

func everyone(string) bool        { return true }
func identified(c string) bool    { return c != "" }
func (b *books) in(m int64) Money { return Money{Minor: m, Currency: b.currency} }

// earnings are revenue, cost of goods, commission and what is left of them.
type earnings struct{ revenue, goods, commission, contribution int64 }

// earned adds up what the cohorts that keep takes brought in the months from i
// until before j.
func (b *books) earned(i, j int, keep func(string) bool) (e earnings, err error) {
	for _, q := range []struct {
		to *int64
		of cohortTable
	}{{&e.revenue, b.revenue}, {&e.goods, b.goods}, {&e.commission, b.commission}} {
		if *q.to, err = q.of.money(i, j, keep); err != nil {
			return e, err
		}
	}
	e.contribution = e.commission
	if !b.marketplace {
		e.contribution = e.revenue - e.goods
	}
	return e, nil
}

const thisOne = financeMonths - 1 // the index of this month

// thisMonth fills in the totals.
func (b *books) thisMonth(f *Finance) error {
	e, err := b.earned(thisOne, financeMonths, everyone)
	if err != nil {
		return err
	}
	f.Revenue, f.CostOfGoods, f.Commission, f.Contribution = b.in(e.revenue), b.in(e.goods), b.in(e.commission), b.in(e.contribution)
	if e.revenue > 0 {
		f.CommissionRate = 100 * float64(e.commission) / float64(e.revenue)
	}
	f.AcquisitionCost = b.in(b.spentIn(thisOne))
	if n := b.customers.size(thisOne); n > 0 {
		f.NewCustomers = int64(n)
	}
	f.CAC = f.AcquisitionCost.per(f.NewCustomers)
	return nil
}

func (b *books) spentIn(i int) int64 {
	if i >= len(b.spent) {
		return 0
	}
	return b.spent[i].Money.Minor
}

// lifetime fills in what is known of the value of a customer.
func (r *Recorder) lifetime(ctx context.Context, now time.Time, b *books, f *Finance) error {
	customers, young := 0.0, map[string]bool{} // the cohorts of these months whose size is known
	for i, month := range b.customers.months {
		if n := b.customers.size(i); n > 0 {
			customers += n
			young[month] = true
		}
	}
	all, err := b.earned(0, financeMonths, func(c string) bool { return young[c] })
	if err != nil {
		return err
	}
	f.LTVHistoric = b.in(all.contribution).per(int64(customers))
	last, err := b.earned(thisOne-1, thisOne, identified)
	if err != nil {
		return err
	}
	churn, err := r.churn(ctx, now, b.customers)
	if err != nil {
		return err
	}
	f.LTVPredicted = b.in(0)
	if n := b.customers.total(thisOne - 1); churn > 0 && n > 0 {
		f.LTVPredicted.Minor = int64(math.Round(float64(last.contribution) / n / (churn / 100)))
	}
	value := f.LTVPredicted
	if value.Minor == 0 {
		value = f.LTVHistoric
	}
	if f.CAC.Minor > 0 {
		f.LTVToCAC = float64(value.Minor) / float64(f.CAC.Minor)
	}
	return nil
}

// profits are the cohorts that have brought anything.
func (b *books) profits() (all []CohortProfit, err error) {
	for i, month := range b.revenue.months {
		if b.revenue.by[month] == nil {
			continue
		}
		e, err := b.earned(0, financeMonths, func(c string) bool { return c == month })
		if err != nil {
			return nil, err
		}
		c := CohortProfit{
			Month: month, Revenue: b.in(e.revenue), CostOfGoods: b.in(e.goods), Commission: b.in(e.commission),
			AcquisitionCost: b.in(b.spentIn(i)), Profit: b.in(e.contribution - b.spentIn(i)),
		}
		if n := b.customers.size(i); n > 0 {
			c.Customers = int64(n)
		}
		all = append(all, c)
	}
	return all, nil
}
