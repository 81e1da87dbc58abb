package metric_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/distri-night/monitoring/metric"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func manual(t *testing.T) *metric.Registry {
	t.Helper()
	r, err := metric.NewRegistry(metric.Config{Manual: true, Now: func() time.Time { return epoch }})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, r.Close(context.Background())) })
	return r
}

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }

func TestAShareOfCountsOverItsWindow(t *testing.T) {
	r := manual(t)
	requests := r.Counter(metric.Desc{Name: "requests", Keys: []string{"outcome"}})
	require.NoError(t, r.Define(metric.Indicator{Name: "error_rate", Unit: "%", MinSamples: 50,
		Of:  metric.Selector{Metric: "requests", Where: map[string]string{"outcome": "error|panic"}},
		Per: metric.Selector{Metric: "requests"}}))
	requests.With("ok").Add(45)
	requests.With("error").Add(3)
	requests.With("panic").Add(1)
	r.Sample(at(10))
	got, err := r.Read("error_rate")
	require.ErrorIs(t, err, metric.ErrNoData)
	assert.True(t, math.IsNaN(got[0].Value))
	assert.EqualValues(t, 49, got[0].Samples)

	requests.With("ok").Add(1)
	r.Sample(at(20))
	got, err = r.Read("error_rate")
	require.NoError(t, err)
	assert.InDelta(t, 8, got[0].Value, 1e-9)
	assert.Less(t, got[0].Low, 8.0)
	assert.Greater(t, got[0].High, 8.0)
	assert.Equal(t, at(20), got[0].At)

	requests.With("ok").Add(50)
	r.Sample(at(300))
	got, err = r.Read("error_rate")
	require.NoError(t, err)
	assert.InDelta(t, 4, got[0].Value, 1e-9, "the window is from 0 to 300 s")
	r.Sample(at(310))
	got, err = r.Read("error_rate")
	require.NoError(t, err)
	assert.EqualValues(t, 51, got[0].Samples, "what came by 10 s has left")
}

func TestAQuantileOfAllSeriesAndByOne(t *testing.T) {
	r := manual(t)
	h := r.Histogram(metric.Desc{Name: "d", Unit: "s", Keys: []string{"route"}})
	require.NoError(t, r.Define(metric.Indicator{Name: "p95", Unit: "ms", Of: metric.Selector{Metric: "d"}, Quantile: .95, Scale: 1000, By: []string{"route"}}))
	for i := range 100 {
		h.With("/a").Observe(float64(i+1) / 1000)
		h.With("/b").Observe(.5)
	}
	r.Sample(at(10))
	got, err := r.Read("p95")
	require.NoError(t, err)
	assert.InEpsilon(t, 500, got[0].Value, .0055)
	got, err = r.Read("p95", "route")
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, []string{"/a"}, got[0].Values)
	assert.InEpsilon(t, 95, got[0].Value, .0055)
	s, err := r.History("p95", at(0), at(20), "route")
	require.NoError(t, err)
	require.Len(t, s, 2)
	assert.Len(t, s[0].Points, 2)
	assert.True(t, math.IsNaN(s[0].Points[0]))
	assert.Equal(t, got[0].Value, s[0].Points[1])
}
