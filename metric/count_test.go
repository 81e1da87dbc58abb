package metric_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/metric"
)

var sales = metric.Indicator{Name: "sales", Of: metric.Selector{Metric: "sales"}, By: []string{"shop"}, Count: true}

// Whatever the ticker's jitter, and however processes end, what came until a
// process's last sample is in the sum once.
func TestACountAddsUpAcrossRestarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "count") //nolint:usetesting // of one check
		require.NoError(t, err)
		defer func() { assert.NoError(t, os.RemoveAll(dir)) }()
		now, total := at(0), 0.0
		for range rapid.IntRange(1, 4).Draw(t, "processes") {
			r, err := metric.NewRegistry(metric.Config{Manual: true, Dir: dir, Now: func() time.Time { return now }})
			require.NoError(t, err)
			require.NoError(t, r.Define(sales))
			shop := r.Counter(metric.Desc{Name: "sales", Keys: []string{"shop"}}).With("a")
			for range rapid.IntRange(0, 200).Draw(t, "samples") {
				now = now.Add(time.Duration(rapid.IntRange(1, 14_000).Draw(t, "ms")) * time.Millisecond)
				n := rapid.Uint64Range(0, 3).Draw(t, "events")
				shop.Add(n)
				total += float64(n)
				r.Sample(now)
				require.InDelta(t, total, sum(t, r, now), 0)
			}
			if rapid.Bool().Draw(t, "killed") {
				left, err := os.MkdirTemp("", "count") //nolint:usetesting // of one check
				require.NoError(t, err)
				require.NoError(t, os.CopyFS(left, os.DirFS(dir)))
				require.NoError(t, r.Close(context.Background()))
				require.NoError(t, os.RemoveAll(dir))
				dir = left
			} else {
				require.NoError(t, r.Close(context.Background()))
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "down")) * time.Second)
		}
	})
}

// A process that ends before its first sample has written nothing of what it
// made of the finer steps; the next one finds them older than they are kept.
func TestACountSurvivesAProcessThatNeverSampled(t *testing.T) {
	dir, now := t.TempDir(), at(0)
	start := func() *metric.Registry {
		r, err := metric.NewRegistry(metric.Config{Manual: true, Dir: dir, Now: func() time.Time { return now }})
		require.NoError(t, err)
		require.NoError(t, r.Define(sales))
		return r
	}
	kill := func(r *metric.Registry) {
		left := t.TempDir()
		require.NoError(t, os.CopyFS(left, os.DirFS(dir)))
		require.NoError(t, r.Close(context.Background()))
		dir = left
	}
	r := start()
	for range 20 {
		now = now.Add(10 * time.Second)
		r.Counter(metric.Desc{Name: "sales", Keys: []string{"shop"}}).With("a").Add(1)
		r.Sample(now)
	}
	kill(r)
	for range 3 {
		now = now.Add(50 * time.Minute)
		kill(start())
	}
	r = start()
	defer func() { require.NoError(t, r.Close(context.Background())) }()
	r.Sample(now)
	assert.InDelta(t, 20, sum(t, r, now), 0)
}

// sum is that of the last 30 days, after a look at each step of the history.
func sum(t require.TestingT, r *metric.Registry, now time.Time) float64 {
	month, err := r.Sum("sales", now.Add(-30*24*time.Hour), now.Add(time.Second))
	require.NoError(t, err)
	require.Len(t, month, 1)
	byShop, err := r.Sum("sales", now.Add(-30*24*time.Hour), now.Add(time.Second), "shop")
	require.NoError(t, err)
	if len(byShop) > 0 {
		require.InDelta(t, month[0].Value, byShop[0].Value, 0)
	}
	return month[0].Value
}

func TestASumIsOfItsSpan(t *testing.T) {
	now := at(0)
	r, err := metric.NewRegistry(metric.Config{Manual: true, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { assert.NoError(t, r.Close(context.Background())) }()
	require.NoError(t, r.Define(sales))
	empty, err := r.Sum("sales", at(-3600), at(0))
	require.NoError(t, err)
	assert.Equal(t, []metric.Sum{{}}, empty)
	c := r.Counter(metric.Desc{Name: "sales", Keys: []string{"shop"}})
	r.Sample(now)
	for i := 1; i <= 60; i++ { // one each 10 s
		now = at(10 * i)
		c.With("a").Add(1)
		if i > 30 {
			c.With("b").Add(2)
		}
		r.Sample(now)
	}
	five, err := r.Sum("sales", at(310), at(610), "shop")
	require.NoError(t, err)
	assert.Equal(t, []metric.Sum{
		{Values: []string{"a"}, Value: 30, Since: at(310).Local()},
		{Values: []string{"b"}, Value: 60, Since: at(310).Local()},
	}, five)
	all, err := r.Sum("sales", time.Time{}, now.Add(24*time.Hour))
	require.NoError(t, err)
	assert.InDelta(t, 120, all[0].Value, 0)
	assert.WithinDuration(t, at(10), all[0].Since, 0, "to the ten seconds, although the span is told by steps of 15 minutes")

	_, err = r.Sum("sales", at(0), at(10), "city")
	require.ErrorIs(t, err, metric.ErrInvalid)
	_, err = r.Sum("unheard of", at(0), at(10))
	require.ErrorIs(t, err, metric.ErrUnknown)
	_, err = r.Sum(metric.DroppedIndicator.Name, at(0), at(10))
	require.ErrorIs(t, err, metric.ErrInvalid)
}

func TestWhatComesAfterTheClockWasSetBackIsInTheSumToo(t *testing.T) {
	now := at(0)
	r, err := metric.NewRegistry(metric.Config{Manual: true, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { assert.NoError(t, r.Close(context.Background())) }()
	require.NoError(t, r.Define(sales))
	c := r.Counter(metric.Desc{Name: "sales", Keys: []string{"shop"}}).With("a")
	for _, step := range []struct{ second, events, sum int }{{10, 1, 1}, {1800, 1, 2}, {1810, 1, 3}, {20, 5, -1}, {1820, 1, 9}} {
		now = at(step.second)
		c.Add(uint64(step.events))
		r.Sample(now)
		if step.sum >= 0 {
			assert.InDelta(t, step.sum, sum(t, r, now), 0, "%v", step)
		}
	}
}

func TestACountIsOfEventsAlone(t *testing.T) {
	var s metric.Set
	for _, i := range []metric.Indicator{
		{Name: "a", Of: metric.Selector{Metric: "m"}, Per: metric.Selector{Metric: "n"}, Count: true},
		{Name: "b", Of: metric.Selector{Metric: "m"}, Quantile: 0.5, Count: true},
		{Name: "c", Of: metric.Selector{Metric: "m"}, Unit: "{sale}/s", Count: true},
	} {
		require.ErrorIs(t, s.Define(i), metric.ErrInvalid)
	}
	require.NoError(t, s.Define(sales))
}
