package perfmon

import (
	"math"
	"runtime/metrics"

	"github.com/distri-night/monitoring/metric"
)

// runtimeHistogram turns a histogram of runtime/metrics into ours. The
// runtime's buckets are up to 25 % wide and ours 1.09 %: all of a bucket is
// counted at its middle, 2lu/(l+u), which is at most (u-l)/(u+l) off: 11 %, and
// below 4 times the runtime's step of 64 ns up to a half. The sum is made of
// the middles too.
type runtimeHistogram struct {
	snapshot metric.Snapshot
	middles  []float64 // of the runtime's buckets
	places   []int     // of ours from the lowest on; -1: zero
	lowest   int
	buckets  []uint64
}

const histogramScale = 6 // that of metric.Histogram

// set makes the snapshot v; false if the runtime has no such histogram.
func (h *runtimeHistogram) set(v metrics.Value) bool {
	if v.Kind() != metrics.KindFloat64Histogram {
		return false
	}
	from := v.Float64Histogram()
	if len(h.places) != len(from.Counts) {
		h.layOut(from.Buckets)
	}
	clear(h.buckets)
	s := &h.snapshot
	s.Count, s.Zero, s.Sum = 0, 0, 0
	first, last := len(h.buckets), -1
	for i, n := range from.Counts {
		if n == 0 {
			continue
		}
		s.Count += n
		if h.places[i] < 0 {
			s.Zero += n
			continue
		}
		s.Sum += float64(n) * h.middles[i]
		h.buckets[h.places[i]] += n
		first, last = min(first, h.places[i]), max(last, h.places[i])
	}
	s.Scale, s.Offset, s.Buckets = histogramScale, 0, nil
	if last >= 0 {
		s.Offset, s.Buckets = h.lowest+first, h.buckets[first:last+1]
	}
	return true
}

// layOut finds for each of the runtime's buckets the one of ours. bounds are
// one more than there are buckets.
func (h *runtimeHistogram) layOut(bounds []float64) {
	n := len(bounds) - 1
	h.middles, h.places = make([]float64, n), make([]int, n)
	h.lowest = math.MaxInt
	highest := math.MinInt
	for i := range n {
		m := middle(bounds[i], bounds[i+1])
		h.middles[i], h.places[i] = m, math.MinInt
		if m > 0 {
			h.places[i] = int(math.Ceil(math.Ldexp(math.Log2(m), histogramScale))) - 1
			h.lowest, highest = min(h.lowest, h.places[i]), max(highest, h.places[i])
		}
	}
	for i := range h.places {
		if h.places[i] == math.MinInt {
			h.places[i] = -1
		} else {
			h.places[i] -= h.lowest
		}
	}
	h.buckets = make([]uint64, max(0, highest-h.lowest+1))
}

// middle of [l, u). An end that is infinite is told by the other one; what is
// not above zero is zero.
func middle(l, u float64) float64 {
	switch {
	case u <= 0 || math.IsInf(l, -1) && math.IsInf(u, 1):
		return 0
	case math.IsInf(u, 1):
		return max(l, 0)
	case l <= 0:
		return u / 2
	default:
		return 2 * l * (u / (l + u))
	}
}
