package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/oracle"
	"github.com/distri-night/monitoring/bizmetrics/sqlite"
	"github.com/distri-night/monitoring/bizmetrics/storetest"
)

func open(t testing.TB, dir string, loc *time.Location, monthStart int) bizmetrics.Store {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(dir, "events.db"), sqlite.Config{Location: loc, MonthStart: monthStart})
	require.NoError(t, err)
	return s
}

func TestSQLitePassesTheSuite(t *testing.T) {
	storetest.Run(t, storetest.Suite{
		Open: func(t testing.TB, c storetest.Config) bizmetrics.Store {
			return open(t, c.Dir, c.Location, c.MonthStart)
		},
	})
}

func TestSQLiteReportsEqualSQL(t *testing.T) {
	oracle.CheckStore(t, func(t testing.TB, loc *time.Location, monthStart int) bizmetrics.Store {
		return open(t, t.TempDir(), loc, monthStart)
	})
}
