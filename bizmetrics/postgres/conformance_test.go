package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/oracle"
	"github.com/distri-night/monitoring/bizmetrics/postgres"
	"github.com/distri-night/monitoring/bizmetrics/storetest"
	"github.com/distri-night/monitoring/internal/pgtest"
)

// schemas gives each folder of the suite a schema of its own in one database.
type schemas struct {
	pool  *pgxpool.Pool
	mu    sync.Mutex
	names map[string]string
}

func newSchemas(t testing.TB) *schemas {
	pool, err := pgxpool.New(context.Background(), pgtest.Schema(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return &schemas{pool: pool, names: map[string]string{}}
}

func (s *schemas) of(dir string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[dir] == "" {
		s.names[dir] = "Business of \"" + time.Duration(len(s.names)).String() + "\""
	}
	return s.names[dir]
}

func (s *schemas) open(t testing.TB, dir string, loc *time.Location, monthStart int) bizmetrics.Store {
	t.Helper()
	store, err := postgres.Open(context.Background(), s.pool, postgres.Config{Schema: s.of(dir), Location: loc, MonthStart: monthStart})
	require.NoError(t, err)
	return store
}

func TestPostgresPassesTheSuite(t *testing.T) {
	s := newSchemas(t)
	storetest.Run(t, storetest.Suite{
		Open: func(t testing.TB, c storetest.Config) bizmetrics.Store {
			return s.open(t, c.Dir, c.Location, c.MonthStart)
		},
		Shared: true,
	})
}

func TestPostgresReportsEqualSQL(t *testing.T) {
	s := newSchemas(t)
	oracle.CheckStore(t, func(t testing.TB, loc *time.Location, monthStart int) bizmetrics.Store {
		return s.open(t, t.TempDir(), loc, monthStart)
	})
}
