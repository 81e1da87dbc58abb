package dbmon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// A pooler in transaction mode gives each transaction whatever connection of
// the server is free: nothing of a session holds from one to the next.
func TestCase44BehindAPoolerInTransactionModeAllWorksAsWithoutTheTracer(t *testing.T) {
	url := pgtest.Bouncer(t, pgtest.Schema(t)) + "&default_query_exec_mode=exec&pool_max_conns=8"
	m := newMonitor(t, Config{})
	traced, plain := newPool(t, m, url), plainPool(t, url)
	seen := map[*pgxpool.Pool]*outcomes{traced: {}, plain: {}}
	sums := map[*pgxpool.Pool][]int{traced: make([]int, 8), plain: make([]int, 8)}
	var running sync.WaitGroup
	for p, o := range seen {
		for i := range 8 { // four times the connections that the pooler has
			running.Go(func() {
				for range 20 {
					sums[p][i] += work(context.Background(), p, o.add)
				}
			})
		}
	}
	running.Wait()
	assert.Equal(t, map[string]int{"ok": 4 * 8 * 20, "22012": 8 * 20}, seen[plain].by)
	assert.Equal(t, seen[plain].by, seen[traced].by)
	assert.Equal(t, sums[plain], sums[traced])

	for range 3 { // a named statement or a parameter of a session would fail by now
		m.again()
		h, err := m.Health(context.Background())
		require.NoError(t, err)
		db := only(t, h)
		assert.Equal(t, Healthy, db.Verdict, "%v", db.Reasons)
		assert.Positive(t, db.ServerConnectionUse)
		assert.NotContains(t, fmt.Sprint(db.Unchecked), "did not answer")
	}
	var total uint64
	for key, n := range counts(m) {
		assert.True(t, key[1] == "" || key[1] == "22", key)
		if !strings.HasPrefix(key[0], "begin") && !strings.HasPrefix(key[0], "commit") && !strings.Contains(key[0], "ping") {
			total += n
		}
	}
	assert.GreaterOrEqual(t, total, uint64(7*8*20), "each call is counted")
}

func TestHealthSetsNothingOnAConnectionThatAPoolerGivesToOthers(t *testing.T) {
	url := pgtest.Bouncer(t, pgtest.Schema(t)) + "&default_query_exec_mode=exec"
	m := newMonitor(t, Config{})
	p := newPool(t, m, url)
	settings := func() (timeout, name string) {
		require.NoError(t, p.QueryRow(t.Context(), "select current_setting('statement_timeout'), current_setting('application_name')").Scan(&timeout, &name))
		return timeout, name
	}
	timeout, name := settings()
	_, err := m.Health(context.Background())
	require.NoError(t, err)
	for range 4 { // whichever connection
		after, called := settings()
		assert.Equal(t, timeout, after)
		assert.Equal(t, name, called)
	}
}
