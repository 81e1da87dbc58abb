package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

const loadBatch = 5000

// Load fills an empty store up to each of some numbers of events, a year of
// them in all, and tells how fast that went and how long each report takes
// then, warm. It returns the report's times, by number and name.
func Load(t testing.TB, store bizmetrics.Store, upTo ...int) []map[string]time.Duration {
	t.Helper()
	all := upTo[len(upTo)-1]
	begin := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	b := NewBusiness(begin, max(all/360, 1000), 0)
	var times []map[string]time.Duration
	done := 0
	for _, n := range upTo {
		var spent time.Duration
		from := done
		for ; done < n; done += loadBatch {
			events, duplicates, err := b.Batch(loadBatch)
			require.NoError(t, err)
			start := time.Now()
			outcomes, err := store.Append(context.Background(), events)
			spent += time.Since(start)
			require.NoError(t, err)
			for _, o := range outcomes {
				if o == bizmetrics.Duplicate {
					duplicates--
				}
			}
			require.Zero(t, duplicates, "duplicates that were not found")
		}
		t.Logf("%d events: %.0f a second since %d", done, float64(done-from)/spent.Seconds(), from)
		times = append(times, reportTimes(t, store, b.Now()))
	}
	return times
}

func reportTimes(t testing.TB, store bizmetrics.Store, now time.Time) map[string]time.Duration {
	t.Helper()
	ctx := context.Background()
	loc, _ := store.(interface {
		Calendar() (*time.Location, int)
	}).Calendar()
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Location: loc, Store: keepOpen{store}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close(ctx)) }()
	times := map[string]time.Duration{}
	for _, report := range []struct {
		name string
		read func() error
	}{
		{"Revenue", func() error { _, err := r.Revenue(ctx); return err }},
		{"Transactions", func() error { _, err := r.Transactions(ctx); return err }},
		{"OrderValue", func() error { _, err := r.OrderValue(ctx); return err }},
		{"Suppliers", func() error { _, err := r.Suppliers(ctx); return err }},
		{"NPS", func() error { _, err := r.NPS(ctx); return err }},
		{"Product", func() error { _, err := r.Product(ctx); return err }},
		{"Finance", func() error { _, err := r.Finance(ctx); return err }},
		{"HealthReport", func() error { _, err := r.HealthReport(ctx); return err }},
	} {
		require.NoError(t, report.read())
		const rounds = 10
		best := time.Hour
		for range rounds {
			start := time.Now()
			require.NoError(t, report.read())
			best = min(best, time.Since(start))
		}
		times[report.name] = best
		t.Logf("%-13s %v", report.name, best)
	}
	return times
}

// keepOpen is a store that a Recorder does not close.
type keepOpen struct{ bizmetrics.Store }

func (keepOpen) Close() error { return nil }
