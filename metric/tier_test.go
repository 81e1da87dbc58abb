package metric

import (
	"bytes"
	"math"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFullSeriesOfTheHistoryIsAtMost40KiB(t *testing.T) {
	assert.EqualValues(t, 512, unsafe.Sizeof(chunk{}))
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	total := 0
	for _, tier := range tiers {
		var g ring
		first := tier.cell(start)
		for i := range 2 * tier.cells() {
			g.set(first+i, float64(i), first+i-tier.cells())
		}
		for i := range tier.cells() {
			require.Equal(t, float64(tier.cells()+i), g.get(first+tier.cells()+i))
		}
		total += len(g)*512 + cap(g)*8
	}
	assert.LessOrEqual(t, total, 40<<10)
}

func TestARingReadsGapsAsNaN(t *testing.T) {
	var g ring
	for _, cell := range []int64{-70, 5, 200} {
		g.set(cell, float64(cell), -1000)
	}
	out := make([]float64, 300)
	g.read(-80, out)
	for i, v := range out {
		if cell := i - 80; cell == -70 || cell == 5 || cell == 200 {
			assert.Equal(t, float64(cell), v)
		} else {
			assert.True(t, math.IsNaN(v))
		}
	}
	g.set(-500, 1, -400)
	assert.True(t, math.IsNaN(g.get(-500)), "older than is kept")
}

// A coarse point of a quantile is that of all the step, not a mean of means;
// a burst early in the quarter of an hour shows.
func TestCoarsePointsAreReadOverTheirWholeStep(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r, err := NewRegistry(Config{Manual: true, Now: func() time.Time { return start }})
	require.NoError(t, err)
	h := r.Histogram(Desc{Name: "h"}).With()
	c := r.Counter(Desc{Name: "c"}).With()
	g := r.Gauge(Desc{Name: "g"}).With()
	require.NoError(t, r.Define(Indicator{Name: "p99", Of: Selector{Metric: "h"}, Quantile: .99}))
	require.NoError(t, r.Define(Indicator{Name: "rate", Unit: "/s", Of: Selector{Metric: "c"}}))
	require.NoError(t, r.Define(Indicator{Name: "g", Of: Selector{Metric: "g"}}))
	const steps = 3 * 90
	for i := 1; i <= steps; i++ {
		now := start.Add(time.Duration(i) * 10 * time.Second)
		burst := i > 90 && i <= 95
		for range 10 {
			h.Observe(.01)
			if burst {
				h.Observe(8)
			}
		}
		c.Add(10)
		if burst {
			c.Add(900)
		}
		g.Set(float64(i % 90))
		r.Sample(now)
	}
	now := start.Add(steps * 10 * time.Second)
	quarter := func(name string, n int) float64 {
		s, err := r.History(name, now.Add(-25*time.Hour), now.Add(time.Second))
		require.NoError(t, err)
		require.Len(t, s, 1)
		require.Equal(t, 15*time.Minute, s[0].Step)
		return s[0].Points[int(start.Sub(s[0].Start)/s[0].Step)+n]
	}
	assert.InEpsilon(t, .01, quarter("p99", 0), .006)
	assert.InEpsilon(t, 8, quarter("p99", 1), .006, "at its end, the last five minutes had none")
	assert.InEpsilon(t, .01, quarter("p99", 2), .006)
	assert.InEpsilon(t, 1, quarter("rate", 0), 1e-9)
	assert.InDelta(t, 6, quarter("rate", 1), .01)
	assert.InDelta(t, 44, quarter("g", 1), 1, "the mean")
	fine, err := r.History("g", now.Add(-time.Minute), now.Add(time.Second))
	require.NoError(t, err)
	assert.Equal(t, []float64{84, 85, 86, 87, 88, 89, 0}, fine[0].Points)
	require.NoError(t, r.Close(t.Context()))
}

func TestALateTickLeavesNoGap(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 9, 990e6, time.UTC)
	r, err := NewRegistry(Config{Manual: true, Now: func() time.Time { return start }})
	require.NoError(t, err)
	g := r.Gauge(Desc{Name: "g"}).With()
	require.NoError(t, r.Define(Indicator{Name: "g", Of: Selector{Metric: "g"}}))
	g.Set(1)
	for i := 1; i <= 6; i++ {
		now := start.Add(time.Duration(i) * 10 * time.Second)
		if i == 3 {
			now = now.Add(20 * time.Millisecond)
		}
		r.Sample(now)
	}
	s, err := r.History("g", start.Add(10*time.Second), start.Add(60*time.Second))
	require.NoError(t, err)
	for _, v := range s[0].Points {
		assert.Equal(t, 1.0, v)
	}
	require.NoError(t, r.Close(t.Context()))
}

func FuzzHistoryFile(f *testing.F) {
	a := &recorded{historyKey: historyKey{"p95", "route", "/a"}, id: 1}
	b := &recorded{historyKey: historyKey{"p95", "", ""}, id: 2}
	good := append([]byte(magic), appendDefinition(nil, 1, a.historyKey)...)
	good = appendDefinition(good, 2, b.historyKey)
	good = appendCell(good, cellRecord{cell: 17, points: []cellPoint{{a, 1.5}, {b, 2.5}}})
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte(magic))
	f.Add([]byte{})
	f.Add(append([]byte(magic), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		var points int
		whole, err := readRecords(bytes.NewReader(data), func(historyKey, int64, float64) { points++ })
		require.NoError(t, err)
		require.LessOrEqual(t, whole, int64(len(data)))
		if whole == 0 {
			require.Zero(t, points)
			return
		}
		// What is whole stays readable, and more can be appended.
		more := appendCell(appendDefinition(bytes.Clone(data[:whole]), 1, a.historyKey), cellRecord{cell: 3, points: []cellPoint{{a, 1}}})
		again := 0
		end, err := readRecords(bytes.NewReader(more), func(historyKey, int64, float64) { again++ })
		require.NoError(t, err)
		require.EqualValues(t, len(more), end)
		require.Equal(t, points+1, again)
	})
}
