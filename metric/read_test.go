package metric_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/metric"
)

func TestAShareOfCountsOverItsWindow(t *testing.T) {
	r := manual(t)
	requests := r.Counter(metric.Desc{Name: "requests", Keys: []string{"outcome"}})
	define(t, r, metric.Indicator{Name: "error_rate", Unit: "%", MinSamples: 50,
		Of:  metric.Selector{Metric: "requests", Where: map[string]string{"outcome": "error|panic"}},
		Per: of("requests")})
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
	assert.Equal(t, at(20), got[0].At)
	assert.EqualValues(t, 50, got[0].Samples)

	requests.With("ok").Add(50)
	r.Sample(at(300))
	assert.InDelta(t, 4, read(t, r, "error_rate"), 1e-9, "the window is from 0 to 300 s")
	r.Sample(at(310))
	got, err = r.Read("error_rate")
	require.NoError(t, err)
	assert.EqualValues(t, 51, got[0].Samples, "what came by 10 s has left")
	assert.Zero(t, got[0].Value)
}

// The bounds solve |p - k/n| = z sqrt(p (1-p) / n) for p.
func TestLowAndHighAreTheWilsonBounds(t *testing.T) {
	for _, tc := range []struct{ k, n uint64 }{{0, 10}, {1, 10}, {5, 10}, {10, 10}, {20, 1000}, {3, 1e6}} {
		r := manual(t)
		c := r.Counter(metric.Desc{Name: "c", Keys: []string{"bad"}})
		define(t, r, metric.Indicator{Name: "share", Of: metric.Selector{Metric: "c", Where: map[string]string{"bad": "y"}}, Per: of("c")})
		c.With("y").Add(tc.k)
		c.With("n").Add(tc.n - tc.k)
		r.Sample(at(10))
		got, err := r.Read("share")
		require.NoError(t, err)
		p, n := float64(tc.k)/float64(tc.n), float64(tc.n)
		for _, bound := range []float64{got[0].Low, got[0].High} {
			assert.InDelta(t, math.Abs(bound-p), 2.58*math.Sqrt(bound*(1-bound)/n), 1e-9, "%+v", tc)
		}
		assert.LessOrEqual(t, got[0].Low, p)
		assert.GreaterOrEqual(t, got[0].High, p)
	}
}

func TestSelectorsTakeAlternativesAndAMissingKeyAsEmpty(t *testing.T) {
	r := manual(t)
	c := r.Counter(metric.Desc{Name: "c", Keys: []string{"k"}})
	for _, k := range []string{"a", "b", "a|b", ""} {
		c.With(k).Add(1)
	}
	c.With("z").Add(100)
	for name, tc := range map[string]struct {
		where map[string]string
		want  float64
	}{
		"one":         {map[string]string{"k": "a"}, 1},
		"two":         {map[string]string{"k": "a|b"}, 3}, // and the value that is so spelt
		"empty":       {map[string]string{"k": ""}, 1},
		"or empty":    {map[string]string{"k": "|a"}, 2},
		"lacking":     {map[string]string{"missing": ""}, 104},
		"lacking not": {map[string]string{"missing": "x"}, 0},
	} {
		define(t, r, metric.Indicator{Name: name, Of: metric.Selector{Metric: "c", Where: tc.where}})
		r.Sample(at(10))
		assert.Equal(t, tc.want, read(t, r, name), name)
	}
}

func TestASumOrRateOfNoneIsZeroAndOfAnUnknownMetricNoData(t *testing.T) {
	r := manual(t)
	define(t, r, metric.Indicator{Name: "critical", Of: metric.Selector{Metric: "records", Where: map[string]string{"level": "critical"}}})
	define(t, r, metric.Indicator{Name: "rate", Unit: "{record}/s", Of: of("records")})
	define(t, r, metric.Indicator{Name: "least", Of: of("records"), MinSamples: 2})
	assert.True(t, math.IsNaN(read(t, r, "critical")), "no sample yet")
	r.Sample(at(10))
	assert.True(t, math.IsNaN(read(t, r, "critical")))
	c := r.Counter(metric.Desc{Name: "records", Keys: []string{"level"}})
	r.Sample(at(20))
	assert.Equal(t, 0.0, read(t, r, "critical"))
	assert.Equal(t, 0.0, read(t, r, "rate"))
	assert.True(t, math.IsNaN(read(t, r, "least")))
	c.With("critical").Add(3)
	r.Sample(at(30))
	assert.Equal(t, 3.0, read(t, r, "critical"))
	assert.Equal(t, .1, read(t, r, "rate"), "30 s since the start")
	assert.Equal(t, 3.0, read(t, r, "least"))
	r.Sample(at(320))
	r.Sample(at(330))
	assert.Equal(t, 0.0, read(t, r, "critical"))
}

func TestARateRightAfterTheStartIsThatOfOneStep(t *testing.T) {
	r := manual(t)
	define(t, r, metric.Indicator{Name: "rate", Unit: "{record}/s", Of: of("records")})
	c := r.Counter(metric.Desc{Name: "records"}).With()
	c.Add(20)
	r.Sample(at(0))
	assert.Equal(t, 2.0, read(t, r, "rate"))
	c.Add(10)
	r.Sample(at(5))
	assert.Equal(t, 3.0, read(t, r, "rate"))
	r.Sample(at(20))
	assert.Equal(t, 1.5, read(t, r, "rate"))
}

func TestGaugesReadTheirLastSample(t *testing.T) {
	r := manual(t)
	used := r.Gauge(metric.Desc{Name: "connections", Keys: []string{"pool", "state"}})
	most := r.Gauge(metric.Desc{Name: "max", Keys: []string{"pool"}})
	define(t, r, metric.Indicator{Name: "pool_use", Unit: "%", By: []string{"pool"}, MinSamples: 1,
		Of:  metric.Selector{Metric: "connections", Where: map[string]string{"state": "used"}},
		Per: of("max")})
	define(t, r, metric.Indicator{Name: "all", Of: of("connections")})
	used.With("a", "used").Set(8)
	used.With("a", "idle").Set(2)
	most.With("a").Set(10)
	used.With("b", "used").Set(1)
	most.With("b").Set(30)
	most.With("c").Set(30) // of which nobody says how many are used
	most.With("d").Set(0)
	used.With("d", "used").Set(0)
	r.Sample(at(10))
	got, err := r.Read("pool_use", "pool")
	require.NoError(t, err)
	require.Len(t, got, 4)
	assert.Equal(t, 80.0, got[0].Value)
	assert.Equal(t, got[0].Value, got[0].Low, "no share of counts")
	assert.InDelta(t, 100./30, got[1].Value, 1e-9)
	assert.True(t, math.IsNaN(got[2].Value))
	assert.True(t, math.IsNaN(got[3].Value), "no maximum")
	assert.Equal(t, 11.0, read(t, r, "all"))

	used.With("a", "used").Set(math.NaN())
	used.With("a", "idle").Set(0)
	r.Sample(at(20))
	got, err = r.Read("pool_use", "pool")
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got[0].Value))
	assert.Equal(t, 1.0, read(t, r, "all"))
}

func TestAGaugeIsGoneWithItsProducer(t *testing.T) {
	r := manual(t)
	var s metric.Set
	s.Gauge(metric.Desc{Name: "g"}).With().Set(5)
	define(t, &s, metric.Indicator{Name: "g", Of: of("g")})
	unregister, err := r.Register(&s)
	require.NoError(t, err)
	r.Sample(at(10))
	assert.Equal(t, 5.0, read(t, r, "g"))
	unregister()
	r.Sample(at(20))
	assert.True(t, math.IsNaN(read(t, r, "g")), "and its indicator is still known")
	require.NoError(t, r.Define(metric.Indicator{Name: "g", Of: of("g"), Scale: 2}), "and may be defined anew")
}

func TestFiguresOfAHistogram(t *testing.T) {
	r := manual(t)
	h := r.Histogram(metric.Desc{Name: "d", Unit: "s", Keys: []string{"route"}})
	define(t, r, metric.Indicator{Name: "p95", Unit: "ms", Of: of("d"), Quantile: .95, Scale: 1000})
	define(t, r, metric.Indicator{Name: "fast", Unit: "%", Of: of("d"), Below: .05})
	define(t, r, metric.Indicator{Name: "mean", Unit: "ms", Of: of("d"), Mean: true, Scale: 1000})
	define(t, r, metric.Indicator{Name: "rate", Unit: "{request}/s", Of: of("d")})
	define(t, r, metric.Indicator{Name: "of a", Unit: "%", Of: metric.Selector{Metric: "d", Where: map[string]string{"route": "/a"}}, Per: of("d")})
	for i := range 100 {
		h.With("/a").Observe(float64(i+1) / 1000)
	}
	for range 300 {
		h.With("/b").Observe(.5)
	}
	r.Sample(at(10))
	assert.InEpsilon(t, 500, read(t, r, "p95"), maxError)
	assert.InDelta(t, 12.5, read(t, r, "fast"), .25)
	assert.InDelta(t, (5.05+150)/400*1000, read(t, r, "mean"), 1e-6)
	assert.Equal(t, 40.0, read(t, r, "rate"))
	assert.Equal(t, 25.0, read(t, r, "of a"))
	fast, err := r.Read("fast")
	require.NoError(t, err)
	assert.Less(t, fast[0].Low, 12.0)
	assert.Greater(t, fast[0].High, 13.0)

	got, err := r.Read("p95", "route")
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, []string{"/a"}, got[0].Values)
	assert.InEpsilon(t, 95, got[0].Value, maxError)
	got, err = r.Read("p95", "nothing")
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, []string{""}, got[0].Values)
}

func TestAFigureThatAMetricHasNotIsNoData(t *testing.T) {
	r := manual(t)
	r.Counter(metric.Desc{Name: "c"}).With().Add(1)
	define(t, r, metric.Indicator{Name: "p", Of: of("c"), Quantile: .5})
	r.Sample(at(10))
	assert.True(t, math.IsNaN(read(t, r, "p")))
	_, err := r.Read("nobody's")
	assert.ErrorIs(t, err, metric.ErrUnknown)
	_, err = r.ReadWindow("p", -time.Second)
	assert.ErrorIs(t, err, metric.ErrInvalid)
}

func TestWithByTooFewIsNaNAndNoError(t *testing.T) {
	r := manual(t)
	c := r.Counter(metric.Desc{Name: "c", Keys: []string{"ok", "k"}})
	define(t, r, metric.Indicator{Name: "i", Of: metric.Selector{Metric: "c", Where: map[string]string{"ok": "n"}}, Per: of("c"), MinSamples: 3})
	got, err := r.Read("i", "k")
	require.NoError(t, err)
	assert.Empty(t, got)
	c.With("y", "a").Add(2)
	c.With("y", "b").Add(3)
	r.Sample(at(10))
	got, err = r.Read("i", "k")
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.True(t, math.IsNaN(got[0].Value))
	assert.EqualValues(t, 2, got[0].Samples)
	assert.Zero(t, got[1].Value, "none of three is bad")
}

func TestACounterOfSecondsHasEnoughSamples(t *testing.T) {
	r := manual(t)
	p := &figures{}
	_, err := r.Register(p)
	require.NoError(t, err)
	define(t, r, metric.Indicator{Name: "busy", Unit: "%", Of: of("busy"), Per: of("cpu")})
	p.set(counter("busy", .1), counter("cpu", .4))
	r.Sample(at(10))
	assert.Equal(t, 25.0, read(t, r, "busy"))
}

func TestLookupFillsDefaults(t *testing.T) {
	r := manual(t)
	define(t, r, metric.Indicator{Name: "i", Unit: "%", Of: of("a"), Per: of("b")})
	i, ok := r.Lookup("i")
	require.True(t, ok)
	assert.Equal(t, 5*time.Minute, i.Window)
	assert.Equal(t, 100.0, i.Scale)
	assert.EqualValues(t, 1, i.MinSamples)
	_, ok = r.Lookup("j")
	assert.False(t, ok)
	var names []string
	for _, i := range r.Indicators() {
		names = append(names, i.Name)
	}
	assert.Equal(t, []string{"monitoring_dropped", "i"}, names)
}

func TestAnotherSampleInTheSlotReplacesTheNewest(t *testing.T) {
	r := manual(t)
	c := r.Counter(metric.Desc{Name: "c"}).With()
	g := r.Gauge(metric.Desc{Name: "g"}).With()
	h := r.Histogram(metric.Desc{Name: "h"}).With()
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	define(t, r, metric.Indicator{Name: "g", Of: of("g")})
	define(t, r, metric.Indicator{Name: "h", Of: of("h"), Quantile: 1})
	for i := range 5 {
		c.Add(1)
		g.Set(float64(i))
		h.Observe(float64(i + 1))
		r.Sample(at(10 + i))
		assert.Equal(t, float64(i+1), read(t, r, "c"))
		assert.Equal(t, float64(i), read(t, r, "g"))
		assert.InEpsilon(t, i+1, read(t, r, "h"), maxError)
	}
	r.Sample(at(5)) // a clock that goes back is the newest slot, too
	assert.Equal(t, 5.0, read(t, r, "c"))
	r.Sample(at(309))
	assert.Equal(t, 5.0, read(t, r, "c"))
	r.Sample(at(310))
	assert.Equal(t, 0.0, read(t, r, "c"), "all of the slot leaves at once")
	assert.True(t, math.IsNaN(read(t, r, "h")))
}

func TestAFrozenProcessCountsOnlyTheSlotInWhichItThawed(t *testing.T) {
	r := manual(t)
	c := r.Counter(metric.Desc{Name: "c"}).With()
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	define(t, r, metric.Indicator{Name: "rate", Unit: "/s", Of: of("c")})
	for i := 1; i <= 10; i++ {
		c.Add(10)
		r.Sample(at(10 * i))
	}
	c.Add(7)
	r.Sample(at(10_000))
	assert.Equal(t, 7.0, read(t, r, "c"))
	assert.InDelta(t, 7.0/9900, read(t, r, "rate"), 1e-12, "over the time that it took")
	for i := 1; i <= 29; i++ {
		c.Add(1)
		r.Sample(at(10_000 + 10*i))
	}
	assert.Equal(t, 36.0, read(t, r, "c"))
	r.Sample(at(10_300))
	assert.Equal(t, 29.0, read(t, r, "c"))
}

func TestALongerWindowIsKeptFromTheFirstReadOn(t *testing.T) {
	r := manual(t)
	c := r.Counter(metric.Desc{Name: "c"}).With()
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	for i := 1; i <= 200; i++ {
		c.Add(1)
		r.Sample(at(10 * i))
		if i == 90 {
			_, err := r.ReadWindow("c", 24*time.Hour)
			require.NoError(t, err)
		}
	}
	got, err := r.ReadWindow("c", 24*time.Hour)
	require.NoError(t, err)
	assert.Equal(t, 200.0, got[0].Value, "asked before any was forgotten")
	got, err = r.ReadWindow("c", time.Minute)
	require.NoError(t, err)
	assert.Equal(t, 6.0, got[0].Value)
	assert.Equal(t, 30.0, read(t, r, "c"))
}

// Windows of any length, over samples at any times, against the plain sum of
// what was counted in their slots.
func TestWindowsAreWhatBruteForceSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := metric.NewRegistry(metric.Config{Manual: true, Now: func() time.Time { return epoch }})
		require.NoError(t, err)
		defer func() { _ = r.Close(t.Context()) }()
		c := r.Counter(metric.Desc{Name: "c"}).With()
		h := r.Histogram(metric.Desc{Name: "h", Keys: []string{"k"}})
		windows := rapid.SliceOfN(rapid.IntRange(1, 120), 1, 4).Draw(t, "windows")
		// The longest first, so that it is kept from the start.
		require.NoError(t, r.Define(metric.Indicator{Name: "c", Of: of("c"), Window: 20 * time.Minute}))
		require.NoError(t, r.Define(metric.Indicator{Name: "n", Of: of("h"), Window: 20 * time.Minute}))
		require.NoError(t, r.Define(metric.Indicator{Name: "max", Of: of("h"), Quantile: 1, Window: 20 * time.Minute}))
		require.NoError(t, r.Define(metric.Indicator{Name: "median", Of: of("h"), Quantile: .5, Window: 20 * time.Minute}))
		type event struct {
			slot  int
			value float64
		}
		var counted, observed []event
		second := 0
		for range rapid.IntRange(1, 30).Draw(t, "samples") {
			second += rapid.OneOf(rapid.IntRange(1, 30), rapid.Just(10), rapid.IntRange(100, 700)).Draw(t, "pause")
			slot := second / 10
			if n := rapid.IntRange(0, 3).Draw(t, "count"); n > 0 {
				c.Add(uint64(n))
				counted = append(counted, event{slot, float64(n)})
			}
			for range rapid.IntRange(0, 3).Draw(t, "observations") {
				v := rapid.Float64Range(1e-9, 1e9).Draw(t, "value")
				h.With(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key")).Observe(v)
				observed = append(observed, event{slot, v})
			}
			r.Sample(at(second))
			for _, w := range windows {
				within := func(all []event) (median, sum, largest float64, n int) {
					var in metric.Histogram
					for _, e := range all {
						if e.slot > slot-w {
							sum += e.value
							largest = max(largest, e.value)
							in.Observe(e.value)
							n++
						}
					}
					return in.Snapshot().Quantile(.5), sum, largest, n
				}
				value := func(name string) float64 {
					got, _ := r.ReadWindow(name, time.Duration(w)*10*time.Second)
					return got[0].Value
				}
				_, sum, _, _ := within(counted)
				require.Equal(t, sum, value("c"))
				median, _, largest, n := within(observed)
				require.Equal(t, float64(n), value("n"))
				if n == 0 {
					require.True(t, math.IsNaN(value("max")))
				} else {
					require.InEpsilon(t, largest, value("max"), maxError)
					require.Equal(t, median, value("median"))
				}
			}
		}
	})
}
