package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
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
// are there already, and reads all reports. With SOAK there are ten million,
// and rate and reports must be as fast at the end as they were at first. LOAD
// takes another number of events.
func TestManyEventsSlowNothingDown(t *testing.T) {
	events, soak := 40_000, os.Getenv("SOAK") != ""
	if soak {
		events = 10_000_000
	}
	if n, err := strconv.Atoi(os.Getenv("LOAD")); err == nil {
		events = n
	}
	path := filepath.Join(t.TempDir(), "events.db")
	s := openAt(t, path, Config{})
	begin := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	b := newBusiness(begin, events/365)
	var spent time.Duration
	rates := make([]float64, 0, 10)
	tenth, rounds := events/loadBatch*loadBatch, 1
	if events > 10*loadBatch {
		tenth, rounds = events/10/loadBatch*loadBatch, 10
	}
	for done := loadBatch; done <= events; done += loadBatch {
		batch, want := b.batch(t, loadBatch)
		start := time.Now()
		outcomes, err := s.Append(ctx, batch)
		spent += time.Since(start)
		require.NoError(t, err)
		got := 0
		for _, o := range outcomes {
			if o == bizmetrics.Duplicate {
				got++
			}
		}
		require.Equal(t, want, got, "duplicates")
		if done%tenth != 0 {
			continue
		}
		rates = append(rates, float64(tenth)/spent.Seconds())
		spent = 0
		reports := timeReports(t, s, time.UnixMicro(b.at).UTC(), rounds)
		t.Logf("%8d events, the last %d at %.0f a second; %v", done, tenth, rates[len(rates)-1], reports)
		if soak {
			assert.GreaterOrEqual(t, rates[len(rates)-1], float64(wantedRate), "at %d events", done)
			for name, took := range reports {
				assert.LessOrEqual(t, took, wantedSpeed, "%s at %d events", name, done)
			}
		}
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	t.Logf("%d bytes an event", info.Size()/int64(events))
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
