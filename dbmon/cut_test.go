package dbmon

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

func TestAConnectionTerminatedInMidQueryIsSeenAsWithoutTheTracer(t *testing.T) {
	u := pgtest.Schema(t)
	m := newMonitor(t, Config{})
	p := newPair(t, m, u, nil)
	admin := newPool(t, newMonitor(t, Config{}), u)
	terminated := make(chan int64)
	go func() {
		var n int64
		for deadline := time.Now().Add(10 * time.Second); n < 2 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			tag, err := admin.Exec(context.Background(), `select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()`)
			if err == nil {
				n += tag.RowsAffected()
			}
		}
		terminated <- n
	}()
	got := p.both(t, "cut", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
		_, err := pool.Exec(ctx, "select pg_sleep(30)")
		return 0, err
	})
	assert.EqualValues(t, 2, <-terminated)
	assert.Equal(t, "no connection", got.kind)
	all := counts(m)
	assert.EqualValues(t, 1, all[[2]string{"cut", "57"}]+all[[2]string{"cut", typeConnection}])
	assertRecovered(t, p)
}

func TestAConnectionCutInTheMiddleOfAResultIsSeenAsWithoutTheTracer(t *testing.T) {
	u := pgtest.Schema(t)
	m := newMonitor(t, Config{})
	proxies := map[bool]*proxy{}
	var configured bool
	p := newPair(t, m, u, func(c *pgxpool.Config) {
		proxies[configured] = newProxy(t, u)
		to, err := pgxpool.ParseConfig(proxies[configured].url)
		require.NoError(t, err)
		c.ConnConfig.Host, c.ConnConfig.Port = to.ConnConfig.Host, to.ConnConfig.Port
		configured = true
	})
	list := func(ctx context.Context, pool *pgxpool.Pool) (n int, err error) {
		rows, err := pool.Query(ctx, "select generate_series(1, 200000)")
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		for rows.Next() {
			n++
		}
		return n, rows.Err()
	}
	require.Equal(t, result{"", 200_000}, p.both(t, "list", list))
	for _, proxy := range proxies {
		proxy.cutAfter.Store(1 << 20)
	}
	got := p.both(t, "list", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
		n, err := list(ctx, pool)
		assert.Positive(t, n, "some of the rows came")
		assert.Less(t, n, 200_000)
		return 0, err // how many is up to the network
	})
	assert.Equal(t, "no connection", got.kind)
	assert.EqualValues(t, 1, counts(m)[[2]string{"list", typeConnection}])
	assertRecovered(t, p)
}

// assertRecovered demands that nothing is left of what broke.
func assertRecovered(t *testing.T, p pair) {
	t.Helper()
	assert.Equal(t, result{"", 0}, p.both(t, "after", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
		var one int
		err := pool.QueryRow(ctx, "select 1").Scan(&one)
		return 0, errors.Join(err)
	}))
	assert.Zero(t, underWay(p.m))
	for _, pool := range []*pgxpool.Pool{p.traced, p.plain} {
		assert.Zero(t, pool.Stat().AcquiredConns())
	}
}
