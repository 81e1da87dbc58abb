package bizmetrics

import (
	"math"
	"math/big"
	"slices"
	"time"
)

// What follows says again, as plainly as possible, what reports mean, by
// looking at all events for each figure. Nothing of the package's own
// computation is used.

type naive struct {
	loc       *time.Location
	orders    []Order
	refunds   []Refund
	payments  []Payment
	responses []SupplierResponse
	answers   []NPS
	offers    []SupplierOffer
	delivered []Delivery
	rate      func(Money) int64 // into the currency of the reports
}

// line is one movement of revenue.
type line struct {
	at     time.Time
	minor  int64
	status string
	order  Order // the placed one, if there is one
}

func (n *naive) movements() []line {
	var all []line
	placed := map[string]Order{}
	for _, o := range n.orders {
		if o.Status == Placed {
			placed[o.ID] = o
			all = append(all, line{o.At, n.rate(o.Total), "placed", o})
		}
	}
	type off struct {
		at     time.Time
		id     string
		order  string
		amount int64 // of a cancellation -1: all
	}
	var offs []off
	for _, r := range n.refunds {
		offs = append(offs, off{r.At, r.ID, r.OrderID, n.rate(r.Amount)})
	}
	for _, o := range n.orders {
		if o.Status == Cancelled {
			offs = append(offs, off{o.At, "", o.ID, -1})
		}
	}
	slices.SortFunc(offs, func(a, b off) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		if (a.amount < 0) != (b.amount < 0) { // a refund before a cancellation of the same moment
			if a.amount < 0 {
				return 1
			}
			return -1
		}
		if a.id < b.id {
			return -1
		}
		return 1
	})
	left := map[string]int64{}
	for id, o := range placed {
		left[id] = n.rate(o.Total)
	}
	for _, f := range offs {
		o, known := placed[f.order]
		status, amount := "refunded", f.amount
		if amount < 0 {
			status, amount = "cancelled", left[f.order]
		} else if known && amount > left[f.order] {
			amount = left[f.order]
		}
		if known {
			left[f.order] -= amount
		}
		all = append(all, line{f.at, -amount, status, o})
	}
	return all
}

func within(t, from, to time.Time) bool { return !t.Before(from) && t.Before(to) }

func (n *naive) revenue(from, to time.Time, keep func(line) bool) int64 {
	var sum int64
	for _, l := range n.movements() {
		if within(l.at, from, to) && keep(l) {
			sum += l.minor
		}
	}
	return sum
}

func anyLine(line) bool { return true }

// ofDay is the civil day of t, as a comparable text.
func (n *naive) ofDay(t time.Time) string { return t.In(n.loc).Format("2006-01-02") }

func (n *naive) revenueOfDays(days func(string) bool) int64 {
	var sum int64
	for _, l := range n.movements() {
		if days(n.ofDay(l.at)) {
			sum += l.minor
		}
	}
	return sum
}

func (n *naive) totals(days func(string) bool) []int64 {
	var all []int64
	for _, o := range n.orders {
		if o.Status == Placed && days(n.ofDay(o.At)) {
			all = append(all, n.rate(o.Total))
		}
	}
	slices.Sort(all)
	return all
}

func exactMean(values []int64) int64 {
	if len(values) == 0 {
		return 0
	}
	total := new(big.Int)
	for _, v := range values {
		total.Add(total, big.NewInt(v))
	}
	n := int64(len(values))
	total.Mul(total, big.NewInt(2)).Add(total, big.NewInt(n)) // halves up: (2 total + n) / 2n
	return total.Div(total, big.NewInt(2*n)).Int64()
}

func naiveMedian(sorted []int64) int64 {
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return exactMean([]int64{sorted[n/2-1], sorted[n/2]})
}

func naiveP95(sorted []int64) int64 {
	for i, v := range sorted {
		if float64(i+1) >= 0.95*float64(len(sorted))-1e-9 {
			return v
		}
	}
	return 0
}

// sameFloat holds for two NaN too.
func sameFloat(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9
}
