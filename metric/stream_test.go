package metric

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newManual(t *testing.T) *Registry {
	t.Helper()
	r, err := NewRegistry(Config{Manual: true, Now: func() time.Time { return time.Unix(0, 0) }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close(t.Context())) })
	return r
}

func window(t *testing.T, r *Registry, name string, w time.Duration) Reading {
	t.Helper()
	got, _ := r.ReadWindow(name, w)
	require.Len(t, got, 1)
	return got[0]
}

// The rolling sum must be what merging the marks anew gives, also while a busy
// histogram's marks are put together, series come, and slots are left out.
func TestARollingWindowIsTheMarksMerged(t *testing.T) {
	r := newManual(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	h := r.Histogram(Desc{Name: "h", Keys: []string{"k"}})
	for i, w := range []time.Duration{time.Minute, 5 * time.Minute, 20 * time.Minute} {
		require.NoError(t, r.Define(Indicator{Name: strconv.Itoa(i), Of: Selector{Metric: "h"}, Quantile: .9, Window: w, By: []string{"k"}}))
	}
	now := time.Unix(0, 0)
	for i := range 200 {
		now = now.Add(time.Duration(1+rnd.IntN(3)) * 7 * time.Second)
		busy := h.With("busy")
		for range 800 {
			busy.Observe(math.Exp(rnd.NormFloat64() * 4))
		}
		if i%3 == 0 {
			h.With(strconv.Itoa(rnd.IntN(1 + i/20))).Observe(rnd.Float64())
		}
		r.Sample(now)
		if i%4 != 0 {
			continue
		}
		r.mu.Lock()
		a := r.state.families["h"]
		for _, ro := range r.state.rollings {
			want := make([]dense, len(ro.groups))
			for i, g := range ro.plan.group {
				if g >= 0 {
					a.streams[i].addTo(&want[g], ro.edge)
				}
			}
			if ro.stale {
				continue // made anew when it is asked for
			}
			for g := range want {
				w, got := want[g].snapshot(), ro.groups[g].snapshot()
				require.InDelta(t, w.Sum, got.Sum, 1e-6*max(1, w.Sum))
				w.Sum, got.Sum = 0, 0
				require.Equal(t, w, got)
			}
		}
		for _, st := range a.streams {
			require.LessOrEqual(t, st.bytes+st.held(), maxStreamBytes)
			n := 0
			for _, p := range st.parts {
				n += partBytes + len(p.buckets)
			}
			require.Equal(t, n, st.bytes)
			require.Len(t, st.parts, len(st.marks))
		}
		r.mu.Unlock()
	}
}

// A day of a counter takes a few hundred marks, and every window is exact
// to a sixtieth of its length.
func TestLongWindowsTakeFewMarksAndErrLittle(t *testing.T) {
	r := newManual(t)
	c := r.Counter(Desc{Name: "c"}).With()
	h := r.Histogram(Desc{Name: "h"}).With()
	require.NoError(t, r.Define(Indicator{Name: "c", Of: Selector{Metric: "c"}, Window: 24 * time.Hour}))
	require.NoError(t, r.Define(Indicator{Name: "h", Of: Selector{Metric: "h"}, Quantile: .5, Window: 24 * time.Hour}))
	const slots = 26 * 360
	cumulative := make([]float64, slots+1)
	now := time.Unix(0, 0)
	for i := 1; i <= slots; i++ {
		n := uint64(1 + i%7)
		c.Add(n)
		h.Observe(1)
		cumulative[i] = cumulative[i-1] + float64(n)
		now = now.Add(10 * time.Second)
		r.Sample(now)
	}
	for _, w := range []time.Duration{10 * time.Second, time.Minute, 20 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		n := int(w / (10 * time.Second))
		exact, off := cumulative[slots]-cumulative[slots-n], 0.
		if w > 20*time.Minute {
			off = exact / 60
		}
		assert.InDelta(t, exact, window(t, r, "c", w).Value, off, w)
		assert.InDelta(t, n, float64(window(t, r, "h", w).Samples), float64(n)/60+1, w)
	}
	for _, name := range []string{"c", "h"} {
		assert.Less(t, len(r.state.families[name].streams[0].marks), 550)
	}
}

// What no indicator reads has no past.
func TestAFamilyThatNobodyReadsKeepsNoMarks(t *testing.T) {
	r := newManual(t)
	c := r.Counter(Desc{Name: "c"}).With()
	for i := range 100 {
		c.Add(1)
		r.Sample(time.Unix(int64(10*i), 0))
	}
	st := r.state.families["c"].streams[0]
	assert.Empty(t, st.marks)
	assert.Equal(t, 100.0, st.cum)
	require.NoError(t, r.Define(Indicator{Name: "c", Of: Selector{Metric: "c"}}))
	c.Add(5)
	r.Sample(time.Unix(1000, 0))
	assert.Equal(t, 5.0, window(t, r, "c", time.Hour).Value, "from then on")
}

func TestAHistogramsBucketsSurviveTheirEncoding(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var back dense
		f := ref{stream: &stream{}}
		var before Snapshot
		for range 3 {
			s := Snapshot{Scale: scale, Offset: before.Offset, Zero: before.Zero + uint64(rnd.IntN(2)), Buckets: append([]uint64(nil), before.Buckets...)}
			if len(s.Buckets) == 0 {
				s.Offset = rnd.IntN(8000) + minIndex
				s.Buckets = make([]uint64, 1+rnd.IntN(150))
			}
			for range rnd.IntN(20) {
				s.Buckets[rnd.IntN(len(s.Buckets))] += uint64(rnd.ExpFloat64() * 100)
			}
			_, _ = f.advance(&s, nil)
			back.add(&f.delta)
			before = s
			want := dense{from: s.Offset, buckets: s.Buckets, zero: s.Zero}
			require.Equal(t, want.snapshot(), back.snapshot())
		}
	}
}
