package perfmon

import (
	"math"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

func TestASampleOfTheRuntimeAllocatesNothing(t *testing.T) {
	g, p := newGoRuntime(time.Now()), newProcess(time.Now(), "/")
	defer p.close()
	points := 0
	emit := func(f metric.Family) { points += len(f.Points) }
	runtime.GC()
	for range 3 { // the runtime makes its histograms once
		g.produce(emit)
		p.produce(emit)
	}
	assert.Zero(t, testing.AllocsPerRun(20, func() { g.produce(emit) }))
	if runtime.GOOS == "linux" {
		assert.Zero(t, testing.AllocsPerRun(20, func() { p.produce(emit) }))
	}
	assert.Positive(t, points)
}

func BenchmarkProduceRuntime(b *testing.B) {
	g, p := newGoRuntime(time.Now()), newProcess(time.Now(), "/")
	defer p.close()
	emit := func(metric.Family) {}
	b.ReportAllocs()
	for b.Loop() {
		g.produce(emit)
		p.produce(emit)
	}
}

// Each of the runtime's buckets is told as its middle, to our 0.54 %.
func TestRuntimeHistogramsKeepTheirQuantiles(t *testing.T) {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	bounds := sample[0].Value.Float64Histogram().Buckets
	h := &runtimeHistogram{}
	h.layOut(bounds)
	for i := range len(bounds) - 1 {
		m := middle(bounds[i], bounds[i+1])
		clear(h.buckets)
		if h.places[i] < 0 {
			assert.Zero(t, m)
			continue
		}
		h.buckets[h.places[i]] = 1
		s := metric.Snapshot{Count: 1, Scale: histogramScale, Offset: h.lowest, Buckets: h.buckets}
		got := s.Quantile(0.99)
		assert.InEpsilon(t, m, got, 0.0055, "[%v, %v)", bounds[i], bounds[i+1])
		if l, u := bounds[i], bounds[i+1]; i > 1 && !math.IsInf(u, 1) {
			assert.True(t, got > l*0.995 && got < u*1.005, "%v in [%v, %v)", got, l, u)
		}
	}
	var set metrics.Value
	assert.False(t, h.set(set), "a runtime without the figure")
	metrics.Read(sample)
	require.True(t, h.set(sample[0].Value))
	var total uint64
	for _, n := range sample[0].Value.Float64Histogram().Counts {
		total += n
	}
	assert.Equal(t, total, h.snapshot.Count)
	if total > 0 {
		assert.NotZero(t, h.snapshot.Buckets[0], "trimmed")
		assert.NotZero(t, h.snapshot.Buckets[len(h.snapshot.Buckets)-1])
	}
}

func TestMiddles(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ l, u, want float64 }{
		{-inf, 0, 0}, {-inf, inf, 0}, {0, 64, 32}, {-1, 64, 32}, {3, inf, 3}, {1, 3, 1.5}, {-inf, 8, 4},
	} {
		assert.InDelta(t, c.want, middle(c.l, c.u), 1e-12, "%v", c)
	}
}

func TestUtilisationIsOfTheTimeSinceTheLastSample(t *testing.T) {
	p := &process{share: math.NaN()}
	assert.True(t, math.IsNaN(p.utilized(3, 0.5, 2)), "too early to say")
	assert.InDelta(t, 0.15, p.utilized(3, 10, 2), 1e-12)
	assert.InDelta(t, 0.15, p.utilized(3.4, 10.5, 2), 1e-12, "asked twice")
	assert.InDelta(t, 1, p.utilized(23, 20, 2), 1e-12)
	assert.InDelta(t, 1, p.utilized(24, 30, 0), 1e-12, "no CPU is no limit")
}
