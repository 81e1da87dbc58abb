package dbmon

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/pgtest"
	"github.com/distri-night/monitoring/metric"
)

func TestEveryKindOfCallIsSeenOnARealServer(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.Schema(t))
	ctx := context.Background()

	_, err := p.Exec(ctx, "-- name: CreateT :exec\ncreate table t (id int primary key, name text)")
	require.NoError(t, err)
	n, err := p.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"id", "name"}, pgx.CopyFromRows([][]any{{1, "a"}, {2, "b"}}))
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	for id := range 3 {
		var name string
		_ = p.QueryRow(ctx, "-- name: GetT :one\nselect name from t where id = $1", id).Scan(&name) // id 0: no rows
	}
	_, err = p.Exec(WithName(ctx, "insert_t"), "insert into t values (1, 'again')")
	require.Error(t, err)
	b := &pgx.Batch{}
	b.Queue("-- name: BatchA :one\nselect 1")
	b.Queue("-- name: BatchB :exec\nupdate t set name = $1", "c")
	require.NoError(t, p.SendBatch(ctx, b).Close())
	names, err := TrackQueryIn(ctx, m, "list_t", func(ctx context.Context) ([]string, error) {
		rows, err := p.Query(ctx, "select name from t")
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"c", "c"}, names)

	got := counts(m)
	delete(got, [2]string{fingerprint("-- ping"), ""})
	for key := range got { // the pool's ping
		if strings.HasPrefix(key[0], "query") {
			delete(got, key)
		}
	}
	assert.Equal(t, map[[2]string]uint64{
		{"CreateT", ""}: 1, {"copy t", ""}: 1, {"GetT", ""}: 3, {"insert_t", "23"}: 1, {"BatchA", ""}: 1, {"BatchB", ""}: 1, {"list_t", ""}: 1,
	}, got)
	rows := map[string]float64{}
	m.Produce(func(f metric.Family) {
		if f.Name == queryRows {
			for _, point := range f.Points {
				rows[point.Values[0]] += point.Value
			}
		}
	})
	for name, want := range map[string]float64{"copy t": 2, "GetT": 2, "insert_t": 0, "BatchB": 2, "list_t": 2} {
		assert.InDelta(t, want, rows[name], 0, "rows of %s, on success too (case 46)", name)
	}
	assert.EqualValues(t, 1, observed(m, connectionCreate, ""), "one connection was opened")
	assert.NotZero(t, observed(m, connectionWait))
	assert.NotZero(t, observed(m, connectionUse))
}

func TestCase40AStatementsNameIsMappedBackToItsText(t *testing.T) {
	m := newMonitor(t, Config{})
	c, err := pgx.ParseConfig(pgtest.URL(t))
	require.NoError(t, err)
	c.Tracer = NewTracer(m)
	db := stdlib.OpenDB(*c)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	stmt, err := db.Prepare("-- name: Prepared :one\nselect $1::int + 1")
	require.NoError(t, err)
	var got int
	for range 3 {
		require.NoError(t, stmt.QueryRow(1).Scan(&got))
	}
	require.NoError(t, stmt.Close())
	assert.EqualValues(t, 3, counts(m)[[2]string{"Prepared", ""}])
}

func TestAQueryCanceledByItsCallerIsNoFailure(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.URL(t))
	sleep := func(ctx context.Context) error { // on a connection that is there: the clock is the query's
		conn, err := p.Acquire(context.Background())
		require.NoError(t, err)
		defer conn.Release()
		ctx, cancel := context.WithTimeout(WithName(ctx, "sleepy"), time.Second)
		defer cancel()
		_, err = conn.Exec(ctx, "select pg_sleep(10)")
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	require.ErrorIs(t, sleep(ctx), context.Canceled)
	require.Error(t, sleep(context.Background()))
	got := counts(m)
	assert.EqualValues(t, 1, got[[2]string{"sleepy", typeCanceled}])
	assert.EqualValues(t, 1, got[[2]string{"sleepy", typeTimeout}])
}

func TestAConnectionCutInMidQueryIsAFailureOfTheConnection(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.Schema(t))
	ctx := context.Background()
	conn, err := p.Acquire(ctx)
	require.NoError(t, err)
	pid := conn.Conn().PgConn().PID()
	done := make(chan error)
	go func() {
		_, err := conn.Exec(WithName(ctx, "cut"), "select pg_sleep(30)")
		done <- err
	}()
	require.Eventually(t, func() bool {
		var killed bool
		err := p.QueryRow(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and state = 'active'", pid).Scan(&killed)
		return err == nil && killed
	}, 10*time.Second, 20*time.Millisecond)
	require.Error(t, <-done)
	conn.Release()
	got := counts(m)
	assert.EqualValues(t, 1, got[[2]string{"cut", "57"}]+got[[2]string{"cut", typeConnection}])
}

func TestASlowQueryNamesTheLineThatRanIt(t *testing.T) {
	m := newMonitor(t, Config{SlowQuery: 20 * time.Millisecond})
	p := newPool(t, m, pgtest.URL(t))
	ctx, _ := inRequest("req-9")
	_, err := p.Exec(WithName(ctx, "slow"), "select pg_sleep(0.05)")
	require.NoError(t, err)
	for _, q := range m.SlowQueries() {
		if q.Name == "slow" { // else the connect's ping on a busy machine
			assert.Regexp(t, `^dbmon/postgres_test\.go:\d+$`, q.Caller)
			assert.Equal(t, "req-9", q.CorrelationID)
			assert.GreaterOrEqual(t, q.Duration, 50*time.Millisecond)
			return
		}
	}
	t.Error("the slow query is not kept")
}

func TestNewPoolSaysWhatIsWrongWithoutThePassword(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGSERVICE", "PGDATABASE"} {
		t.Setenv(name, "")
	}
	m := newMonitor(t, Config{})
	for _, bad := range []string{
		"", "postgres://u:s3cret@host:notaport/db", "://s3cret", "postgres://u:s3cret@h/db?sslmode=maybe",
		"postgres://u:s3cret@h/db?pool_max_conns=none", "user=u password=s3cret port=x",
	} {
		_, err := m.NewPool(context.Background(), bad)
		require.ErrorIs(t, err, ErrInvalid, bad)
		var field *config.FieldError
		require.ErrorAs(t, err, &field)
		assert.Equal(t, "url", field.Field)
		assert.NotContains(t, err.Error(), "s3")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := m.NewPool(ctx, "postgres://u:s3cret@127.0.0.1:1/db")
	require.Error(t, err)
	assert.NotErrorIs(t, err, ErrInvalid)
	assert.ErrorContains(t, err, "connect to PostgreSQL")
	assert.NotContains(t, err.Error(), "s3cret")
	assert.Empty(t, m.Pools())
}

func TestNewPoolWithoutAMonitorIsAttachedToTheFirstDefault(t *testing.T) {
	u := pgtest.Schema(t)
	p, err := NewPool(context.Background(), u)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	m := newMonitor(t, Config{})
	SetDefault(m)
	t.Cleanup(func() { SetDefault(nil) })
	assert.Empty(t, m.Pools())
	require.NoError(t, p.Ping(context.Background()))
	parsed, err := url.Parse(u)
	require.NoError(t, err)
	require.Len(t, m.Pools(), 1)
	assert.Equal(t, parsed.Path, "/"+m.Pools()[0].Name)
}

func TestPoolsOfOneDatabaseGetNamesOfTheirOwn(t *testing.T) {
	m := newMonitor(t, Config{})
	u := pgtest.Schema(t)
	for range 4 {
		newPool(t, m, u)
	}
	names := map[string]bool{}
	for _, p := range m.Pools() {
		names[p.Name] = true
	}
	assert.Len(t, names, 4)
}

func TestAttachTakesTracedPoolsOnly(t *testing.T) {
	m, stranger := newMonitor(t, Config{}), newMonitor(t, Config{})
	pool := func(tr pgx.QueryTracer) *pgxpool.Pool {
		c, err := pgxpool.ParseConfig(pgtest.URL(t))
		require.NoError(t, err)
		c.ConnConfig.Tracer = tr
		p, err := pgxpool.NewWithConfig(context.Background(), c)
		require.NoError(t, err)
		t.Cleanup(p.Close)
		return p
	}
	for name, tr := range map[string]pgx.QueryTracer{
		"none": nil, "of another": NewTracer(stranger), "others in a multitracer": multitracer.New(NewTracer(stranger)),
	} {
		_, err := m.Attach("p", pool(tr))
		assert.ErrorIs(t, err, ErrInvalid, name)
	}
	_, err := m.Attach("p", nil)
	require.ErrorIs(t, err, ErrInvalid)

	ours := pool(NewTracer(m))
	_, err = m.Attach("", ours)
	require.ErrorIs(t, err, ErrInvalid)
	detach, err := m.Attach("p", ours)
	require.NoError(t, err)
	_, err = m.Attach("again", ours)
	require.ErrorIs(t, err, ErrInvalid)
	zero := pool(&Tracer{})
	_, err = m.Attach("p", zero)
	require.ErrorIs(t, err, ErrInvalid, "the name is taken")
	_, err = m.Attach("zero", zero)
	require.NoError(t, err)
	_, err = m.Attach("multi", pool(multitracer.New(&Tracer{})))
	require.NoError(t, err)
	assert.Len(t, m.Pools(), 3)

	detach()
	again, err := m.Attach("p", ours)
	require.NoError(t, err)
	detach() // the first one's: it must not take the second off
	assert.Len(t, m.Pools(), 3)
	again()
	assert.Len(t, m.Pools(), 2)

	made := newPool(t, m, pgtest.URL(t))
	_, err = m.Attach("shop", made)
	require.NoError(t, err, "a pool of NewPool takes a better name")
	assert.Len(t, m.Pools(), 3)
}

func TestThePoolsGaugesAreIndicators(t *testing.T) {
	r, err := metric.NewRegistry(metric.Config{Manual: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close(context.Background())) })
	m := newMonitor(t, Config{Registry: r})
	c, err := pgxpool.ParseConfig(pgtest.URL(t))
	require.NoError(t, err)
	c.MaxConns = 4
	c.ConnConfig.Tracer = NewTracer(m)
	p, err := pgxpool.NewWithConfig(context.Background(), c)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	detach, err := m.Attach("shop", p)
	require.NoError(t, err)
	for range 3 {
		conn, err := p.Acquire(context.Background())
		require.NoError(t, err)
		t.Cleanup(conn.Release)
	}
	now := time.Now()
	r.Sample(now.Add(10 * time.Second))
	use, err := r.Read("db_connection_pool")
	require.NoError(t, err)
	assert.InDelta(t, 75, use[0].Value, 1e-9)
	byPool, err := r.Read("db_connection_pool", keyPool)
	require.NoError(t, err)
	require.Len(t, byPool, 1)
	assert.Equal(t, []string{"shop"}, byPool[0].Values)

	detach()
	r.Sample(now.Add(20 * time.Second))
	_, err = r.Read("db_connection_pool")
	assert.ErrorIs(t, err, metric.ErrNoData, "a detached pool is gone")
}
