package metric_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }

func manual(t *testing.T) *metric.Registry {
	t.Helper()
	return configured(t, metric.Config{})
}

func configured(t *testing.T, c metric.Config) *metric.Registry {
	t.Helper()
	c.Manual = true
	c.Now = func() time.Time { return epoch }
	r, err := metric.NewRegistry(c)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, r.Close(context.Background())) })
	return r
}

func define(t *testing.T, r interface{ Define(metric.Indicator) error }, i metric.Indicator) {
	t.Helper()
	require.NoError(t, r.Define(i))
}

// read is the one reading of an indicator; NaN where there is no data.
func read(t *testing.T, r *metric.Registry, indicator string) float64 {
	t.Helper()
	got, err := r.Read(indicator)
	require.Len(t, got, 1)
	if math.IsNaN(got[0].Value) {
		require.ErrorIs(t, err, metric.ErrNoData)
	} else {
		require.NoError(t, err)
	}
	return got[0].Value
}

func of(name string) metric.Selector { return metric.Selector{Metric: name} }

func TestWhatAProducerCountedBeforeIsTheBaseline(t *testing.T) {
	r := manual(t)
	var s metric.Set
	c := s.Counter(metric.Desc{Name: "c", Keys: []string{"a"}})
	h := s.Histogram(metric.Desc{Name: "h"}).With()
	c.With("x").Add(100)
	h.Observe(1)
	define(t, &s, metric.Indicator{Name: "count", Of: of("c")})
	define(t, &s, metric.Indicator{Name: "median", Of: of("h"), Quantile: .5})
	unregister, err := r.Register(&s)
	require.NoError(t, err)
	r.Sample(at(10))
	assert.Equal(t, 0.0, read(t, r, "count"))
	assert.True(t, math.IsNaN(read(t, r, "median")))

	c.With("x").Add(5)
	c.With("new").Add(2)
	h.Observe(4)
	r.Sample(at(20))
	assert.Equal(t, 7.0, read(t, r, "count"))
	assert.InEpsilon(t, 4, read(t, r, "median"), maxError)
	assert.Equal(t, 7.0, value(t, r, "c"))

	c.With("x").Add(3) // since the last sample
	assert.EqualValues(t, 1, total(t, r, "h").Count)
	assert.Equal(t, 4.0, total(t, r, "h").Sum)
	h.Observe(9)
	unregister()
	unregister()
	c.With("x").Add(1000)
	h.Observe(1)
	r.Sample(at(30))
	assert.Equal(t, 10.0, read(t, r, "count"), "what was counted is kept")
	assert.EqualValues(t, 2, total(t, r, "h").Count)
	assert.Equal(t, 13.0, total(t, r, "h").Sum)
	assert.InEpsilon(t, 9, total(t, r, "h").Quantile(1), maxError)
}

// total is the one series of a histogram.
func total(t *testing.T, p metric.Producer, name string) metric.Snapshot {
	t.Helper()
	var s metric.Snapshot
	p.Produce(func(f metric.Family) {
		if f.Name == name {
			require.Len(t, f.Points, 1)
			s.Merge(*f.Points[0].Hist)
		}
	})
	return s
}

func TestProducersOfOneNameAddUp(t *testing.T) {
	r := manual(t)
	var a, b metric.Set
	d := metric.Desc{Name: "c", Keys: []string{"k"}}
	hd := metric.Desc{Name: "h"}
	gd := metric.Desc{Name: "g"}
	for _, s := range []*metric.Set{&a, &b} {
		s.Gauge(gd).With().Set(2)
		s.Histogram(hd)
		_, err := r.Register(s)
		require.NoError(t, err)
		define(t, s, metric.Indicator{Name: "c", Of: of("c")})
	}
	define(t, r, metric.Indicator{Name: "g", Of: of("g")})
	define(t, r, metric.Indicator{Name: "mean", Of: of("h"), Mean: true})
	a.Counter(d).With("x").Add(1)
	b.Counter(d).With("x").Add(2)
	b.Counter(d).With("y").Add(4)
	r.Counter(d).With("x").Add(8)
	a.Histogram(hd).With().Observe(1)
	b.Histogram(hd).With().Observe(2)
	r.Sample(at(10))
	assert.Equal(t, 15.0, read(t, r, "c"))
	assert.Equal(t, map[string]float64{"x": 11, "y": 4}, values(r, "c"))
	assert.Equal(t, 4.0, read(t, r, "g"))
	assert.Equal(t, 1.5, read(t, r, "mean"))
	assert.Equal(t, 3.0, total(t, r, "h").Sum)
}

func TestAConflictingProducerIsRefusedAndNothingOfItStays(t *testing.T) {
	r := manual(t)
	r.Counter(metric.Desc{Name: "c", Keys: []string{"k"}})
	define(t, r, metric.Indicator{Name: "i", Of: of("c")})
	r.Sample(at(10))
	for name, declare := range map[string]func(*metric.Set){
		"kind":      func(s *metric.Set) { s.Gauge(metric.Desc{Name: "c", Keys: []string{"k"}}) },
		"keys":      func(s *metric.Set) { s.Counter(metric.Desc{Name: "c"}) },
		"indicator": func(s *metric.Set) { _ = s.Define(metric.Indicator{Name: "i", Of: of("other")}) },
	} {
		t.Run(name, func(t *testing.T) {
			var s metric.Set
			s.Counter(metric.Desc{Name: "fresh"}).With().Add(1)
			declare(&s)
			_, err := r.Register(&s)
			require.ErrorIs(t, err, metric.ErrConflict)
			r.Sample(at(20))
			r.Produce(func(f metric.Family) { assert.NotEqual(t, "fresh", f.Name) })
		})
	}
	var s metric.Set
	_, err := r.Register(&s)
	require.NoError(t, err)
	_, err = r.Register(&s)
	assert.ErrorIs(t, err, metric.ErrConflict, "twice would count twice")
	_, err = r.Register(nil)
	assert.ErrorIs(t, err, metric.ErrInvalid)
	_, err = r.Register(r)
	assert.ErrorIs(t, err, metric.ErrInvalid)
	assert.ErrorIs(t, r.Define(metric.Indicator{Name: "i", Of: of("other")}), metric.ErrConflict)
}

func TestAConflictThatComesLaterIsLeftOutAndCounted(t *testing.T) {
	var out bytes.Buffer
	r := configured(t, metric.Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	var s metric.Set
	_, err := r.Register(&s)
	require.NoError(t, err)
	r.Counter(metric.Desc{Name: "c"}).With().Add(1)
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	s.Gauge(metric.Desc{Name: "c"}).With().Set(1000)
	for i := range 3 {
		r.Sample(at(10 * i))
	}
	assert.Equal(t, 1.0, read(t, r, "c"))
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
	assert.Equal(t, map[string]float64{"metric,conflict": 1}, values(r, metric.DroppedDesc.Name))
	assert.Zero(t, read(t, r, metric.DroppedIndicator.Name), "no event and no alert")
}

// figures is a producer of the caller's own.
type figures struct {
	mu       sync.Mutex
	families []metric.Family
	panics   bool
}

func (f *figures) Produce(emit func(metric.Family)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fam := range f.families {
		emit(fam)
	}
	if f.panics {
		panic("boom")
	}
}

func (f *figures) Indicators() []metric.Indicator { return nil }

func (f *figures) set(families ...metric.Family) { f.families = families }

func counter(name string, v float64) metric.Family {
	return metric.Family{Desc: metric.Desc{Name: name}, Kind: metric.KindCounter, Points: []metric.Point{{Value: v}}}
}

func TestACounterThatBeganAnewCountsFromZero(t *testing.T) {
	r := manual(t)
	p := &figures{}
	p.set(counter("c", 10))
	_, err := r.Register(p)
	require.NoError(t, err)
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	define(t, r, metric.Indicator{Name: "h", Of: of("h")})
	hist := func(buckets ...uint64) metric.Family {
		s := metric.Snapshot{Scale: 6, Offset: 5, Buckets: buckets}
		return metric.Family{Desc: metric.Desc{Name: "h"}, Kind: metric.KindHistogram, Points: []metric.Point{{Hist: &s}}}
	}
	p.set(counter("c", 15), hist(3, 1))
	r.Sample(at(10))
	p.set(counter("c", 2), hist(2, 2))
	r.Sample(at(20))
	assert.Equal(t, 7.0, read(t, r, "c"))
	assert.Equal(t, 8.0, read(t, r, "h"))
	p.set(counter("c", 1), hist())
	r.Sample(at(30))
	p.set(counter("c", 1), hist(0, 0, 7))
	r.Sample(at(40))
	assert.Equal(t, 8.0, read(t, r, "c"))
	assert.Equal(t, 15.0, read(t, r, "h"))
	assert.Equal(t, metric.Snapshot{Count: 15, Scale: 6, Offset: 5, Buckets: []uint64{5, 3, 7}}, total(t, r, "h"))
}

func TestHostileProducersDoNoHarm(t *testing.T) {
	var out bytes.Buffer
	r := configured(t, metric.Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	p := &figures{panics: true}
	point := func(k metric.Kind, p ...metric.Point) metric.Family {
		return metric.Family{Desc: metric.Desc{Name: fmt.Sprint("f", k), Keys: []string{"a"}}, Kind: k, Points: p}
	}
	huge := &metric.Snapshot{Scale: 40, Offset: math.MaxInt / 2, Buckets: []uint64{1}, Sum: math.NaN()}
	coarse := &metric.Snapshot{Scale: -3, Offset: math.MinInt / 2, Buckets: []uint64{1, 1}}
	p.set(
		point(metric.KindCounter, metric.Point{}, metric.Point{Values: []string{"x"}, Value: math.NaN()}, metric.Point{Values: []string{"x"}, Value: -1}, metric.Point{Values: []string{"x", "y"}}),
		point(metric.KindGauge, metric.Point{Values: []string{"x"}, Value: math.Inf(1)}, metric.Point{Values: []string{"y"}, Value: math.NaN()}),
		point(metric.KindHistogram, metric.Point{Values: []string{"x"}}, metric.Point{Values: []string{"h"}, Hist: huge}, metric.Point{Values: []string{"c"}, Hist: coarse}),
		point(9, metric.Point{Values: []string{"x"}}),
		metric.Family{},
	)
	_, err := r.Register(p)
	require.Error(t, err, "a family without a kind or name")
	p.families = p.families[:3]
	_, err = r.Register(p)
	require.NoError(t, err)
	c := r.Counter(metric.Desc{Name: "c"}).With()
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	define(t, r, metric.Indicator{Name: "g", Of: of("fgauge")})
	define(t, r, metric.Indicator{Name: "h", Of: of("fhistogram"), Mean: true})
	for i := range 3 {
		c.Add(1)
		huge.Buckets[0]++
		coarse.Buckets[0]++
		r.Sample(at(10 * i))
	}
	assert.Equal(t, 3.0, read(t, r, "c"))
	assert.True(t, math.IsNaN(read(t, r, "g")))
	got, err := r.Read("h")
	require.NoError(t, err)
	assert.EqualValues(t, 6, got[0].Samples)
	assert.Equal(t, 1, strings.Count(out.String(), "panicked"), out.String())
}

func TestPastMaxSeriesNewOnesBecomeOtherAndNothingIsLost(t *testing.T) {
	var out bytes.Buffer
	r := configured(t, metric.Config{MaxSeries: 20, Logger: slog.New(slog.NewTextHandler(&out, nil))})
	v := r.Counter(metric.Desc{Name: "c", Keys: []string{"k"}})
	g := r.Gauge(metric.Desc{Name: "g", Keys: []string{"k"}})
	h := r.Histogram(metric.Desc{Name: "h", Keys: []string{"k"}})
	for i := range 30 {
		v.With(fmt.Sprint(i)).Add(1)
		g.With(fmt.Sprint(i)).Set(1)
		h.With(fmt.Sprint(i)).Observe(1)
	}
	define(t, r, metric.Indicator{Name: "c", Of: of("c")})
	define(t, r, metric.Indicator{Name: "g", Of: of("g")})
	define(t, r, metric.Indicator{Name: "h", Of: of("h")})
	r.Sample(at(10))
	r.Sample(at(20))
	assert.Equal(t, 30.0, read(t, r, "c"))
	assert.Equal(t, 30.0, read(t, r, "g"))
	assert.Equal(t, 30.0, read(t, r, "h"))
	assert.LessOrEqual(t, len(values(r, "c"))+len(values(r, "g"))+len(values(r, "h")), 23)
	assert.Contains(t, values(r, metric.DroppedDesc.Name), "metric,max_series")
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
}

func TestAttrsAreOfAllPoints(t *testing.T) {
	r := configured(t, metric.Config{Attrs: map[string]string{"region": "eu", "k": "lost"}})
	r.Counter(metric.Desc{Name: "c", Keys: []string{"k"}}).With("x").Add(1)
	define(t, r, metric.Indicator{Name: "c", Of: metric.Selector{Metric: "c", Where: map[string]string{"region": "eu", "k": "x"}}})
	r.Sample(at(10))
	assert.Equal(t, 1.0, read(t, r, "c"))
	got, err := r.Read("c", "region")
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, []string{"eu"}, got[0].Values)
	assert.Equal(t, map[string]float64{"x,eu": 1}, values(r, "c"))
}

func TestTheTickerSamplesEachStepUntilClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := metric.NewRegistry(metric.Config{})
		require.NoError(t, err)
		var times []time.Duration
		start := time.Now()
		stop := r.OnSample(func(now time.Time) { times = append(times, now.Sub(start)) })
		c := r.Counter(metric.Desc{Name: "c"}).With()
		define(t, r, metric.Indicator{Name: "rate", Unit: "{x}/s", Of: of("c")})
		time.Sleep(5 * time.Second)
		for range 40 {
			c.Add(20)
			time.Sleep(10 * time.Second)
		}
		synctest.Wait()
		require.Len(t, times, 40)
		for i, d := range times {
			assert.Equal(t, time.Duration(i+1)*10*time.Second, d)
		}
		assert.Equal(t, 2.0, read(t, r, "rate"))
		stop()
		stop()
		time.Sleep(10 * time.Second)
		assert.Len(t, times, 40)
		require.NoError(t, r.Close(t.Context()))
		require.NoError(t, r.Close(t.Context()))
		r.Sample(time.Now())
		assert.InDelta(t, 580.0/300, read(t, r, "rate"), 1e-9, "what was sampled can be read")
	})
}

func TestAPanickingCallbackDoesNotEndTheSampling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r, err := metric.NewRegistry(metric.Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
		require.NoError(t, err)
		n := 0
		r.OnSample(func(time.Time) { panic("boom") })
		r.OnSample(func(time.Time) { n++ })
		time.Sleep(35 * time.Second)
		synctest.Wait()
		assert.Equal(t, 3, n)
		require.NoError(t, r.Close(t.Context()))
		assert.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
	})
}

func TestACallbackMayReadRegisterAndStopItself(t *testing.T) {
	r := manual(t)
	var s metric.Set
	var stop func()
	calls := 0
	stop = r.OnSample(func(time.Time) {
		calls++
		unregister, err := r.Register(&s)
		assert.NoError(t, err)
		_, err = r.Read(metric.DroppedIndicator.Name)
		assert.NoError(t, err)
		unregister()
		stop()
	})
	r.Sample(at(10))
	r.Sample(at(20))
	assert.Equal(t, 1, calls)
}

func TestCloseDoesNotWaitForEverForACallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := metric.NewRegistry(metric.Config{})
		require.NoError(t, err)
		release := make(chan struct{})
		r.OnSample(func(time.Time) { <-release })
		time.Sleep(11 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, r.Close(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, r.Close(t.Context()))
	})
}

func TestAWrongConfigNamesEveryWrongField(t *testing.T) {
	_, err := metric.NewRegistry(metric.Config{Step: -1, MaxSeries: -1, Attrs: map[string]string{"": "x"}})
	require.ErrorIs(t, err, metric.ErrInvalid)
	for _, f := range []string{"Step", "MaxSeries", "Attrs"} {
		assert.ErrorContains(t, err, f)
	}
}

func TestWritersReadersAndSamplesAtOnce(t *testing.T) {
	r := manual(t)
	define(t, r, metric.Indicator{Name: "p95", Of: of("h"), Quantile: .95, By: []string{"k"}})
	define(t, r, metric.Indicator{Name: "share", Unit: "%", Of: metric.Selector{Metric: "c", Where: map[string]string{"k": "1"}}, Per: of("c")})
	h := r.Histogram(metric.Desc{Name: "h", Keys: []string{"k"}})
	c := r.Counter(metric.Desc{Name: "c", Keys: []string{"k"}})
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 500 {
				k := fmt.Sprint(i % 7 * w)
				h.With(k).Observe(float64(i))
				c.With(k).Add(1)
				var s metric.Set
				s.Counter(metric.Desc{Name: "c", Keys: []string{"k"}}).With(k).Add(1)
				if i%50 == 0 {
					unregister, err := r.Register(&s)
					assert.NoError(t, err)
					s.Counter(metric.Desc{Name: "c", Keys: []string{"k"}}).With("mine").Add(1)
					unregister()
				}
				_, _ = r.Read("p95", "k")
				_, _ = r.ReadWindow("share", time.Hour)
				_, _ = r.History("p95", at(0), at(1000), "k")
			}
		})
	}
	for i := range 50 {
		r.Sample(at(10 * i))
	}
	wg.Wait()
	r.Sample(at(600))
	assert.Equal(t, 1530.0, value(t, r, "c"))
}
