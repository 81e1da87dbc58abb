package metric_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

// persisted opens a registry on dir whose clock stands at now.
func persisted(t *testing.T, dir string, now *time.Time) *metric.Registry {
	t.Helper()
	r, err := metric.NewRegistry(metric.Config{Manual: true, Dir: dir, Now: func() time.Time { return *now }})
	require.NoError(t, err)
	return r
}

func depthOf(t *testing.T, r *metric.Registry) *metric.Gauge {
	t.Helper()
	require.NoError(t, r.Define(metric.Indicator{Name: "depth", Of: metric.Selector{Metric: "depth"}, By: []string{"queue"}}))
	return r.Gauge(metric.Desc{Name: "depth", Keys: []string{"queue"}}).With("mail")
}

func points(t *testing.T, r *metric.Registry, from, to time.Time, by ...string) []float64 {
	t.Helper()
	s, err := r.History("depth", from, to, by...)
	require.NoError(t, err)
	require.Len(t, s, 1)
	return s[0].Points
}

func TestTheHistoryIsThereAgainAfterARestart(t *testing.T) {
	dir, now := t.TempDir(), at(0)
	r := persisted(t, dir, &now)
	depth := depthOf(t, r)
	for i := 1; i <= 12; i++ {
		now = at(10 * i)
		depth.Set(float64(i))
		r.Sample(now)
	}
	require.NoError(t, r.Close(context.Background()))

	now = at(150)
	r = persisted(t, dir, &now)
	depth = depthOf(t, r)
	depth.Set(99)
	r.Sample(now)
	want := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, math.NaN(), math.NaN(), 99}
	for _, by := range [][]string{nil, {"queue"}} {
		got := points(t, r, at(10), at(160), by...)
		require.Len(t, got, len(want))
		for i := range want {
			assert.Equal(t, math.Float64bits(want[i]), math.Float64bits(got[i]), "%d", i)
		}
	}
	minutes := points(t, r, at(-2*3600), at(120))
	assert.Equal(t, 3.0, minutes[len(minutes)-2], "the mean of 1 to 5")
	assert.Equal(t, 8.5, minutes[len(minutes)-1], "the mean of 6 to 11")
	require.NoError(t, r.Close(context.Background()))
}

// Nothing is closed, as after kill -9: each sample is in the kernel's hands, and
// the coarse cells that were open come from the finer ones.
func TestAKilledProcessLeavesItsHistory(t *testing.T) {
	dir, now := t.TempDir(), at(0)
	r := persisted(t, dir, &now)
	depth := depthOf(t, r)
	for i := 1; i <= 15; i++ {
		now = at(10 * i)
		depth.Set(float64(i))
		r.Sample(now)
	}
	left := t.TempDir()
	require.NoError(t, os.CopyFS(left, os.DirFS(dir)))
	require.NoError(t, r.Close(context.Background()))

	now = at(7200) // two hours later, when the fine points are too old
	for range 2 {
		r = persisted(t, left, &now)
		_ = depthOf(t, r)
		minutes := points(t, r, at(0), at(180))
		assert.Equal(t, []float64{3, 8.5}, minutes[:2])
		quarters := points(t, r, at(-25*3600), at(180))
		assert.Equal(t, 8.5, quarters[len(quarters)-1], "the last minute that was whole")
		require.NoError(t, r.Close(context.Background()))
	}
}

func TestATornTailCostsTheRecordThatIsTorn(t *testing.T) {
	dir, now := t.TempDir(), at(0)
	for round := range 3 {
		r := persisted(t, dir, &now)
		depth := depthOf(t, r)
		for range 2 {
			now = now.Add(10 * time.Second)
			depth.Set(float64(round + 1))
			r.Sample(now)
		}
		require.NoError(t, r.Close(context.Background()))
		files, err := filepath.Glob(filepath.Join(dir, "*", "history-10s.a"))
		require.NoError(t, err)
		require.Len(t, files, 1)
		info, err := os.Stat(files[0])
		require.NoError(t, err)
		require.NoError(t, os.Truncate(files[0], info.Size()-3))
	}
	r := persisted(t, dir, &now)
	_ = depthOf(t, r)
	got := points(t, r, at(10), at(70))
	assert.Equal(t, []float64{1, 2, 3}, []float64{got[0], got[2], got[4]})
	assert.True(t, math.IsNaN(got[1]) && math.IsNaN(got[3]))
	require.NoError(t, r.Close(context.Background()))
}

func TestAFolderThatCannotBeUsedMeansMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	now := at(0)
	r := persisted(t, file, &now)
	depthOf(t, r).Set(1)
	r.Sample(at(10))
	assert.Equal(t, []float64{1}, points(t, r, at(10), at(20)))
	require.NoError(t, r.Close(context.Background()))
}

func TestSegmentsTakeTurnsAndTheFileStaysBounded(t *testing.T) {
	dir, now := t.TempDir(), at(0)
	r := persisted(t, dir, &now)
	depth := depthOf(t, r)
	for i := range 1500 { // four hours
		now = now.Add(10 * time.Second)
		depth.Set(float64(i))
		r.Sample(now)
	}
	require.NoError(t, r.Close(context.Background()))
	files, err := filepath.Glob(filepath.Join(dir, "*", "history-10s.*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		assert.Less(t, info.Size(), int64(361*50+200), "two series, at most an hour")
	}
	r = persisted(t, dir, &now)
	depthOf(t, r)
	got := points(t, r, now.Add(-time.Hour), now.Add(time.Second))
	require.Len(t, got, 361)
	for i, v := range got {
		assert.Equal(t, float64(1139+i), v)
	}
	require.NoError(t, r.Close(context.Background()))
}

func TestHistoryTakesAnySpan(t *testing.T) {
	r := manual(t)
	g := r.Gauge(metric.Desc{Name: "g"}).With()
	define(t, r, metric.Indicator{Name: "g", Of: of("g"), By: []string{"k"}})
	g.Set(7)
	r.Sample(at(10))
	for _, tc := range []struct {
		name     string
		from, to time.Time
		want     bool // the point is in it
	}{
		{"all that can be said", time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{"from long ago", time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC), at(20), true},
		{"to long ago", time.Time{}, time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"the future", time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"backwards", at(20), at(10), false},
		{"nothing", at(10), at(10), false},
		{"its step alone", at(10), at(20), true},
		{"up to it", at(0), at(10), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := r.History("g", tc.from, tc.to)
			require.NoError(t, err)
			require.Len(t, s, 1)
			assert.Equal(t, tc.want, slices.Contains(s[0].Points, 7))
			assert.LessOrEqual(t, len(s[0].Points), 30*24*4+1)
		})
	}
	_, err := r.History("none", at(0), at(10))
	assert.ErrorIs(t, err, metric.ErrUnknown)
	_, err = r.History("g", at(0), at(10), "not kept by it")
	assert.ErrorIs(t, err, metric.ErrInvalid)
}
