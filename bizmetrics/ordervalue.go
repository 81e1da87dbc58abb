package bizmetrics

import (
	"context"
	"math"
)

// OrderValue is of this month's placed orders, by their totals before refunds.
type OrderValue struct {
	Mean   Money   // sum of totals / orders, halves up
	Median Money   // the middle total, or the mean of the two in the middle
	P95    Money   // the smallest total that 95 % of orders do not exceed (nearest rank)
	Change float64 // of the mean to that of all the month before, %; NaN: no order in it
}

// OrderValue reports on this month, by the days of Config.Location.
func (r *Recorder) OrderValue(ctx context.Context) (OrderValue, error) {
	v := OrderValue{Change: math.NaN()}
	if r == nil {
		return v, ErrNotInitialized
	}
	month := thisMonth(r.now(), r.cfg.calendar())
	for metric, to := range map[string]*Money{"order_value": &v.Mean, "order_value_median": &v.Median, "order_value_p95": &v.P95} {
		row, err := r.figure(ctx, metric, month.from, month.to)
		if err != nil {
			return v, err
		}
		*to = row.Money
	}
	before, err := r.figure(ctx, "order_value", month.before, month.from)
	if err != nil {
		return v, err
	}
	v.Change = change(float64(before.Money.Minor), float64(v.Mean.Minor))
	return v, nil
}
