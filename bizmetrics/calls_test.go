package bizmetrics

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

// asked is a store that notes what it is asked.
type asked struct {
	*memory
	mu      sync.Mutex
	queries []Query
}

func (a *asked) Query(ctx context.Context, q Query) ([]Row, error) {
	a.mu.Lock()
	a.queries = append(a.queries, q)
	a.mu.Unlock()
	return a.memory.Query(ctx, q)
}

// A report must take less than 5 ms of a store that is a process away.
func TestAReportIsADozenQueriesAtMost(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	store := &asked{memory: newMemory(ledger.Calendar{})}
	r := open(t, Config{Currency: "EUR", Store: store, Now: now.now})
	for _, report := range []struct {
		name string
		most int
		run  func(*Recorder) error
	}{
		{"Revenue", 4, func(r *Recorder) error { _, err := r.Revenue(t.Context()); return err }},
		{"Transactions", 2, func(r *Recorder) error { _, err := r.Transactions(t.Context()); return err }},
		{"OrderValue", 3, func(r *Recorder) error { _, err := r.OrderValue(t.Context()); return err }},
		{"Suppliers", 4, func(r *Recorder) error { _, err := r.Suppliers(t.Context()); return err }},
		{"NPS", 1, func(r *Recorder) error { _, err := r.NPS(t.Context()); return err }},
		{"Product", 11, func(r *Recorder) error { _, err := r.Product(t.Context()); return err }},
		{"Finance", 9, func(r *Recorder) error { _, err := r.Finance(t.Context()); return err }},
		{"HealthReport", 10, func(r *Recorder) error { _, err := r.HealthReport(t.Context()); return err }},
	} {
		t.Run(report.name, func(t *testing.T) {
			store.queries = nil
			require.NoError(t, report.run(r))
			var said []string
			for _, q := range store.queries {
				said = append(said, fmt.Sprintf("%s %s to %s step %v monthly %v by %v of %v", q.Metric, q.From.Format("01-02 15:04"), q.To.Format("01-02 15:04"), q.Step, q.Monthly, q.GroupBy, q.Filter))
			}
			t.Log(strings.Join(said, "\n"))
			assert.Len(t, store.queries, report.most)
			store.queries = nil
			require.NoError(t, report.run(r.ForTenant("north")))
			assert.Len(t, store.queries, report.most)
			for _, q := range store.queries {
				assert.Equal(t, "north", q.Filter["tenant"], q.Metric)
			}
		})
	}
}

func TestAStoreOfAnotherCalendarIsRefused(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, tc := range []struct {
		store, given ledger.Calendar
		field        string
	}{
		{ledger.Calendar{}, ledger.Calendar{}, ""},
		{ledger.Calendar{MonthStart: 1}, ledger.Calendar{Location: time.UTC}, ""},
		{ledger.Calendar{Location: berlin, MonthStart: 25}, ledger.Calendar{Location: berlin, MonthStart: 25}, ""},
		{ledger.Calendar{Location: berlin}, ledger.Calendar{}, "Location"},
		{ledger.Calendar{Location: time.FixedZone("", 60)}, ledger.Calendar{Location: time.FixedZone("", 120)}, "Location"},
		{ledger.Calendar{MonthStart: 25}, ledger.Calendar{}, "MonthStart"},
	} {
		r, err := New(Config{Store: newMemory(tc.store), Location: tc.given.Location, MonthStart: tc.given.MonthStart, Logger: quiet})
		if tc.field == "" {
			require.NoError(t, err)
			require.NoError(t, r.Close(t.Context()))
			continue
		}
		var wrong *config.FieldError
		require.ErrorAs(t, err, &wrong)
		assert.Equal(t, tc.field, wrong.Field)
	}
}
