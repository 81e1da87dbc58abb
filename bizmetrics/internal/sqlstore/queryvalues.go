package sqlstore

import (
	"math"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// quantiles answers medians and P95 of whole months from [OrderValues].
func (a *answer) quantiles() (bool, error) {
	if !a.c.Metric.Values() || !a.onlyAsked() {
		return false, nil
	}
	months, ok := inMonths(a.cal, a.steps)
	if !ok {
		return false, nil
	}
	for i, m := range months {
		v := valueRanks{r: a.r, scope: a.scope(), months: m}
		if err := v.read(); err != nil {
			return true, err
		}
		if v.n == 0 {
			continue
		}
		value, err := v.quantile(a.c.Q.Metric == "order_value_p95")
		if err != nil {
			return true, err
		}
		a.c.SetQuantile(ledger.Fact{Kind: ledger.KindPlaced, At: a.steps[i].from, Tenant: a.scope()}, v.n, value)
	}
	return true, nil
}

// valueRanks finds the order values of some months by their rank.
type valueRanks struct {
	r       Reader
	scope   string
	months  piece
	n       int64
	buckets [][2]int64 // bucket, how many values
}

func (v *valueRanks) counted(level, least, most int64) ([][2]int64, error) {
	s := Select{
		From: OrderValues, Columns: []string{"value"}, Sum: []string{"n"}, OrderBy: []string{"value"},
		Where: append(Among("month", v.months.first, v.months.end), Eq("scope", v.scope), Eq("level", level), AtLeast("value", least)),
	}
	if most < math.MaxInt64 {
		s.Where = append(s.Where, Less("value", most+1))
	}
	var found [][2]int64
	err := v.r.Select(s, func(row []Value) error {
		if row[1].Int != 0 {
			found = append(found, [2]int64{row[0].Int, row[1].Int})
		}
		return nil
	})
	return found, err
}

func (v *valueRanks) read() (err error) {
	v.buckets, err = v.counted(levelBucket, 0, math.MaxInt64)
	for _, b := range v.buckets {
		v.n += b[1]
	}
	return err
}

// quantile is the median or the P95, as [ledger.Median] and
// [ledger.NearestRank] define them.
func (v *valueRanks) quantile(p95 bool) (int64, error) {
	if p95 {
		return v.at((v.n*95+99)/100 - 1)
	}
	high, err := v.at(v.n / 2)
	if err != nil || v.n%2 == 1 {
		return high, err
	}
	low, err := v.at(v.n/2 - 1)
	return low + (high-low)/2 + (high-low)%2, err
}

// at is the value of a rank, 0 being the smallest's.
func (v *valueRanks) at(rank int64) (int64, error) {
	for _, b := range v.buckets {
		if rank >= b[1] {
			rank -= b[1]
			continue
		}
		least, most := bucketBounds(b[0])
		if least == most {
			return least, nil
		}
		values, err := v.counted(levelValue, least, most)
		for _, value := range values {
			if rank < value[1] {
				return value[0], err
			}
			rank -= value[1]
		}
		return 0, err
	}
	return 0, nil
}
