package alerting

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/metric"
)

// share is a reading of k events of n in percent, with the bounds of Wilson.
func share(k, n int) metric.Reading {
	if n == 0 {
		return metric.Reading{Value: math.NaN()}
	}
	low, high := wilson(float64(k)/float64(n), float64(n))
	return metric.Reading{Value: 100 * float64(k) / float64(n), Low: 100 * low, High: 100 * high, Samples: uint64(n)}
}

func wilson(p, n float64) (low, high float64) {
	const z = 2.58
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, mid-half), min(1, mid+half)
}

func TestTheNoiseGuardWantsFiveBadEventsAndABoundThatBreaksTheLevel(t *testing.T) { // cases 72
	above, below := Level{Severity: P0, Threshold: 2}, Level{Severity: P0, Threshold: 99}
	for _, tc := range []struct {
		bad, n int
		pass   bool
	}{
		{1, 1, false}, {4, 4, false}, {5, 5, true}, {4, 50, false}, {5, 50, true}, // 5 of 50 is 10 %, at least 2.9 %
		{5, 100, false}, {60, 60, true}, {22, 1000, false}, {40, 1000, true},
	} {
		r := share(tc.bad, tc.n)
		assert.Equal(t, tc.pass, noiseGuard(false, r, 100)(r.Value, above), "error rate %v", tc)
	}
	for _, tc := range []struct {
		bad, n int
		pass   bool
	}{
		{1, 1, false}, {4, 20, false}, {5, 20, true}, {5, 250, false}, {20, 500, true}, {50, 50, true},
	} {
		r := share(tc.n-tc.bad, tc.n)
		assert.Equal(t, tc.pass, noiseGuard(true, r, 100)(r.Value, below), "payment success %v", tc)
	}
	assert.Nil(t, noiseGuard(false, plain(5), 1), "no share of counts: nothing to guard")
}

func TestAPlainShareOfTwoCountsAsScaledByItsIndicator(t *testing.T) {
	r := metric.Reading{Value: 0.5, Low: 0.3, High: 0.7, Samples: 9} // 4.5 of 9, rounded 5
	assert.True(t, noiseGuard(false, r, 0)(0.5, Level{Threshold: 0.2}))
	r.Samples = 8
	assert.False(t, noiseGuard(false, r, 0)(0.5, Level{Threshold: 0.2}))
}

func TestTheEvaluatorGuardsAndPushingDoesNot(t *testing.T) {
	b := newBench(t, Config{})
	b.board.define(metric.Indicator{Name: "error_rate", Scale: 100})
	b.board.set("error_rate", share(4, 50))
	b.step()
	assert.Empty(t, b.Active())
	b.board.set("error_rate", share(60, 60))
	b.step()
	assert.Len(t, b.Active(), 1)
	b.board.set("payment_success", plain(100))
	assert.NoError(t, b.CheckMetric(bg, "payment_success", 98))
	assert.Len(t, b.Active(), 2)
}
