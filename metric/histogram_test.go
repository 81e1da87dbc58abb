package metric_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/metric"
)

const maxError = .00542 // (b-1)/(b+1), b = 2^(1/64)

func TestQuantilesAreWithinTheErrorOfExactOnes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() float64{
		"log-normal": func() float64 { return math.Exp(rnd.NormFloat64() - 3) },
		"bimodal": func() float64 {
			if rnd.IntN(10) < 7 {
				return .004 * (1 + .1*rnd.Float64())
			}
			return 1.5 * (1 + .2*rnd.Float64())
		},
		"heavy-tailed": func() float64 { return .001 * math.Pow(1-rnd.Float64(), -1/1.1) },
		"constant":     func() float64 { return .1 },
		"whole":        func() float64 { return float64(1 + rnd.IntN(1000)) },
	} {
		t.Run(name, func(t *testing.T) {
			var h metric.Histogram
			values := make([]float64, 20_000)
			var sum float64
			for i := range values {
				values[i] = draw()
				sum += values[i]
				h.Observe(values[i])
			}
			slices.Sort(values)
			s := h.Snapshot()
			assert.EqualValues(t, len(values), s.Count)
			assert.InEpsilon(t, sum, s.Sum, 1e-11)
			for _, q := range []float64{0, .001, .01, .25, .5, .75, .9, .95, .99, .999, 1} {
				exact := values[max(0, int(math.Ceil(q*float64(len(values))))-1)]
				assert.InEpsilon(t, exact, s.Quantile(q), maxError, "q %v", q)
			}
		})
	}
}

func TestSumsOfWholeNumbersAreExact(t *testing.T) {
	var h metric.Histogram
	var sum float64
	for i := range 10_000 {
		h.Observe(float64(i))
		sum += float64(i)
	}
	assert.Equal(t, sum, h.Snapshot().Sum)
}

func TestWhatIsNotAboveZeroIsZero(t *testing.T) {
	var h metric.Histogram
	for _, v := range []float64{0, -1, math.Copysign(0, -1), -math.MaxFloat64, 1e-30, math.SmallestNonzeroFloat64} {
		h.Observe(v)
	}
	h.Observe(2)
	s := h.Snapshot()
	assert.EqualValues(t, 7, s.Count)
	assert.EqualValues(t, 6, s.Zero)
	assert.Equal(t, 2.0, s.Sum)
	assert.Zero(t, s.Quantile(.5))
	assert.InEpsilon(t, 2, s.Quantile(1), maxError)
}

func TestWhatIsNoNumberIsCountedApart(t *testing.T) {
	var set metric.Set
	h := set.Histogram(metric.Desc{Name: "h"}).With()
	g := set.Gauge(metric.Desc{Name: "g"}).With()
	h.Observe(math.NaN())
	h.Observe(math.Inf(1))
	h.Observe(math.Inf(-1))
	h.Observe(1)
	g.Add(math.Inf(1))
	g.Add(math.NaN())
	g.Add(2)
	assert.EqualValues(t, 1, h.Snapshot().Count)
	assert.Equal(t, 1.0, h.Snapshot().Sum)
	assert.Equal(t, 2.0, value(t, &set, "g"))
	assert.Equal(t, 5.0, value(t, &set, metric.DroppedDesc.Name))

	var bare metric.Histogram
	bare.Observe(math.NaN())
	assert.Zero(t, bare.Snapshot().Count)
	assert.True(t, math.IsNaN(bare.Snapshot().Quantile(.5)))
}

func TestTheRangeIsBoundedAndKeepsItsCounts(t *testing.T) {
	assert.LessOrEqual(t, int(unsafe.Sizeof(metric.Histogram{}))+40*(64*8+64*4), 32<<10)
	var h metric.Histogram
	for e := -64; e < 64; e++ {
		h.Observe(1.5 * math.Ldexp(1, e))
	}
	h.Observe(math.MaxFloat64)
	s := h.Snapshot()
	assert.EqualValues(t, 129, s.Count)
	var counted uint64
	octaves := make(map[int]bool)
	for i, n := range s.Buckets {
		counted += n
		if n > 0 {
			octaves[(s.Offset+i)>>6] = true
		}
	}
	assert.EqualValues(t, 129, counted)
	assert.LessOrEqual(t, len(octaves), 40)
}

// A cell is emptied each 32,768 observations, while others observe and copy.
func TestConcurrentObserversLoseNothing(t *testing.T) {
	var h metric.Histogram
	const observers, each = 4, 60_000
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var last uint64
	copying := make(chan struct{})
	go func() {
		defer close(copying)
		for {
			s := h.Snapshot()
			if s.Count < last {
				t.Errorf("count went from %d to %d", last, s.Count)
				return
			}
			last = s.Count
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	for range observers {
		wg.Go(func() {
			for range each {
				h.Observe(.25)
				h.Observe(3)
			}
		})
	}
	wg.Wait()
	close(stop)
	<-copying
	s := h.Snapshot()
	assert.EqualValues(t, 2*observers*each, s.Count)
	assert.InEpsilon(t, 3.25*observers*each, s.Sum, 1e-12)
}

func TestANilHandleDoesNothing(t *testing.T) {
	assert.NotPanics(t, func() {
		(*metric.Counter)(nil).Add(1)
		(*metric.Gauge)(nil).Set(1)
		(*metric.Gauge)(nil).Add(1)
		(*metric.Histogram)(nil).Observe(1)
		assert.Zero(t, (*metric.Histogram)(nil).Snapshot().Count)
		(*metric.Vec[metric.Counter])(nil).With("x").Add(1)
		(*metric.Set)(nil).Counter(metric.Desc{Name: "x"}).With().Add(1)
	})
}

func snapshots() *rapid.Generator[metric.Snapshot] {
	return rapid.Custom(func(t *rapid.T) metric.Snapshot {
		s := metric.Snapshot{
			Zero:   rapid.Uint64Range(0, 3).Draw(t, "zero"),
			Scale:  rapid.IntRange(-2, 8).Draw(t, "scale"),
			Offset: rapid.IntRange(-5000, 5000).Draw(t, "offset"),
		}
		s.Buckets = rapid.SliceOfN(rapid.Uint64Range(0, 3), 0, 40).Draw(t, "buckets")
		s.Count = s.Zero
		for _, n := range s.Buckets {
			s.Count += n
		}
		return s
	})
}

func merged(all ...metric.Snapshot) metric.Snapshot {
	var s metric.Snapshot
	for _, o := range all {
		s.Merge(o)
	}
	return s
}

func TestMergeIsAssociativeAndCommutative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := snapshots().Draw(t, "a"), snapshots().Draw(t, "b"), snapshots().Draw(t, "c")
		want := merged(a, b, c)
		require.Equal(t, want, merged(a, merged(b, c)))
		require.Equal(t, want, merged(c, b, a))
		require.Equal(t, a.Count+b.Count+c.Count, want.Count)
		n := want.Zero
		for _, x := range want.Buckets {
			n += x
		}
		require.Equal(t, want.Count, n)
	})
}

func TestMergedHistogramsAreTheHistogramOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.Float64Range(1e-6, 1e6)).Draw(t, "values")
		var parts [3]metric.Histogram
		var all metric.Histogram
		for i, v := range values {
			parts[i%3].Observe(v)
			all.Observe(v)
		}
		got, want := merged(parts[0].Snapshot(), parts[1].Snapshot(), parts[2].Snapshot()), all.Snapshot()
		require.Equal(t, want.Count, got.Count)
		if len(values) > 0 {
			require.InEpsilon(t, want.Sum, got.Sum, 1e-9)
			require.Equal(t, want.Buckets, got.Buckets)
			require.Equal(t, want.Offset, got.Offset)
		}
	})
}

func TestMergeLeavesTheOtherAsItIs(t *testing.T) {
	a := metric.Snapshot{Count: 2, Scale: 6, Offset: 3, Buckets: []uint64{0, 2, 0}}
	b := metric.Snapshot{Count: 1, Scale: 3, Offset: 1 << 40, Buckets: []uint64{1}}
	copyOfA := slices.Clone(a.Buckets)
	s := a
	s.Merge(b)
	assert.Equal(t, copyOfA, a.Buckets)
	assert.EqualValues(t, 3, s.Count, "offsets far apart cost a scale, not the memory")
	assert.LessOrEqual(t, len(s.Buckets), 1<<13)
}
