package bizmetrics

import (
	"context"
	"fmt"
	"math"
)

// OrderValue is of this month's placed orders, by their totals before refunds
// and cancellations.
//
//	Mean = sum(totals) / orders
type OrderValue struct {
	Mean   Money   // sum of totals / orders, halves up
	Median Money   // the middle total, or the mean of the two in the middle, halves up
	P95    Money   // the smallest total that 95 % of orders do not exceed (nearest rank)
	Change float64 // of the mean to that of all the month before, %; NaN: no order in it
	Trend  []Row   // mean and orders of each of the last 12 months, this one the last; Value NaN: no order
}

// OrderValue reports on this month and the 11 before, by the calendar of
// Config. The in-memory store knows single totals for 40 days, which this month
// always is.
func (r *Recorder) OrderValue(ctx context.Context) (OrderValue, error) {
	v := OrderValue{Change: math.NaN()}
	if r == nil {
		return v, ErrNotInitialized
	}
	now := r.now()
	var err error
	if v.Trend, err = r.byMonth(ctx, "order_value", now, trendMonths); err != nil {
		return v, err
	}
	if len(v.Trend) != trendMonths {
		return v, fmt.Errorf("read order_value: the store gave %d months of %d", len(v.Trend), trendMonths)
	}
	v.Mean = v.Trend[trendMonths-1].Money
	v.Change = change(float64(v.Trend[trendMonths-2].Money.Minor), float64(v.Mean.Minor))
	month := thisMonth(now, r.cfg.calendar())
	for _, q := range []struct {
		metric string
		to     *Money
	}{{"order_value_median", &v.Median}, {"order_value_p95", &v.P95}} {
		row, err := r.figure(ctx, q.metric, month.from, month.to)
		if err != nil {
			return v, err
		}
		*q.to = row.Money
	}
	return v, nil
}
