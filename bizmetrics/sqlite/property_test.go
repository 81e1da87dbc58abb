package sqlite

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

func TestWhatIsAddedUpSaysWhatAllEventsSay(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		enginetest.Check(r, func() (sqlstore.Engine, func(error)) {
			n++
			e, err := openEngine(filepath.Join(dir, strconv.Itoa(n)))
			require.NoError(r, err)
			for _, l := range e.lists {
				l.sealAt = rapid.SampledFrom([]int{1, 7, 1000}).Draw(r, "seal at")
			}
			return e, nil
		})
	})
}
