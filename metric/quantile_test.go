package metric_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/metric"
)

// A quantile lies between the exact ones a thousandth below and above, widened
// by the error of a bucket: so also where the values leave a gap at it.
func TestQuantilesOfAMillionValuesLieBetweenTheirNeighbours(t *testing.T) {
	const (
		count     = 1_000_000
		aside     = .001
		widen     = .0055
		smallest  = .0001
		paretoTop = 1.1 // the mean is just finite
	)
	for name, draw := range map[string]func(*rand.Rand) float64{
		"log-normal": func(r *rand.Rand) float64 { return math.Exp(1.5*r.NormFloat64() - 5) },
		"bimodal": func(r *rand.Rand) float64 { // a cache's hits and misses
			if r.IntN(100) < 90 {
				return math.Exp(.2*r.NormFloat64() - 8)
			}
			return math.Exp(.3*r.NormFloat64() - 2)
		},
		"heavy-tailed": func(r *rand.Rand) float64 { return smallest * math.Pow(1-r.Float64(), -1/paretoTop) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(len(name))))
			var h metric.Histogram
			values := make([]float64, count)
			for i := range values {
				values[i] = draw(r)
				h.Observe(values[i])
			}
			slices.Sort(values)
			exact := func(q float64) float64 {
				return values[max(0, int(math.Ceil(min(max(q, 0), 1)*count))-1)]
			}
			s := h.Snapshot()
			for _, q := range []float64{.001, .01, .05, .1, .25, .5, .75, .8999, .9, .9001, .95, .99, .995, .999, .9999, .99999, 1} {
				got := s.Quantile(q)
				low, high := exact(q-aside)*(1-widen), exact(q+aside)*(1+widen)
				assert.True(t, low <= got && got <= high, fmt.Sprintf("q %v: %v is not in %v to %v", q, got, low, high))
			}
		})
	}
}
