package dbmon

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

func TestAServerStoppedAndStartedUnderLoadIsSeenAsWithoutTheTracer(t *testing.T) {
	rounds := 2
	if os.Getenv("SOAK") != "" {
		rounds = 20
	}
	server := pgtest.NewServer(t)
	before := runtime.NumGoroutine()
	m := newMonitor(t, Config{})
	t.Run("rounds", func(t *testing.T) {
		p := newPair(t, m, server.URL, func(c *pgxpool.Config) { c.MaxConns = 4 })
		load := startLoad(t, m, server.URL)
		defer load.stop()
		quick := func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
			var n int
			err := pool.QueryRow(ctx, "select count(*) from pg_class").Scan(&n)
			return 0, err
		}
		for range rounds {
			for range 5 {
				assert.Empty(t, p.both(t, "paired", quick).kind)
			}
			assert.Equal(t, "42", p.both(t, "wrong", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				_, err := pool.Exec(ctx, "select missing from pg_class")
				return 0, err
			}).kind)
			down := time.AfterFunc(100*time.Millisecond, func() { server.Kill() })
			assert.Equal(t, "no connection", p.both(t, "in the middle", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				_, err := pool.Exec(ctx, "select pg_sleep(30)")
				return 0, err
			}).kind)
			down.Stop()
			server.Down(t)
			for range 3 {
				assert.Equal(t, "no connection", p.both(t, "away", quick).kind)
			}
			h := checkAnew(t, m)
			assert.Equal(t, Critical, h.Verdict)
			assert.Contains(t, only(t, h).Reasons[0], "cannot be reached")

			server.Up(t)
			assert.Empty(t, p.both(t, "back", quick).kind)
			h = only(t, checkAnew(t, m))
			assert.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)
		}
		good, bad := load.stop()
		assert.Positive(t, good)
		assert.Positive(t, bad, "the load has seen the server go")
		got := counts(m)
		assert.EqualValues(t, good, got[[2]string{"load", ""}], "each that went well is counted once")
		assert.EqualValues(t, 5*rounds, got[[2]string{"paired", ""}])
		assert.EqualValues(t, rounds, got[[2]string{"wrong", "42"}])
		assert.EqualValues(t, rounds, got[[2]string{"in the middle", "57"}]+got[[2]string{"in the middle", typeConnection}])
		assertRecovered(t, p)
		assert.Empty(t, m.OpenQueries())
	})
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 10*time.Second, 20*time.Millisecond,
		"goroutines are left over")
}

// checkAnew is Health now, within its bound.
func checkAnew(t *testing.T, m *Monitor) Health {
	t.Helper()
	m.again()
	began := time.Now()
	h, err := m.Health(context.Background())
	require.NoError(t, err)
	assert.Less(t, time.Since(began), checkTimeout+500*time.Millisecond)
	return h
}

// load queries a traced pool of its own from several goroutines.
type load struct {
	cancel    context.CancelFunc
	running   sync.WaitGroup
	good, bad atomic.Int64
	pool      *pgxpool.Pool
}

func startLoad(t *testing.T, m *Monitor, url string) *load {
	t.Helper()
	c, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	c.ConnConfig.Tracer = NewTracer(m)
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cancel: cancel, pool: pool}
	for range 4 {
		l.running.Go(func() {
			for ctx.Err() == nil {
				var n int
				if err := l.pool.QueryRow(WithName(ctx, "load"), "select 1").Scan(&n); err != nil {
					l.bad.Add(1)
				} else {
					l.good.Add(1)
				}
				time.Sleep(time.Millisecond) // a server that is away refuses at once
			}
		})
	}
	return l
}

func (l *load) stop() (good, bad int64) {
	l.cancel()
	l.running.Wait()
	l.pool.Close()
	return l.good.Load(), l.bad.Load()
}
