package panels

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/bizmetrics"
)

func TestMoneyInASentence(t *testing.T) {
	for want, m := range map[string]bizmetrics.Money{
		"€21.31":         {Minor: 2131, Currency: "EUR"},
		"€0.05":          {Minor: 5, Currency: "EUR"},
		"€100":           {Minor: 10_000, Currency: "EUR"},
		"€1,182":         {Minor: 118_250, Currency: "EUR"},
		"$1,234,567":     {Minor: 123_456_789, Currency: "USD"},
		"¥10,000":        {Minor: 10_000, Currency: "JPY"},
		"1.250\u202fKWD": {Minor: 1250, Currency: "KWD"},
		"\u2212€7.50":    {Minor: -750, Currency: "EUR"},
	} {
		assert.Equal(t, want, amount(m))
	}
}

func TestSpansInWords(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"40 s": 40 * time.Second, "5 min": 5 * time.Minute, "119 min": 119 * time.Minute, "12 h": 12 * time.Hour, "3 days": 72 * time.Hour,
	} {
		assert.Equal(t, want, span(d))
	}
}

func TestAvailabilityWeighsByTraffic(t *testing.T) {
	nan := math.NaN()
	assert.InDelta(t, 99, availability([]float64{10, 0}, []float64{1, 9}), 1e-9)
	assert.InDelta(t, 100, availability([]float64{nan, nan}, []float64{0, 0}), 0, "no request, but the process lived")
	assert.InDelta(t, 100, availability([]float64{nan}, []float64{3}), 0, "too few requests for a rate")
	assert.True(t, math.IsNaN(availability(nil, []float64{nan})))
	assert.True(t, math.IsNaN(availability(nil, nil)))
}

func TestChangesWithinNoiseAreNotJudged(t *testing.T) {
	assert.Equal(t, "", changeCell(math.NaN()))
	text, good := pace(1000, 1005, "EUR")
	assert.Equal(t, "As usual by now", text)
	assert.Zero(t, good)
	text, good = pace(100_000, 218_250, "EUR")
	assert.Equal(t, "€1,182 behind the usual pace", text)
	assert.EqualValues(t, -1, good)
}

func TestTheAxisOfAShareStartsBelowAllOfIt(t *testing.T) {
	assert.InDelta(t, 70, floorOf([]float64{99.9, math.NaN(), 80.4}, 99), 0)
	assert.InDelta(t, 90, floorOf([]float64{99.9}, 99), 0)
	assert.InDelta(t, 0, floorOf([]float64{3}, 99), 0)
}
