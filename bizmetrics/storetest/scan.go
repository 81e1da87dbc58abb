package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

func testScan(t *testing.T, s Suite) {
	arrivals := workload.Generate(workload.Config{Seed: 9, Events: 600, From: noon, To: noon.AddDate(0, 0, days)})
	all := encode(t, arrivals)
	fresh := firstOf(all)
	fill := func(t *testing.T) bizmetrics.Store {
		store := s.open(t)
		mustAppend(t, store, all...)
		return store
	}
	t.Run("gives each event that was stored, as it was, in order of time", func(t *testing.T) {
		got := scanned(t, fill(t), everFrom, everTo)
		require.Len(t, got, len(fresh))
		assert.True(t, slices.IsSortedFunc(got, func(a, b bizmetrics.Event) int { return a.At.Compare(b.At) }))
		for _, e := range got {
			want, known := fresh[e.Key]
			require.True(t, known, e.Key)
			assert.Equal(t, want.Kind, e.Kind)
			assert.True(t, want.At.Equal(e.At), "%s: want %v, got %v", e.Key, want.At, e.At)
			assert.JSONEq(t, string(want.Data), string(e.Data), e.Key)
		}
	})
	t.Run("begins with from and ends before to", func(t *testing.T) {
		store := s.open(t)
		mustAppend(t, store, events(t, order("o1", 1, noon), order("o2", 1, noon.Add(time.Microsecond)), order("o3", 1, noon.Add(time.Hour)))...)
		assert.Len(t, scanned(t, store, noon, noon.Add(time.Hour)), 2)
		assert.Len(t, scanned(t, store, noon.Add(time.Microsecond), noon.Add(time.Hour+time.Microsecond)), 2)
		assert.Empty(t, scanned(t, store, noon, noon))
		assert.Empty(t, scanned(t, store, noon.Add(time.Hour), noon), "an end before the start")
	})
	t.Run("ends when the caller has enough, and can be ranged over again", func(t *testing.T) {
		store := fill(t)
		seq := store.Scan(context.Background(), everFrom, everTo)
		for range 3 {
			n := 0
			for _, err := range seq {
				require.NoError(t, err)
				if n++; n == 5 {
					break
				}
			}
			require.Equal(t, 5, n)
		}
		mustAppend(t, store, events(t, order("later", 1, noon))...) // nothing is held
	})
	t.Run("ends with an error once its context is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var last error
		n := 0
		for _, err := range fill(t).Scan(ctx, everFrom, everTo) {
			if last = err; err != nil {
				continue // it must not go on
			}
			if n++; n == 3 {
				cancel()
			}
		}
		require.ErrorIs(t, last, context.Canceled)
		assert.Less(t, n, len(fresh))
	})
	t.Run("lets the caller ask and append in between", func(t *testing.T) {
		store := fill(t)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		n := 0
		for _, err := range store.Scan(ctx, everFrom, everTo) {
			require.NoError(t, err)
			if n++; n > 3 {
				continue
			}
			_, err = store.Query(ctx, bizmetrics.Query{Metric: "revenue", From: noon, To: noon.Add(time.Hour)})
			require.NoError(t, err)
			_, err = store.Append(ctx, all[:10])
			require.NoError(t, err)
		}
		assert.Equal(t, len(fresh), n)
	})
}

// firstOf are the events that count, by key.
func firstOf(all []bizmetrics.Event) map[string]bizmetrics.Event {
	first := map[string]bizmetrics.Event{}
	for _, e := range all {
		if _, known := first[e.Key]; !known {
			first[e.Key] = e
		}
	}
	return first
}
