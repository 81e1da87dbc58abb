package oracle

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// Events is how many events a test takes: a million under SOAK.
func Events() int {
	if os.Getenv("SOAK") != "" {
		return 1_000_000
	}
	return 200_000
}

// histories are months of events for stores that keep all of them: each has
// both clock changes of its zone.
var histories = []struct {
	zone       string
	from       string
	months     int
	monthStart int
	journal    bool // stands before the store
	nows       []string
}{
	{"Europe/Berlin", "2025-02-14", 14, 1, false, []string{"2026-03-17 11:20", "2026-03-29 12:00", "2026-03-31 23:59", "2025-10-26 12:00", "2026-04-01 00:00"}},
	{"Asia/Kolkata", "2024-11-20", 9, 25, true, []string{"2025-04-24 23:59", "2025-04-25 00:10", "2025-05-26 08:00"}},
	{"Australia/Lord_Howe", "2025-09-10", 8, 1, false, []string{"2025-10-05 12:00", "2026-04-05 18:00", "2026-03-31 13:30"}},
}

// CheckStore records months of events through a Recorder into a store, and
// compares each of its reports, at several times and for several tenants, and
// queries of every kind, with what SQL says. open opens an empty store with
// such a calendar; the Recorder closes it.
func CheckStore(t *testing.T, open func(t testing.TB, loc *time.Location, monthStart int) bizmetrics.Store) {
	t.Helper()
	for i, h := range histories {
		t.Run(h.zone+" from "+h.from, func(t *testing.T) {
			zone, err := time.LoadLocation(h.zone)
			require.NoError(t, err)
			from, err := time.ParseInLocation(time.DateOnly, h.from, zone)
			require.NoError(t, err)
			to := from.AddDate(0, h.months, 0)
			arrivals := workload.Generate(workload.Config{Seed: 100 + uint64(i), Events: Events() / len(histories), From: from, To: to, Zone: zone, Roaming: 0.05})
			o := Load(t, arrivals)
			ctx, clock := context.Background(), &workload.Clock{}
			clock.Set(arrivals[0].Clock)
			target := bizmetrics.Money{Minor: 150_000, Currency: workload.Currency}
			c := bizmetrics.Config{
				Currency: workload.Currency, Convert: workload.Convert, Location: zone, MonthStart: h.monthStart, Now: clock.Now, Target: target,
				Store: open(t, zone, h.monthStart), Logger: slog.New(slog.DiscardHandler),
			}
			if h.journal {
				c.Dir = t.TempDir()
			}
			r, err := bizmetrics.New(c)
			require.NoError(t, err)
			defer func() { require.NoError(t, r.Close(ctx)) }()
			began := time.Now()
			require.NoError(t, workload.Feed(ctx, r, clock, arrivals))
			t.Logf("%d events stored in %v", len(arrivals), time.Since(began).Round(time.Millisecond))
			require.Equal(t, workload.Outcomes(arrivals), workload.Counted(r))
			v := View{Zone: zone, MonthStart: h.monthStart, WeekStart: time.Monday, Target: target}
			for n, now := range h.nows {
				v.Now, err = time.ParseInLocation("2006-01-02 15:04", now, zone)
				require.NoError(t, err)
				v.Tenant = []string{"", "t0", "", "t1"}[n%4]
				clock.Set(v.Now)
				o.CheckReports(t, r, v)
			}
			o.CheckQueries(t, v, from, to, uint64(i), 2, r.Query)
		})
	}
}
