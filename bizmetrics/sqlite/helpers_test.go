package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

func openAt(t testing.TB, path string, c Config) *Store {
	t.Helper()
	s, err := Open(path, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func openNew(t testing.TB, c Config) *Store {
	return openAt(t, filepath.Join(t.TempDir(), "events.db"), c)
}

func eventsOf(t require.TestingT, records ...*ledger.Record) []bizmetrics.Event {
	events := make([]bizmetrics.Event, len(records))
	for i, r := range records {
		e, err := r.Event()
		require.NoError(t, err)
		events[i] = bizmetrics.Event(e)
	}
	return events
}

// placed is an order of 10.00 EUR.
func placed(id string, at time.Time) *ledger.Record {
	return money(&ledger.Record{Kind: ledger.KindPlaced, ID: id, Order: id, Customer: "ada", Supplier: "s", At: at.UnixMicro(), AtGiven: true}, 1000)
}

func money(r *ledger.Record, minor int64) *ledger.Record {
	r.Amount, r.Value, r.Base = ledger.Money{Minor: minor, Currency: "EUR"}, minor, "EUR"
	return r
}

func appendAll(t require.TestingT, s *Store, records ...*ledger.Record) []bizmetrics.Outcome {
	outcomes, err := s.Append(ctx, eventsOf(t, records...))
	require.NoError(t, err)
	return outcomes
}

// month is a figure of March 2026.
func month(t require.TestingT, s *Store, metric string) bizmetrics.Row {
	loc, _ := s.Calendar()
	rows, err := s.Query(ctx, bizmetrics.Query{
		Metric: metric, From: time.Date(2026, 3, 1, 0, 0, 0, 0, loc), To: time.Date(2026, 4, 1, 0, 0, 0, 0, loc),
	})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	return rows[0]
}
