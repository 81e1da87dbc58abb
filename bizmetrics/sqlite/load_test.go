package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

const (
	loadBatch   = 5000
	wantedRate  = 30_000 // events a second, on a machine that does nothing else
	wantedSpeed = 5 * time.Millisecond
)

// TestManyEventsSlowNothingDown stores a year of events, among them some that
// are there already, and reads all reports. With SOAK there are ten million;
// between them come bursts, as fast as events are wanted to come, and both the
// rate and the reports must be as fast at the end as they were at first. LOAD
// takes another number of events, TENANTS their tenants, which cost a scope each.
func TestManyEventsSlowNothingDown(t *testing.T) {
	events, soak := 40_000, os.Getenv("SOAK") != ""
	if soak {
		events = 10_000_000
	}
	if n, err := strconv.Atoi(os.Getenv("LOAD")); err == nil {
		events = n
	}
	tenants := strings.Fields(os.Getenv("TENANTS"))
	if !soak {
		tenants = []string{"north", "south"}
	}
	path := filepath.Join(t.TempDir(), "events.db")
	l := load{s: openAt(t, path, Config{}), b: newBusiness(time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), events/365, tenants...)}
	parts, burst, rounds := 1, loadBatch, 1
	if events > 10*loadBatch {
		parts, burst, rounds = 10, 20*loadBatch, 10
	}
	stored := 0
	for range parts {
		history := l.rate(t, events/parts)
		gap := l.b.gap
		l.b.gap = int64(time.Second/time.Microsecond) / wantedRate
		live := l.rate(t, burst)
		l.b.gap = gap
		stored += events/parts + burst
		reports := timeReports(t, l.s, time.UnixMicro(l.b.at).UTC(), rounds)
		t.Logf("%8d events: %.0f a second of the past, %.0f a second as they happen; %v", stored, history, live, reports)
		if soak {
			assert.GreaterOrEqual(t, live, float64(wantedRate), "at %d events", stored)
			for name, took := range reports {
				assert.LessOrEqual(t, took, wantedSpeed, "%s at %d events", name, stored)
			}
		}
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	t.Logf("%d bytes an event", info.Size()/int64(stored))
}

// load stores a business's events.
type load struct {
	s *Store
	b *business
}

// rate stores the next n events, and tells how many a second.
func (l load) rate(t *testing.T, n int) float64 {
	var spent time.Duration
	for range n / loadBatch {
		batch, want := l.b.batch(t, loadBatch)
		start := time.Now()
		outcomes, err := l.s.Append(ctx, batch)
		spent += time.Since(start)
		require.NoError(t, err)
		got := 0
		for _, o := range outcomes {
			if o == bizmetrics.Duplicate {
				got++
			}
		}
		require.Equal(t, want, got, "duplicates")
	}
	return float64(n) / spent.Seconds()
}

// timeReports tells how long each report takes when it is asked again: the best
// of some rounds, as others use the machine too.
func timeReports(t *testing.T, s *Store, now time.Time, rounds int) map[string]time.Duration {
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Store: keepOpen{s}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close(ctx)) }()
	all := map[string]time.Duration{}
	for name, read := range map[string]func(context.Context) error{
		"Revenue":      func(ctx context.Context) error { _, err := r.Revenue(ctx); return err },
		"Transactions": func(ctx context.Context) error { _, err := r.Transactions(ctx); return err },
		"OrderValue":   func(ctx context.Context) error { _, err := r.OrderValue(ctx); return err },
		"Suppliers":    func(ctx context.Context) error { _, err := r.Suppliers(ctx); return err },
		"NPS":          func(ctx context.Context) error { _, err := r.NPS(ctx); return err },
		"Product":      func(ctx context.Context) error { _, err := r.Product(ctx); return err },
		"Finance":      func(ctx context.Context) error { _, err := r.Finance(ctx); return err },
		"HealthReport": func(ctx context.Context) error { _, err := r.HealthReport(ctx); return err },
	} {
		require.NoError(t, read(ctx), name)
		best := time.Hour
		for range rounds {
			start := time.Now()
			require.NoError(t, read(ctx), name)
			best = min(best, time.Since(start))
		}
		all[name] = best.Round(10 * time.Microsecond)
	}
	return all
}

// keepOpen is a store that a Recorder does not close.
type keepOpen struct{ *Store }

func (keepOpen) Close() error { return nil }
