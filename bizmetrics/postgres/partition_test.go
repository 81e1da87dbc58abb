package postgres

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

// partitionsOf are the names of the partitions of events, with how many they hold.
func partitionsOf(t testing.TB, pool *pgxpool.Pool) map[string]int {
	t.Helper()
	ctx := context.Background()
	rows, err := pool.Query(ctx, "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'bizmetrics.events'::regclass")
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	all := map[string]int{}
	for _, name := range names {
		var n int
		require.NoError(t, pool.QueryRow(ctx, "SELECT count(*) FROM bizmetrics."+name).Scan(&n))
		all[name] = n
	}
	return all
}

func TestEachMonthHasAPartitionOfItsOwn(t *testing.T) {
	pool := newPool(t)
	s := openStore(t, pool, Config{Location: time.FixedZone("far", 12*3600)})
	end := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	var events []bizmetrics.Event
	for i, at := range []time.Time{
		end.Add(-time.Microsecond), end, time.Unix(0, 0), time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC),
	} {
		events = append(events, placed(string(rune('a'+i)), at, 100))
	}
	appendAll(t, s, events...)
	got := partitionsOf(t, pool)
	for _, at := range ahead(time.Now()) {
		name := time.UnixMicro(at).UTC().Format("events_2006_01")
		n, there := got[name]
		assert.True(t, there, "%s is made ahead", name)
		assert.Zero(t, n)
		delete(got, name)
	}
	assert.Equal(t, map[string]int{
		"events_2024_02": 1, "events_2024_03": 1, "events_before_2000": 2, "events_2000_01": 1, "events_2099_12": 1, "events_since_2100": 2,
	}, got)
	assert.Len(t, scanAll(t, s), len(events))
}

func TestMonthsOlderThanRetentionAreDroppedAndTotalsStay(t *testing.T) {
	pool, now := newPool(t), time.Now().UTC()
	old, recent := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -6, 9), now.Add(-hour)
	keeper := openStore(t, pool, Config{})
	appendAll(t, keeper, placed("old", old, 100), placed("new", recent, 200))
	month := old.Format("events_2006_01")
	require.Equal(t, 1, partitionsOf(t, pool)[month])

	s := openStore(t, pool, Config{Retention: 60 * 24 * hour})
	appendAll(t, s, placed("any", recent, 300)) // sweeps
	assert.NotContains(t, partitionsOf(t, pool), month)
	assert.Len(t, scanAll(t, s), 2)
	assert.Equal(t, int64(100), revenueOf(t, s, old), "what is added up stays")
	var keys int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM bizmetrics.event_keys").Scan(&keys))
	assert.Equal(t, 2, keys)

	// A late event of a month that is gone counts, and is found again.
	for _, store := range []*Store{keeper, s} {
		late := placed("late", old.Add(hour), 50)
		appendAll(t, store, late)
		assert.Equal(t, []bizmetrics.Outcome{bizmetrics.Duplicate}, appendAll(t, keeper, late))
		assert.Equal(t, int64(150), revenueOf(t, store, old))
	}
	assert.Equal(t, 1, partitionsOf(t, pool)[month])
}

func TestALongReaderDelaysADropAndDoesNotStopTheService(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	old := time.Now().UTC().AddDate(0, -8, 0)
	appendAll(t, openStore(t, pool, Config{}), placed("old", old, 100))
	tx, err := pool.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, "SELECT count(*) FROM bizmetrics.events")
	require.NoError(t, err)
	s := openStore(t, pool, Config{Retention: 30 * 24 * hour, Logger: slog.New(slog.DiscardHandler)})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := s.Append(ctx, []bizmetrics.Event{placed("new", time.Now(), 100)})
		assert.NoError(t, err)
	}()
	other := openStore(t, pool, Config{})
	var longest time.Duration
	for range 20 {
		began := time.Now()
		_ = revenueOf(t, other, old)
		longest = max(longest, time.Since(began))
		time.Sleep(50 * time.Millisecond)
	}
	assert.Less(t, longest, 5*time.Second, "readers wait for the drop's patience at most")
	require.NoError(t, tx.Rollback(ctx))
	<-done
	assert.NotContains(t, partitionsOf(t, pool), old.Format("events_2006_01"))
}
