package dbmon

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

func TestCase44BehindPgBouncerInTransactionModeQueriesBehaveAsWithoutTheTracer(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol", "cache_describe"} {
		t.Run(mode, func(t *testing.T) {
			m := newMonitor(t, Config{})
			bouncer := pgtest.PgBouncer(t, pgtest.Schema(t)) + "&default_query_exec_mode=" + mode
			p := newPair(t, m, bouncer, nil)
			ctx := context.Background()
			_, err := p.plain.Exec(ctx, "create table t (id serial primary key, pool text, name text unique)")
			require.NoError(t, err)

			name := func(pool *pgxpool.Pool) string {
				if pool == p.traced {
					return "traced"
				}
				return "plain"
			}
			insert := func(ctx context.Context, q interface {
				QueryRow(context.Context, string, ...any) pgx.Row
			}, pool *pgxpool.Pool, value string,
			) (int, error) {
				var id int
				return 1, q.QueryRow(ctx, "insert into t (pool, name) values ($1, $1 || $2) returning id", name(pool), value).Scan(&id)
			}
			for range 3 { // each on whichever of the bouncer's two connections is free
				p.both(t, "insert", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
					return insert(ctx, pool, pool, time.Now().String())
				})
				p.both(t, "twice", func(ctx context.Context, pool *pgxpool.Pool) (int, error) { return insert(ctx, pool, pool, "same") })
			}
			assert.Equal(t, result{"23", 1}, p.both(t, "twice", func(ctx context.Context, pool *pgxpool.Pool) (int, error) { return insert(ctx, pool, pool, "same") }))
			p.both(t, "transaction", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				return 1, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
					_, err := insert(ctx, tx, pool, "in a transaction")
					return err
				})
			})
			p.both(t, "rolled back", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				tx, err := pool.Begin(ctx)
				if err != nil {
					return 0, err
				}
				defer func() { _ = tx.Rollback(ctx) }()
				return insert(ctx, tx, pool, "given up")
			})
			p.both(t, "batch", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				b := &pgx.Batch{}
				for range 5 {
					b.Queue("update t set name = name where pool = $1", name(pool))
				}
				return b.Len(), pool.SendBatch(ctx, b).Close()
			})
			p.both(t, "list", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				rows, err := pool.Query(ctx, "select id from t where pool = $1", name(pool))
				if err != nil {
					return 0, err
				}
				ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
				return len(ids), err
			})
			assert.Equal(t, typeTimeout, p.both(t, "late", func(ctx context.Context, pool *pgxpool.Pool) (int, error) {
				ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
				defer cancel()
				_, err := pool.Exec(ctx, "select pg_sleep(10)")
				return 0, err
			}).kind)
			got := counts(m)
			for key, want := range map[[2]string]uint64{
				{"insert", ""}: 3, {"twice", ""}: 1, {"twice", "23"}: 3, {"batch", ""}: 5, {"list", ""}: 1, {"late", typeTimeout}: 1,
				{"transaction", ""}: 3, {"rolled back", ""}: 3, // begin, insert, end
			} {
				assert.Equal(t, want, got[key], "%v", key)
			}
			assert.Zero(t, underWay(m))
		})
	}
}

func TestCase44NewPoolAndHealthWorkBehindPgBouncer(t *testing.T) {
	m := newMonitor(t, Config{})
	direct := pgtest.Schema(t)
	bouncer := pgtest.PgBouncer(t, direct) + "&default_query_exec_mode=exec"
	p := newPool(t, m, bouncer)
	for range 3 {
		m.again()
		h, err := m.Health(context.Background())
		require.NoError(t, err)
		assert.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)
		assert.GreaterOrEqual(t, h.ServerConnectionUse, 0.0, "the server answered; the check's is its only connection")
	}
	// The bouncer hands its connections on: nothing of the check's may be left.
	var timeout string
	require.NoError(t, p.QueryRow(context.Background(), "show statement_timeout").Scan(&timeout))
	assert.Equal(t, "0", timeout)
}

// PgBouncer refuses startup parameters that it does not track, and hands a
// connection on after each transaction.
func TestCase44TheChecksOwnConnectionTakesNothingOfThePoolThatABouncerRefuses(t *testing.T) {
	m := newMonitor(t, Config{})
	bouncer := pgtest.PgBouncer(t, pgtest.Schema(t))
	c, err := pgxpool.ParseConfig(bouncer + "&statement_timeout=5000&search_path=public")
	require.NoError(t, err)
	c.ConnConfig.Tracer = NewTracer(m)
	p, err := pgxpool.NewWithConfig(context.Background(), c)
	require.NoError(t, err)
	defer p.Close()
	require.ErrorContains(t, p.Ping(context.Background()), "unsupported startup parameter", "the pool itself is refused")
	detach, err := m.Attach("refused", p)
	require.NoError(t, err)
	defer detach()
	h, err := m.Health(context.Background())
	require.NoError(t, err)
	assert.Equal(t, Healthy, only(t, h).Verdict, "%v", strings.Join(h.Reasons, "\n"))
}

// On the wire: no Parse with a name, no Execute, and SET is LOCAL.
func TestCase44TheChecksStatementsAreOfOneTransactionAndHaveNoNames(t *testing.T) {
	m := newMonitor(t, Config{})
	proxy := newProxy(t, pgtest.Schema(t))
	newPool(t, m, proxy.url)
	proxy.record(true)
	_, err := m.Health(context.Background())
	require.NoError(t, err)
	sent := proxy.sent()
	require.NotEmpty(t, sent)
	var texts []string
	for _, message := range sent {
		assert.Contains(t, "QXp", string(message[0]), "only simple queries, passwords and the goodbye")
		if message[0] == 'Q' {
			texts = append(texts, strings.TrimRight(message[1:], "\x00"))
		}
	}
	require.Len(t, texts, 4)
	assert.Equal(t, "begin read only", texts[0])
	assert.Equal(t, statementTimeout, texts[1])
	assert.Equal(t, "commit", texts[3])
}
