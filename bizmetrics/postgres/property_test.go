package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

func TestWhatIsAddedUpSaysWhatAllEventsSay(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	require.NoError(t, Up(ctx, pool, ""))
	tables := make([]string, len(sqlstore.Tables))
	for i, table := range sqlstore.Tables {
		tables[i] = "bizmetrics." + table.Name
	}
	empty := "TRUNCATE bizmetrics.event_keys, " + strings.Join(tables, ", ")
	rapid.Check(t, func(r *rapid.T) {
		enginetest.Check(r, func() (sqlstore.Engine, func(error)) {
			_, err := pool.Exec(ctx, empty) // quicker than a schema for each
			require.NoError(r, err)
			e, err := newEngine(pool, Config{}, false)
			require.NoError(r, err)
			return e, nil
		})
	})
}
