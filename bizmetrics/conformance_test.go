package bizmetrics_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/oracle"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
	"github.com/distri-night/monitoring/bizmetrics/storetest"
)

func TestMemoryPassesTheSuite(t *testing.T) {
	storetest.Run(t, storetest.Suite{
		Open: func(_ testing.TB, c storetest.Config) bizmetrics.Store {
			return bizmetrics.NewMemory(c.Location, c.MonthStart)
		},
		Volatile: true,
	})
}

// The in-memory store keeps events 40 days, so each of these spans is one of
// 38 days around what goes wrong.
var spans = []struct {
	zone       string
	from       string
	monthStart int
	weekStart  time.Weekday
	journal    bool // written, and read back before the reports
	nows       []string
}{
	{"Europe/Berlin", "2026-03-02", 1, time.Monday, false, []string{"2026-03-17 11:20", "2026-03-29 12:00", "2026-03-30 02:30", "2026-03-31 23:59", "2026-04-01 00:00", "2026-04-08 18:30"}},
	{"Europe/Berlin", "2026-09-29", 25, time.Sunday, true, []string{"2026-10-25 12:00", "2026-10-26 02:30", "2026-10-31 09:00", "2026-11-04 23:00"}},
	{"Asia/Kolkata", "2026-04-20", 1, time.Monday, false, []string{"2026-04-30 23:59", "2026-05-01 00:10", "2026-05-26 08:00"}},
	{"Australia/Lord_Howe", "2026-03-05", 1, time.Saturday, false, []string{"2026-04-05 18:00", "2026-04-06 10:15"}},
	{"Australia/Lord_Howe", "2026-09-10", 25, time.Monday, true, []string{"2026-10-04 12:00", "2026-10-17 00:30"}},
}

func TestMemoryReportsEqualSQL(t *testing.T) {
	for i, s := range spans {
		t.Run(s.zone+" from "+s.from, func(t *testing.T) {
			zone, err := time.LoadLocation(s.zone)
			require.NoError(t, err)
			from, err := time.ParseInLocation("2006-01-02", s.from, zone)
			require.NoError(t, err)
			arrivals := workload.Generate(workload.Config{
				Seed: uint64(i), Events: oracle.Events() / len(spans), From: from, To: from.AddDate(0, 0, 38), Zone: zone, Roaming: 0.05,
			})
			o := oracle.Load(t, arrivals)
			ctx, clock := context.Background(), &workload.Clock{}
			clock.Set(arrivals[0].Clock)
			target := bizmetrics.Money{Minor: 150_000, Currency: workload.Currency}
			c := bizmetrics.Config{
				Currency: workload.Currency, Convert: workload.Convert, Location: zone, MonthStart: s.monthStart, WeekStart: &s.weekStart, Now: clock.Now,
				Target: target, Logger: slog.New(slog.DiscardHandler),
			}
			if s.journal {
				c.Dir = t.TempDir()
			}
			r, err := bizmetrics.New(c)
			require.NoError(t, err)
			defer func() { require.NoError(t, r.Close(ctx)) }()
			require.NoError(t, workload.Feed(ctx, r, clock, arrivals))
			require.Equal(t, workload.Outcomes(arrivals), workload.Counted(r))
			if s.journal {
				require.NoError(t, r.Close(ctx))
				r, err = bizmetrics.New(c)
				require.NoError(t, err)
			}
			o.CheckQueries(t, oracle.View{Zone: zone, MonthStart: s.monthStart}, from, from.AddDate(0, 0, 38), uint64(i), 2, r.Query)
			for n, now := range s.nows {
				at, err := time.ParseInLocation("2006-01-02 15:04", now, zone)
				require.NoError(t, err)
				clock.Set(at)
				tenant := []string{"", "t0", "", "t1"}[n%4]
				o.CheckReports(t, r, oracle.View{Now: at, Zone: zone, MonthStart: s.monthStart, WeekStart: s.weekStart, Target: target, Tenant: tenant})
			}
		})
	}
}
