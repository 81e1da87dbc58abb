package bizmetrics

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Product is how users take to the product. Users are told apart by the IDs in
// the events: customers of orders, users who answered, signed up, invited,
// used a feature or were reported active.
type Product struct {
	Signups int64 // this month
	// Growth is that of signups, to the same part of the month before:
	//
	//	100 (signups - signups before) / signups before
	//
	// NaN: none before.
	Growth        float64
	DAU, WAU, MAU int64   // distinct users seen today, in 7 and in 30 days, today among them
	Stickiness    float64 // 100 DAU / MAU, %; NaN: no user
	Features      []Adoption
	Invitations   int64 // this month
	Referred      int64 // signups of this month that came by an invitation
	// ViralCoefficient is how many users each user brings, all of it in the 30
	// days of MAU:
	//
	//	K = invitations per user * conversion
	//	  = invitations / MAU * referred signups / invitations
	//	  = referred signups / MAU
	//
	// NaN: no user. (D. Skok, Lessons Learned - Viral Marketing, 2009.)
	ViralCoefficient float64
	// Churn is the share of the customers of the month before last who placed no
	// order in the last whole month:
	//
	//	100 (customers - those who ordered in both months) / customers
	//
	// NaN: there were none, or the store no longer knows them.
	Churn   float64
	Cohorts []Cohort // of the last 12 months, this one the last
}

// Adoption is how many use a feature, in 30 days.
type Adoption struct {
	Feature string
	Users   int64
	Uses    int64
	Share   float64 // 100 Users / MAU, %; NaN: no user
}

// Cohort is the customers who first ordered in one month.
type Cohort struct {
	Month     string // "2026-03"
	Customers int64
	// Retained is the share of them that placed an order, in that month (100)
	// and each one after, %. NaN: the store no longer knows who ordered.
	Retained []float64
}

const (
	cohortMonths = 12
	activeDays   = 30
)

// Product reports by the calendar of Config. The in-memory store knows single
// customers for 40 days: cohorts begin there, a customer who comes back later
// is new to it, and Churn is known only while both its months are.
func (r *Recorder) Product(ctx context.Context) (Product, error) {
	p := Product{Growth: math.NaN(), Stickiness: math.NaN(), ViralCoefficient: math.NaN(), Churn: math.NaN()}
	if r == nil {
		return p, ErrNotInitialized
	}
	now := r.now()
	month, day := thisMonth(now, r.cfg.calendar()), today(now)
	since := func(days int) time.Time { return (ledger.DateOf(now) - ledger.Date(days-1)).Start(now.Location()) }
	window := span{from: since(activeDays), to: day.to}
	if err := r.signups(ctx, &p, month, window); err != nil {
		return p, err
	}
	for _, figure := range []struct {
		to          *int64
		metric      string
		from, until time.Time
	}{
		{&p.Invitations, "invitations", month.from, month.to},
		{&p.DAU, "active_users", day.from, day.to},
		{&p.WAU, "active_users", since(7), day.to},
		{&p.MAU, "active_users", window.from, window.to},
	} {
		row, err := r.figure(ctx, figure.metric, figure.from, figure.until)
		if err != nil {
			return p, err
		}
		*figure.to = row.Count
	}
	p.Stickiness = ledger.Share(p.DAU, p.MAU)
	if p.MAU > 0 {
		p.ViralCoefficient /= float64(p.MAU)
	} else {
		p.ViralCoefficient = math.NaN()
	}
	var err error
	if p.Features, err = r.adoption(ctx, window, p.MAU); err != nil {
		return p, err
	}
	ordered, err := r.cohorts(ctx, now, cohortMonths)
	if err != nil {
		return p, err
	}
	p.Cohorts = ordered.retention()
	p.Churn, err = r.churn(ctx, now, ordered)
	return p, err
}

// signups fills in the figures of who came. ViralCoefficient is then the number
// of referred ones.
func (r *Recorder) signups(ctx context.Context, p *Product, month, window span) error {
	count := func(s span) (all, referred int64, err error) {
		rows, err := r.breakdown(ctx, "signups", s, "status")
		for _, row := range rows {
			all += row.Count
			if row.Group[0] == "referred" {
				referred += row.Count
			}
		}
		return all, referred, err
	}
	var err error
	if p.Signups, p.Referred, err = count(month); err != nil {
		return err
	}
	before, _, err := count(span{from: month.before, to: month.sameTime})
	if err != nil {
		return err
	}
	p.Growth = change(float64(before), float64(p.Signups))
	_, referred, err := count(window)
	p.ViralCoefficient = float64(referred)
	return err
}

func (r *Recorder) adoption(ctx context.Context, window span, users int64) ([]Adoption, error) {
	by := map[string]*Adoption{}
	for _, metric := range []string{"feature_users", "feature_uses"} {
		rows, err := r.breakdown(ctx, metric, window, "feature")
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

// churn is of the last whole month. ordered reaches back to the one before.
func (r *Recorder) churn(ctx context.Context, now time.Time, ordered cohortTable) (float64, error) {
	were := ordered.total(len(ordered.months) - 3)
	stayed, err := r.figure(ctx, "returning_customers", r.monthOf(now, -1), r.monthOf(now, 0))
	if err != nil {
		return 0, err
	}
	return 100 * (were - stayed.Value) / were, nil // nothing of nothing, and what is not known: NaN
}
