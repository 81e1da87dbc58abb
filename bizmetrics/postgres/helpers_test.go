package postgres

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/internal/pgtest"
)

// poolTo is a pool that ends with the test.
func poolTo(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// newPool is a pool to an empty database.
func newPool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return poolTo(t, pgtest.Schema(t))
}

func openStore(t testing.TB, pool *pgxpool.Pool, c Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), pool, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

const hour = time.Hour

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func placed(id string, at time.Time, minor int64) bizmetrics.Event {
	return bizmetrics.Event{
		Key: "order:placed:" + id, Kind: "order", At: at,
		Data: fmt.Appendf(nil, `{"id":%q,"customer":"c-%[1]s","supplier":"s-1","status":"placed","amount":{"minor":%d,"currency":"EUR"},"value":{"minor":%[2]d,"currency":"EUR"},"at":%q}`,
			id, minor, at.UTC().Format(time.RFC3339Nano)),
	}
}

func refund(id, order string, at time.Time, minor int64) bizmetrics.Event {
	return bizmetrics.Event{
		Key: "refund:" + id, Kind: "refund", At: at,
		Data: fmt.Appendf(nil, `{"id":%q,"order":%q,"amount":{"minor":%d,"currency":"EUR"},"value":{"minor":%[3]d,"currency":"EUR"},"at":%q}`,
			id, order, minor, at.UTC().Format(time.RFC3339Nano)),
	}
}

func appendAll(t testing.TB, s *Store, events ...bizmetrics.Event) []bizmetrics.Outcome {
	t.Helper()
	outcomes, err := s.Append(context.Background(), events)
	require.NoError(t, err)
	require.Len(t, outcomes, len(events))
	return outcomes
}

// revenueOf is the revenue of a day, in cents.
func revenueOf(t testing.TB, s *Store, day time.Time) int64 {
	t.Helper()
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	rows, err := s.Query(context.Background(), bizmetrics.Query{Metric: "revenue", From: from, To: from.AddDate(0, 0, 1)})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	return rows[0].Money.Minor
}

func scanAll(t testing.TB, s *Store) []bizmetrics.Event {
	t.Helper()
	var all []bizmetrics.Event
	for e, err := range s.Scan(context.Background(), time.Unix(0, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)) {
		require.NoError(t, err)
		all = append(all, e)
	}
	return all
}
