package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

func testClose(t *testing.T, s Suite) {
	t.Run("may come twice", func(t *testing.T) {
		store := s.open(t) // whose end closes it a third time
		mustAppend(t, store, events(t, order("o1", 1000, noon))...)
		assert.NoError(t, store.Close())
		assert.NoError(t, store.Close())
	})
	t.Run("what is asked afterwards does no harm", func(t *testing.T) {
		store := s.open(t)
		require.NoError(t, store.Close())
		ctx := context.Background()
		assert.NotPanics(t, func() {
			_, _ = store.Append(ctx, events(t, order("o1", 1000, noon)))
			_, _ = store.Query(ctx, bizmetrics.Query{Metric: "revenue", From: noon, To: noon})
			for _, err := range store.Scan(ctx, everFrom, everTo) {
				_ = err // one or none
				break
			}
		})
	})
}

// testReopen holds a store to what it acknowledged.
func testReopen(t *testing.T, s Suite) {
	c := config(t, 0)
	from, to := calendars[0].from, calendars[0].from.AddDate(0, 0, days)
	arrivals := workload.Generate(workload.Config{Seed: 5, Events: 900, From: from, To: to, Zone: c.Location, Customers: 30, Suppliers: 8})
	all := encode(t, arrivals)
	half := len(all) / 2
	store := s.Open(t, c)
	mustAppend(t, store, all[:half]...)
	require.NoError(t, store.Close())

	store = s.openIn(t, c)
	again := mustAppend(t, store, all[:half]...)
	assert.NotContains(t, again, stored, "what was known is known")
	assert.Len(t, scanned(t, store, everFrom, everTo), len(firstOf(all[:half])))
	mustAppend(t, store, all[half:]...) // what belongs to orders from before
	m := newModel(arrivals, c)
	r := rand.New(rand.NewPCG(5, 5))
	for _, metric := range workload.Metrics() {
		check(t, store, m, bizmetrics.Query{Metric: metric, From: from.In(c.Location), To: to.In(c.Location), Monthly: true})
		check(t, store, m, workload.Query(r, metric, from, to, c.Location, c.MonthStart))
	}
}

func testConcurrency(t *testing.T, s Suite) {
	concurrently(t, func(t *testing.T, c Config) []bizmetrics.Store {
		store := s.openIn(t, c)
		return []bizmetrics.Store{store, store, store, store}
	})
}

// testReplicas has the stores of several processes write the same events.
func testReplicas(t *testing.T, s Suite) {
	concurrently(t, func(t *testing.T, c Config) []bizmetrics.Store {
		return []bizmetrics.Store{s.openIn(t, c), s.openIn(t, c), s.openIn(t, c)}
	})
}

// concurrently appends overlapping parts of a workload through each store,
// while reports are read: each key counts once, and the figures are exact in
// the end.
func concurrently(t *testing.T, open func(*testing.T, Config) []bizmetrics.Store) {
	t.Helper()
	c := config(t, 0)
	from, to := calendars[0].from, calendars[0].from.AddDate(0, 0, days)
	var arrivals []workload.Arrival // without conflicts: which of two is first is open here
	known := map[string]bool{}
	for _, a := range workload.Generate(workload.Config{Seed: 6, Events: 1500, From: from, To: to, Zone: c.Location, Customers: 30, Suppliers: 8}) {
		if key := workload.Key(a.Event); !known[key] {
			known[key] = true
			arrivals = append(arrivals, a)
		}
	}
	all, stores, ctx := encode(t, arrivals), open(t, c), context.Background()
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	taken := make([]int, len(stores))
	for w, store := range stores {
		writers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			mine := slices.Clone(all)
			r.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
			for len(mine) > 0 {
				n := min(1+r.IntN(60), len(mine))
				got, err := store.Append(ctx, mine[:n])
				if !assert.NoError(t, err) || !assert.Len(t, got, n) {
					return
				}
				for _, o := range got {
					if o == stored {
						taken[w]++
					}
					assert.NotEqual(t, conflict, o)
				}
				mine = mine[n:]
			}
		})
	}
	for _, store := range stores[:2] {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
				}
				rows, err := store.Query(ctx, bizmetrics.Query{Metric: "orders", From: from, To: to})
				if assert.NoError(t, err) && assert.Len(t, rows, 1) {
					assert.LessOrEqual(t, rows[0].Count, int64(len(all)))
				}
				n := 0
				for _, err := range store.Scan(ctx, from, from.AddDate(0, 0, 3)) {
					assert.NoError(t, err)
					n++
				}
				assert.LessOrEqual(t, n, len(all))
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	sum := 0
	for _, n := range taken {
		sum += n
	}
	assert.Equal(t, len(all), sum, "each key is stored by one of them")
	m := newModel(arrivals, c)
	for _, store := range stores {
		assert.Len(t, scanned(t, store, everFrom, everTo), len(all))
		for _, metric := range workload.Metrics() {
			check(t, store, m, bizmetrics.Query{Metric: metric, From: from.In(c.Location), To: to.In(c.Location), Monthly: true, GroupBy: []string{"tenant"}})
		}
	}
}
