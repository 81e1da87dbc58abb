package bizmetrics

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Product is how users take to the product.
type Product struct {
	Signups       int64   // this month
	Growth        float64 // of signups, to the same part of the month before, %; NaN: none before
	DAU, WAU, MAU int64   // distinct users seen today, in 7 and in 30 days, today among them
	Stickiness    float64 // DAU of MAU, %; NaN: no user
	Features      []Adoption
	Invitations   int64 // this month
	Referred      int64 // signups of this month that came by an invitation
	// ViralCoefficient is how many users each user brings:
	//
	//	K = invitations / MAU * referred / invitations = referred / MAU
	//
	// NaN: no user.
	ViralCoefficient float64
	// Churn is the share of the customers of the month before last who placed no
	// order in the last whole month, %; NaN: there were none.
	Churn   float64
	Cohorts []Cohort // of the last 12 months, the oldest first
}

// Adoption is how many use a feature, in 30 days.
type Adoption struct {
	Feature string
	Users   int64
	Uses    int64
	Share   float64 // of MAU, %; NaN: no user
}

// Cohort is the customers who first ordered in one month.
type Cohort struct {
	Month     string // "2026-03"
	Customers int64
	// Retained is the share of them that placed an order, in that month (100)
	// and each one after, %.
	Retained []float64
}

const (
	cohortMonths = 12
	activeDays   = 30
)

// Product reports by the days and months of Config.Location. The in-memory
// store knows single customers for 40 days, so that cohorts begin there; others
// know all.
func (r *Recorder) Product(ctx context.Context) (Product, error) {
	p := Product{Growth: math.NaN(), Stickiness: math.NaN(), ViralCoefficient: math.NaN(), Churn: math.NaN()}
	if r == nil {
		return p, ErrNotInitialized
	}
	now := r.now()
	month, day := thisMonth(now, r.cfg.calendar()), today(now)
	since := func(days int) time.Time { return (ledger.DateOf(now) - ledger.Date(days-1)).Start(now.Location()) }
	for _, figure := range []struct {
		to          *int64
		metric      string
		from, until time.Time
	}{
		{&p.Signups, "signups", month.from, month.to},
		{&p.Invitations, "invitations", month.from, month.to},
		{&p.DAU, "active_users", day.from, day.to},
		{&p.WAU, "active_users", since(7), day.to},
		{&p.MAU, "active_users", since(activeDays), day.to},
	} {
		row, err := r.figure(ctx, figure.metric, figure.from, figure.until)
		if err != nil {
			return p, err
		}
		*figure.to = row.Count
	}
	before, err := r.figure(ctx, "signups", month.before, month.sameTime)
	if err != nil {
		return p, err
	}
	p.Growth = change(float64(before.Count), float64(p.Signups))
	p.Stickiness = ledger.Share(p.DAU, p.MAU)
	if p.Referred, err = r.filtered(ctx, "signups", month.from, month.to, "status", "referred"); err != nil {
		return p, err
	}
	if p.MAU > 0 {
		p.ViralCoefficient = float64(p.Referred) / float64(p.MAU)
	}
	if p.Features, err = r.adoption(ctx, since(activeDays), day.to, p.MAU); err != nil {
		return p, err
	}
	if p.Churn, err = r.churn(ctx, now); err != nil {
		return p, err
	}
	p.Cohorts, err = r.cohorts(ctx, now)
	return p, err
}

// filtered is a count over one span, of one value of a group.
func (r *Recorder) filtered(ctx context.Context, metric string, from, to time.Time, group, value string) (int64, error) {
	rows, err := r.Query(ctx, Query{Metric: metric, From: from, To: to, Filter: map[string]string{group: value}})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Count, nil
}

func (r *Recorder) adoption(ctx context.Context, from, to time.Time, users int64) ([]Adoption, error) {
	by := map[string]*Adoption{}
	for _, metric := range []string{"feature_users", "feature_uses"} {
		rows, err := r.Query(ctx, Query{Metric: metric, From: from, To: to, GroupBy: []string{"feature"}})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			a := by[row.Group[0]]
			if a == nil {
				a = &Adoption{Feature: row.Group[0]}
				by[a.Feature] = a
			}
			if metric == "feature_users" {
				a.Users = row.Count
			} else {
				a.Uses = row.Count
			}
		}
	}
	all := make([]Adoption, 0, len(by))
	for _, a := range by {
		a.Share = ledger.Share(a.Users, users)
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Adoption) int {
		return cmp.Or(cmp.Compare(b.Users, a.Users), cmp.Compare(a.Feature, b.Feature))
	})
	return all, nil
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

// churn is of the last whole month.
func (r *Recorder) churn(ctx context.Context, now time.Time) (float64, error) {
	were, err := r.figure(ctx, "customers", r.monthOf(now, -2), r.monthOf(now, -1))
	if err != nil {
		return 0, err
	}
	stayed, err := r.figure(ctx, "returning_customers", r.monthOf(now, -1), r.monthOf(now, 0))
	if err != nil {
		return 0, err
	}
	return ledger.Share(were.Count-stayed.Count, were.Count), nil
}

// cohorts reads who of which cohort ordered in which month.
func (r *Recorder) cohorts(ctx context.Context, now time.Time) ([]Cohort, error) {
	ordered := map[string][]int64{} // by cohort, a count for each month from the first
	for i := range cohortMonths {
		from, to := r.monthOf(now, i-cohortMonths+1), r.monthOf(now, i-cohortMonths+2)
		rows, err := r.Query(ctx, Query{Metric: "customers", From: from, To: to, GroupBy: []string{"cohort"}})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			of := ordered[row.Group[0]]
			if of == nil {
				of = make([]int64, cohortMonths)
				ordered[row.Group[0]] = of
			}
			of[i] = row.Count
		}
	}
	var all []Cohort
	for i := range cohortMonths {
		month := r.nameOf(now, i-cohortMonths+1)
		of := ordered[month]
		if of == nil || of[i] == 0 {
			continue
		}
		c := Cohort{Month: month, Customers: of[i]}
		for _, n := range of[i:] {
			c.Retained = append(c.Retained, ledger.Share(n, c.Customers))
		}
		all = append(all, c)
	}
	return all, nil
}
