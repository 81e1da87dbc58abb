package perfmon

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The goldens come from Lighthouse's own statistics module.
func TestScoresMatchTheReference(t *testing.T) {
	for _, tc := range []struct {
		c           curve
		value, want float64
	}{
		{curve{1800, 3000}, 1000, 99.71}, {curve{1800, 3000}, 2400, 71.22}, {curve{1800, 3000}, 4200, 19.93},
		{curve{900, 1600}, 1200, 73.92}, {curve{2500, 4000}, 1500, 99.63}, {curve{2500, 4000}, 6000, 13.45},
		{curve{1200, 2400}, 800, 97.89}, {curve{1200, 2400}, 4000, 17.25}, {curve{0.1, 0.25}, 0.05, 98.78},
		{curve{0.1, 0.25}, 0.4, 25.55}, {curve{200, 500}, 320, 73.38}, {curve{800, 1800}, 3000, 20.98},
		{curve{200, 400}, 800, 10.00}, {curve{100, 300}, 200, 68.19}, {curve{100, 300}, 0, 100},
		{curve{100, 300}, 100, 90}, {curve{100, 300}, 300, 50},
	} {
		assert.InDelta(t, tc.want, tc.c.score(tc.value), 0.006, tc)
	}
}

func TestTheScoreIsRenormalisedOverWhatIsKnown(t *testing.T) {
	all := map[string]float64{"lcp": 1800, "fcp": 1200, "inp": 320, "cls": 0.15, "ttfb": 300}
	assert.InDelta(t, 72.64, uxScore("desktop", all), 0.01)
	assert.InDelta(t, 90, uxScore("mobile", map[string]float64{"lcp": 2500, "fcp": math.NaN()}), 1e-9)
	assert.True(t, math.IsNaN(uxScore("mobile", nil)))
}

func TestFIDDoesNotCountBesideINP(t *testing.T) {
	assert.InDelta(t, 90, uxScore("mobile", map[string]float64{"inp": 200, "fid": 5000}), 1e-9)
	assert.InDelta(t, 50, uxScore("mobile", map[string]float64{"fid": 300}), 1e-9)
}
