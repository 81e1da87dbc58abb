package bizmetrics

import (
	"context"
	"math"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Finance is what the business earns, from whom, and what that costs.
type Finance struct {
	Revenue, CostOfGoods, Commission, AcquisitionCost Money // this month
	// Contribution is what is earned before acquisition: the commissions, where
	// the business records any this month, else revenue less the cost of goods.
	Contribution Money
	BySupplier   []Share // revenue of this month, the largest first, at most 10
	ByTenant     []Share
	ByCurrency   []Share // by the currency that was paid in
	ByMethod     []Share // succeeded payments of this month by method
	NewCustomers int64   // who first ordered this month
	CAC          Money   // acquisition cost / new customers; zero: no new customer
	// LTVHistoric is the contribution of the last 12 months and this one, by
	// each customer who ordered in them.
	LTVHistoric Money
	// LTVPredicted is what a customer brings over all the time he stays, by the
	// simple retention model:
	//
	//	contribution of the last whole month / its customers / monthly churn
	//
	// Zero: no churn is known, or nobody left. (Gupta and Lehmann, Customers as
	// Assets, Journal of Interactive Marketing 17 (2003), with no discount.)
	LTVPredicted Money
	LTVToCAC     float64 // LTVPredicted, else LTVHistoric, of CAC; NaN: no CAC
	Cohorts      []CohortProfit
}

// Share is a part of a whole.
type Share struct {
	Name    string
	Amount  Money
	Percent float64 // of the whole; NaN: the whole is not above 0
}

// CohortProfit is what the customers who first ordered in one month have
// brought in the last 12 months and this one.
type CohortProfit struct {
	Month                            string // "2026-03"
	Customers                        int64
	Revenue, CostOfGoods, Commission Money
	AcquisitionCost                  Money // of that month
	Profit                           Money // contribution less acquisition cost
}

const topShares = 10

// Finance reports on this month by the days of Config.Location. Of single
// customers the in-memory store knows 40 days.
func (r *Recorder) Finance(ctx context.Context) (Finance, error) {
	f := Finance{LTVToCAC: math.NaN()}
	if r == nil {
		return f, ErrNotInitialized
	}
	now := r.now()
	month := thisMonth(now, r.cfg.calendar())
	for metric, to := range map[string]*Money{
		"revenue": &f.Revenue, "cost_of_goods": &f.CostOfGoods, "commission": &f.Commission, "acquisition_cost": &f.AcquisitionCost,
	} {
		row, err := r.figure(ctx, metric, month.from, month.to)
		if err != nil {
			return f, err
		}
		*to = row.Money
	}
	f.Contribution = contribution(f.Revenue, f.CostOfGoods, f.Commission)
	for group, to := range map[string]*[]Share{"supplier": &f.BySupplier, "tenant": &f.ByTenant, "currency": &f.ByCurrency} {
		shares, err := r.shares(ctx, "revenue", month, nil, group)
		if err != nil {
			return f, err
		}
		*to = shares
	}
	var err error
	if f.ByMethod, err = r.shares(ctx, "payments", month, map[string]string{"status": "succeeded"}, "method"); err != nil {
		return f, err
	}
	if f.NewCustomers, err = r.filtered(ctx, "customers", month.from, month.to, "cohort", r.nameOf(now, 0)); err != nil {
		return f, err
	}
	f.CAC = f.AcquisitionCost.per(f.NewCustomers)
	if err := r.lifetime(ctx, now, &f); err != nil {
		return f, err
	}
	f.Cohorts, err = r.cohortProfits(ctx, now)
	return f, err
}

// contribution is what is earned: see Finance.Contribution.
func contribution(revenue, goods, commission Money) Money {
	if commission.Minor != 0 {
		return commission
	}
	return Money{Minor: revenue.Minor - goods.Minor, Currency: revenue.Currency}
}

// per is m divided by n, halves away from zero; zero for none.
func (m Money) per(n int64) Money {
	if n <= 0 {
		return Money{Currency: m.Currency}
	}
	mean, err := ledger.SumOf(m.Minor).Mean(n)
	if err != nil {
		return Money{Currency: m.Currency}
	}
	return Money{Minor: mean, Currency: m.Currency}
}

func (r *Recorder) shares(ctx context.Context, metric string, of span, filter map[string]string, group string) ([]Share, error) {
	rows, err := r.Query(ctx, Query{Metric: metric, From: of.from, To: of.to, GroupBy: []string{group}, Filter: filter})
	if err != nil {
		return nil, err
	}
	return sharesOf(rows), nil
}

// earned are revenue, cost of goods and commission over a span, by group.
func (r *Recorder) earned(ctx context.Context, from, to time.Time, groups ...string) (map[string]*[3]Money, error) {
	by := map[string]*[3]Money{}
	for i, metric := range []string{"revenue", "cost_of_goods", "commission"} {
		rows, err := r.Query(ctx, Query{Metric: metric, From: from, To: to, GroupBy: groups})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			name := ""
			if len(row.Group) > 0 {
				name = row.Group[0]
			}
			if by[name] == nil {
				by[name] = &[3]Money{}
				for j := range by[name] {
					by[name][j].Currency = row.Money.Currency
				}
			}
			by[name][i] = row.Money
		}
	}
	return by, nil
}

// lifetime fills what is known of the value of a customer.
func (r *Recorder) lifetime(ctx context.Context, now time.Time, f *Finance) error {
	from, to := r.monthOf(now, -cohortMonths), r.monthOf(now, 1)
	all, err := r.earned(ctx, from, to)
	if err != nil {
		return err
	}
	customers, err := r.figure(ctx, "customers", from, to)
	if err != nil {
		return err
	}
	if e := all[""]; e != nil {
		f.LTVHistoric = contribution(e[0], e[1], e[2]).per(customers.Count)
	}
	churn, err := r.churn(ctx, now)
	if err != nil {
		return err
	}
	last, err := r.earned(ctx, r.monthOf(now, -1), r.monthOf(now, 0))
	if err != nil {
		return err
	}
	customers, err = r.figure(ctx, "customers", r.monthOf(now, -1), r.monthOf(now, 0))
	if err != nil {
		return err
	}
	f.LTVPredicted.Currency = f.Revenue.Currency
	if e := last[""]; e != nil && churn > 0 && customers.Count > 0 {
		monthly := float64(contribution(e[0], e[1], e[2]).Minor) / float64(customers.Count)
		f.LTVPredicted.Minor = int64(math.Round(monthly / (churn / 100)))
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

func (r *Recorder) cohortProfits(ctx context.Context, now time.Time) ([]CohortProfit, error) {
	from, to := r.monthOf(now, -cohortMonths), r.monthOf(now, 1)
	by, err := r.earned(ctx, from, to, "cohort")
	if err != nil {
		return nil, err
	}
	customers, err := r.Query(ctx, Query{Metric: "customers", From: from, To: to, GroupBy: []string{"cohort"}})
	if err != nil {
		return nil, err
	}
	size := map[string]int64{}
	for _, row := range customers {
		size[row.Group[0]] = row.Count
	}
	var all []CohortProfit
	for i := -cohortMonths; i <= 0; i++ {
		begin := r.monthOf(now, i)
		month := r.nameOf(now, i)
		e := by[month]
		if e == nil {
			continue
		}
		spent, err := r.figure(ctx, "acquisition_cost", begin, r.monthOf(now, i+1))
		if err != nil {
			return nil, err
		}
		c := CohortProfit{Month: month, Customers: size[month], Revenue: e[0], CostOfGoods: e[1], Commission: e[2], AcquisitionCost: spent.Money}
		c.Profit = contribution(c.Revenue, c.CostOfGoods, c.Commission)
		c.Profit.Minor -= spent.Money.Minor
		all = append(all, c)
	}
	return all, nil
}
