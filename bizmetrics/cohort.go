package bizmetrics

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// cohortTable is a metric of the last months, by the month in which the
// customers first ordered.
type cohortTable struct {
	months []string          // the oldest first, this one the last
	by     map[string][]cell // by cohort, one cell for each month
}

// cell is a figure of one cohort in one month.
type cell struct {
	value float64
	minor int64
}

// cohorts are the customers of the last n months, by cohort.
func (r *Recorder) cohorts(ctx context.Context, now time.Time, n int) (cohortTable, error) {
	return r.cohortMetric(ctx, "customers", now, n)
}

// cohortMetric reads a metric of the last n months.
func (r *Recorder) cohortMetric(ctx context.Context, metric string, now time.Time, n int) (cohortTable, error) {
	t := cohortTable{by: map[string][]cell{}}
	for i := range n {
		t.months = append(t.months, r.nameOf(now, i+1-n))
	}
	rows, err := r.byMonth(ctx, metric, now, n, "cohort")
	if err != nil {
		return t, err
	}
	cal := r.cfg.calendar()
	first := cal.MonthOf(r.monthOf(now, 1-n))
	for _, row := range rows {
		of := t.by[row.Group[0]]
		if of == nil {
			of = make([]cell, n)
			t.by[row.Group[0]] = of
		}
		if i := int(cal.MonthOf(row.At) - first); i >= 0 && i < n {
			of[i] = cell{value: row.Value, minor: row.Money.Minor}
		}
	}
	return t, nil
}

// total is the figure of month i, of all cohorts.
func (t cohortTable) total(i int) (sum float64) {
	for _, of := range t.by {
		sum += of[i].value
	}
	return sum
}

// of is what cohort has in month i.
func (t cohortTable) of(cohort string, i int) cell {
	if of := t.by[cohort]; of != nil {
		return of[i]
	}
	return cell{}
}

// size is how many customers the cohort of month i has: all of them ordered in
// it.
func (t cohortTable) size(i int) float64 { return t.of(t.months[i], i).value }

// retention is the share of each cohort that ordered in each month since.
func (t cohortTable) retention() (all []Cohort) {
	for i, month := range t.months {
		size := t.size(i)
		if !(size > 0) { // none, or not known
			continue
		}
		c := Cohort{Month: month, Customers: int64(size)}
		for j := i; j < len(t.months); j++ {
			c.Retained = append(c.Retained, 100*t.of(month, j).value/size)
		}
		all = append(all, c)
	}
	return all
}

// money is the total of the months from i until before j, of the cohorts that
// keep takes.
func (t cohortTable) money(i, j int, keep func(cohort string) bool) (int64, error) {
	var sum ledger.Sum
	for cohort, of := range t.by {
		if !keep(cohort) {
			continue
		}
		for _, c := range of[i:j] {
			sum = sum.Plus(ledger.SumOf(c.minor))
		}
	}
	minor, err := sum.Int64()
	if err != nil {
		return 0, fmt.Errorf("total since %s: %w", t.months[i], err)
	}
	return minor, nil
}
