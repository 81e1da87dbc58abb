package postgres

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

var soak = os.Getenv("SOAK") != ""

// A year of events, and how long reports take: with SOAK set ten million of
// them, with times that are held to the goal; LOAD is another number.
func TestReportsStayFastAsEventsGrow(t *testing.T) {
	upTo := []int{10_000, 20_000}
	if n, err := strconv.Atoi(os.Getenv("LOAD")); err == nil {
		upTo = []int{n / 10, n / 5, n / 2, n}
	} else if soak {
		upTo = []int{1_000_000, 2_000_000, 5_000_000, 10_000_000}
	}
	times := enginetest.Load(t, openStore(t, newPool(t), Config{}), upTo...)
	if !soak {
		return
	}
	for i, n := range upTo {
		for report, took := range times[i] {
			assert.Less(t, took, 5*time.Millisecond, "%s at %d events", report, n)
		}
	}
}

// 100,000 orders a second for 20 s (for 0.1 s without SOAK) are accepted, and in
// the database within a minute of the end.
func TestWhatIsRecordedInABurstArrives(t *testing.T) {
	const perSecond, recorders = 100_000, 2
	n := perSecond / 10
	if soak {
		n = 20 * perSecond
	}
	ctx := context.Background()
	s := openStore(t, newPool(t), Config{})
	r, err := bizmetrics.New(bizmetrics.Config{Store: s, Dir: t.TempDir(), Currency: "EUR", Now: func() time.Time { return noon }})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close(ctx)) }()
	began := time.Now()
	var all sync.WaitGroup
	for g := range recorders {
		all.Go(func() {
			const pause = 2 * time.Millisecond
			next := time.Now()
			for i := g; i < n; i += recorders {
				id := strconv.Itoa(i)
				o := bizmetrics.Order{
					ID: id, CustomerID: "c" + strconv.Itoa(i%50_000), SupplierID: "s" + strconv.Itoa(i%200), Total: bizmetrics.Money{Minor: int64(100 + i%10_000), Currency: "EUR"},
				}
				if !assert.NoError(t, r.RecordOrder(ctx, o)) {
					return
				}
				if i/recorders%(perSecond/recorders/500) == 0 {
					next = next.Add(pause)
					time.Sleep(time.Until(next))
				}
			}
		})
	}
	all.Wait()
	accepted := time.Since(began)
	var rows []bizmetrics.Row
	for until := time.Now().Add(5 * time.Minute); time.Now().Before(until); { // Sync does not wait for a store that is slow
		require.NoError(t, r.Sync(ctx))
		rows, err = r.Query(ctx, bizmetrics.Query{Metric: "orders", From: noon.Add(-hour), To: noon.Add(hour)})
		require.NoError(t, err)
		if rows[0].Count >= int64(n) {
			break
		}
	}
	behind := time.Since(began) - accepted
	t.Logf("%d orders accepted in %v, in the database %v later: %.0f a second", n, accepted, behind, float64(n)/(accepted+behind).Seconds())
	assert.EqualValues(t, n, rows[0].Count)
	if soak {
		assert.Less(t, behind, time.Minute)
	}
}
