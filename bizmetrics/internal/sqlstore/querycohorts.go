package sqlstore

import (
	"strconv"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// byCohort lets the Collector know cohorts by the facts' customers, which are
// the numbers of months here.
func (a *answer) byCohort() {
	a.c.FirstOrder = func(customer string) (int64, bool) {
		month, err := strconv.Atoi(customer)
		return a.cal.MonthBegin(ledger.Month(month)).UnixMicro(), err == nil
	}
}

// cohortFact is a fact of the customers of a cohort.
func (a *answer) cohortFact(kind ledger.Kind, at, cohort int64) ledger.Fact {
	f := ledger.Fact{Kind: kind, At: at, Tenant: a.scope()}
	if cohort != None {
		f.Customer = strconv.FormatInt(cohort, 10)
	}
	return f
}

// customers answers for the customers of whole months from [CohortMonths].
func (a *answer) customers() (bool, error) {
	m := a.c.Q.Metric
	if m != "customers" && m != "returning_customers" || !a.onlyAsked("cohort") {
		return false, nil
	}
	months, ok := inMonths(a.cal, a.steps)
	if !ok {
		return false, nil
	}
	singles := contiguous(months)
	if m == "returning_customers" && singles == nil {
		return false, nil
	}
	a.byCohort()
	if singles != nil {
		return true, a.buyersOf(*singles)
	}
	for i, months := range months {
		if err := a.buyersIn(a.steps[i].from, months); err != nil {
			return true, err
		}
	}
	return true, nil
}

// buyersOf counts the customers of each month.
func (a *answer) buyersOf(months piece) error {
	returning := a.c.Metric.Return
	where := []Cond{Eq("scope", a.scope()), AtLeast("month", months.first), Less("month", months.end), Not("placed", int64(0))}
	s := Select{From: CohortMonths, Columns: []string{"month", "cohort", "customers", "returning_customers"}, Where: where}
	return a.r.Select(s, func(row []Value) error {
		f := a.cohortFact(ledger.KindPlaced, begin(a.cal, GrainMonth, row[0].Int), row[1].Int)
		if returning {
			a.c.AddUsers(f, 0, row[3].Int)
		} else {
			a.c.AddUsers(f, row[2].Int, 0)
		}
		return nil
	})
}

// buyersIn counts the customers of several months: those who ordered last in
// them, if nobody did later; else one by one. A cohort is there also if all of
// its orders are nobody's.
func (a *answer) buyersIn(at int64, months piece) error {
	counts, later := map[int64]int64{}, false
	where := []Cond{Eq("scope", a.scope()), AtLeast("month", months.first), Not("placed", int64(0))}
	err := a.r.Select(Select{From: CohortMonths, Columns: []string{"month", "cohort", "last"}, Where: where}, func(row []Value) error {
		if row[0].Int >= months.end {
			later = later || row[2].Int != 0
		} else {
			counts[row[1].Int] += row[2].Int
		}
		return nil
	})
	if err == nil && later {
		for cohort := range counts {
			counts[cohort] = 0
		}
		err = a.countBuyers(months, counts)
	}
	for cohort, n := range counts {
		a.c.AddUsers(a.cohortFact(ledger.KindPlaced, at, cohort), n, 0)
	}
	return err
}

func (a *answer) countBuyers(months piece, counts map[int64]int64) error {
	first := map[string]int64{}
	where := []Cond{Eq("scope", a.scope()), AtLeast("month", months.first), Less("month", months.end), Not("placed", int64(0))}
	err := a.r.Select(Select{From: CustomerMonths, Columns: []string{"customer"}, Sum: []string{"placed"}, Where: where}, func(row []Value) error {
		first[row[0].Text] = -1
		return nil
	})
	if err != nil {
		return err
	}
	if !a.asked("cohort") {
		counts[None] = int64(len(first))
		return nil
	}
	if err := a.firstOrders(first); err != nil {
		return err
	}
	months0 := &cohorts{cal: a.cal}
	for _, at := range first {
		counts[months0.cohortOf(at)]++
	}
	return nil
}

// cohortTotals answers for money and orders of whole months by cohort.
func (a *answer) cohortTotals() (bool, error) {
	if !a.asked("cohort") || !a.onlyAsked("cohort") || a.c.Metric.Users || a.c.Metric.Values() {
		return false, nil
	}
	months, ok := inMonths(a.cal, a.steps)
	if !ok {
		return false, nil
	}
	a.byCohort()
	sums := make([]string, len(cohortSums))
	for i, c := range cohortSums {
		sums[i] = c.Name
	}
	if singles := contiguous(months); singles != nil {
		return true, a.cohortSums(*singles, []string{"month", "cohort"}, sums, a.steps[0].from)
	}
	for i, m := range months {
		if err := a.cohortSums(m, []string{"cohort"}, sums, a.steps[i].from); err != nil {
			return true, err
		}
	}
	return true, nil
}

// cohortSums adds the cohorts of some months: by month, or together at from.
func (a *answer) cohortSums(months piece, columns, sums []string, from int64) error {
	where := []Cond{Eq("scope", a.scope()), AtLeast("month", months.first), Less("month", months.end)}
	return a.r.Select(Select{From: CohortMonths, Columns: columns, Sum: sums, Where: where}, func(row []Value) error {
		at, cohort := from, row[len(columns)-1].Int
		if len(columns) == 2 {
			at = begin(a.cal, GrainMonth, row[0].Int)
		}
		for kind, place := range cohortPlaces {
			sum := row[len(columns)+place:]
			if sum[0].Int == 0 {
				continue
			}
			f := a.cohortFact(kind, at, cohort)
			f.N, f.Amount = sum[0].Int, ledger.SumOfParts(sum[1].Int, sum[2].Int)
			a.c.Add(f)
		}
		return nil
	})
}
