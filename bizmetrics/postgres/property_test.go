package postgres

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

func TestWhatIsAddedUpSaysWhatAllEventsSay(t *testing.T) {
	pool, n := newPool(t), 0
	ctx := context.Background()
	rapid.Check(t, func(r *rapid.T) {
		enginetest.Check(r, func() (sqlstore.Engine, func(error)) {
			n++
			if n > 1 {
				require.NoError(r, Down(ctx, pool, strconv.Itoa(n-1), 0))
			}
			e, err := newEngine(pool, Config{Schema: strconv.Itoa(n)}, false)
			require.NoError(r, err)
			require.NoError(r, e.prepare(ctx))
			return e, nil
		})
	})
}
