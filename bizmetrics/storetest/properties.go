package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// budget is how long the properties of one calendar are tried at most: a store
// that takes its time to open is tried less often. Under SOAK it is a minute,
// worth -rapid.checks=100000.
func budget() time.Duration {
	if os.Getenv("SOAK") != "" {
		return time.Minute
	}
	return 3 * time.Second
}

// testProperties appends generated events in batches of any size, and asks any
// questions in between and afterwards.
func testProperties(t *testing.T, s Suite) {
	for i, c := range calendars {
		t.Run(fmt.Sprintf("figures equal a plain recomputation, in %s, months from %d", c.zone, c.monthStart), func(t *testing.T) {
			deadline, failed := time.Now().Add(budget()), false
			rapid.Check(t, func(rt *rapid.T) {
				if !failed && time.Now().After(deadline) {
					return
				}
				ok := false
				defer func() { failed = failed || !ok }() // once it has failed, it is made smaller however long that takes
				property(rt, t, s, i)
				ok = true
			})
		})
	}
}

func property(rt *rapid.T, t *testing.T, s Suite, i int) {
	c := config(t, i)
	from := calendars[i].from.AddDate(0, 0, rapid.IntRange(0, 30).Draw(rt, "day"))
	to := from.AddDate(0, 0, rapid.IntRange(1, 150).Draw(rt, "days"))
	seed := rapid.Uint64().Draw(rt, "seed")
	arrivals := workload.Generate(workload.Config{
		Seed: seed, Events: rapid.IntRange(0, 80).Draw(rt, "events"), From: from, To: to, Zone: c.Location,
		Customers: 4, Suppliers: 3, Tenants: 2, Roaming: 0.1,
	})
	r := rand.New(rand.NewPCG(seed, 4))
	if rapid.Bool().Draw(rt, "in any order") { // months late too
		r.Shuffle(len(arrivals), func(i, j int) { arrivals[i], arrivals[j] = arrivals[j], arrivals[i] })
	}
	store := s.Open(t, c)
	defer func() { require.NoError(rt, store.Close()) }()
	all := encode(rt, arrivals)
	ask := func(n int) {
		m := newModel(arrivals[:n], c)
		for range rapid.IntRange(1, 8).Draw(rt, "questions") {
			metric := rapid.SampledFrom(workload.Metrics()).Draw(rt, "metric")
			check(rt, store, m, workload.Query(r, metric, from, to, c.Location, c.MonthStart))
		}
	}
	for n := 0; n < len(all); {
		size := min(rapid.IntRange(1, 40).Draw(rt, "batch"), len(all)-n)
		got, err := store.Append(context.Background(), all[n:n+size])
		require.NoError(rt, err)
		require.Equal(rt, workload.Outcomes(arrivals[:n+size]).Stored-workload.Outcomes(arrivals[:n]).Stored, count(got, bizmetrics.Stored))
		require.Equal(rt, workload.Outcomes(arrivals[:n+size]).Conflicts-workload.Outcomes(arrivals[:n]).Conflicts, count(got, bizmetrics.Conflict))
		n += size
		if rapid.Bool().Draw(rt, "asked at once") {
			ask(n)
		}
	}
	ask(len(all))
	n := 0
	for _, err := range store.Scan(context.Background(), everFrom, everTo) {
		require.NoError(rt, err)
		n++
	}
	require.Equal(rt, len(firstOf(all)), n)
}

func count(all []bizmetrics.Outcome, of bizmetrics.Outcome) (n int) {
	for _, o := range all {
		if o == of {
			n++
		}
	}
	return n
}
