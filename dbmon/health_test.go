package dbmon

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// again lets the next Health check anew.
func (m *Monitor) again() {
	m.checks.mu.Lock()
	m.checks.have = false
	m.checks.mu.Unlock()
}

func only(t *testing.T, h Health) Health {
	t.Helper()
	require.Len(t, h.Databases, 1)
	for _, db := range h.Databases {
		return db
	}
	return Health{}
}

func TestHealthOfALivingServer(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.Schema(t))
	ctx := context.Background()
	h, err := m.Health(ctx)
	require.NoError(t, err)
	assert.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)
	assert.Empty(t, h.Reasons)
	assert.True(t, math.IsNaN(h.BufferHitRate), "a rate needs two checks")
	assert.True(t, math.IsNaN(h.CacheHitRate))
	assert.GreaterOrEqual(t, h.ServerConnectionUse, 0.0)
	assert.Less(t, h.ServerConnectionUse, 100.0)
	assert.Equal(t, 0.0, h.PoolUse)
	assert.Contains(t, strings.Join(h.Unchecked, "\n"), "pg_stat_statements", "not installed in a fresh database")
	assert.Equal(t, Healthy, only(t, h).Verdict)

	again, err := m.Health(ctx)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(h), fmt.Sprint(again), "kept for 5 s")

	require.Eventually(t, func() bool { // the server publishes its statistics once a second
		_, err := p.Exec(ctx, "select count(*) from pg_class, pg_attribute")
		require.NoError(t, err)
		m.again()
		h, err := m.Health(ctx)
		require.NoError(t, err)
		return h.BufferHitRate > 0 && h.BufferHitRate <= 100
	}, 10*time.Second, 200*time.Millisecond)
}

func TestHealthSeesFailuresBeforeTheFirstSample(t *testing.T) {
	m := newMonitor(t, Config{SlowQuery: time.Hour})
	tr := NewTracer(m)
	for i := range 40 {
		var err error
		if i%4 == 0 {
			err = &pgconn.PgError{Code: "42P01"}
		}
		run(context.Background(), tr, "select 1", err)
	}
	run(context.Background(), tr, "select 1", context.Canceled)
	for i := range 600 {
		if i%2 == 0 {
			m.RecordCacheHit("products")
		} else {
			m.RecordCacheMiss("products")
		}
	}
	for range 2 { // and after it
		h, err := m.Health(context.Background())
		require.NoError(t, err)
		assert.InDelta(t, 75, h.SuccessRate, 1e-9, "a canceled one is on neither side")
		assert.InDelta(t, 50, h.CacheHitRate, 1e-9)
		assert.Equal(t, Critical, h.Verdict)
		assert.Len(t, h.Reasons, 2)
		assert.Positive(t, h.P95)
		m.again()
		m.registry.Sample(time.Now().Add(10 * time.Second))
	}
}

func TestHealthAnswersWhileThePoolIsExhausted(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.URL(t)+"&pool_max_conns=2")
	for range 2 {
		conn, err := p.Acquire(context.Background())
		require.NoError(t, err)
		t.Cleanup(conn.Release)
	}
	began := time.Now()
	h, err := m.Health(context.Background())
	require.NoError(t, err)
	assert.Less(t, time.Since(began), checkTimeout+500*time.Millisecond)
	assert.Equal(t, Degraded, h.Verdict)
	assert.Equal(t, 100.0, h.PoolUse)
	assert.Contains(t, strings.Join(h.Reasons, "\n"), "2 of the pool's 2 connections")
	assert.False(t, math.IsNaN(h.ServerConnectionUse), "the server was asked all the same")
}

func TestHealthIsCriticalAndNoErrorWhileTheServerIsGone(t *testing.T) {
	server := pgtest.NewServer(t)
	m := newMonitor(t, Config{})
	newPool(t, m, server.URL)
	ctx := context.Background()
	h, err := m.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)

	server.Freeze()
	m.again()
	began := time.Now()
	h, err = m.Health(ctx)
	took := time.Since(began)
	server.Thaw()
	require.NoError(t, err)
	assert.Equal(t, Critical, h.Verdict)
	assert.Less(t, took, checkTimeout+500*time.Millisecond)
	assert.Contains(t, h.Reasons[0], "does not answer in time")

	server.Kill()
	require.Eventually(t, func() bool {
		m.again()
		h, err = m.Health(ctx)
		require.NoError(t, err)
		return h.Verdict == Critical && strings.Contains(h.Reasons[0], "cannot be reached")
	}, 10*time.Second, 50*time.Millisecond)
	db := only(t, h)
	assert.NotEmpty(t, db.Unchecked)
	assert.True(t, math.IsNaN(db.ServerConnectionUse))
}

func TestManyCallersMakeOneCheck(t *testing.T) {
	m := newMonitor(t, Config{})
	connects := 0
	var mu sync.Mutex
	c, err := pgxpool.ParseConfig(pgtest.URL(t))
	require.NoError(t, err)
	c.ConnConfig.Tracer = NewTracer(m)
	c.BeforeConnect = func(context.Context, *pgx.ConnConfig) error {
		mu.Lock()
		defer mu.Unlock()
		connects++
		return nil
	}
	p, err := pgxpool.NewWithConfig(context.Background(), c)
	require.NoError(t, err)
	defer p.Close()
	_, err = m.Attach("p", p)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			h, err := m.Health(context.Background())
			assert.NoError(t, err)
			assert.Equal(t, Healthy, h.Verdict)
		})
	}
	wg.Wait()
	assert.Equal(t, 1, connects)
}

func TestHealthWithoutAMonitorOrTime(t *testing.T) {
	var none *Monitor
	h, err := none.Health(context.Background())
	require.ErrorIs(t, err, ErrNotInitialized)
	assert.True(t, math.IsNaN(h.SuccessRate))

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = newMonitor(t, Config{}).Health(ended)
	assert.ErrorIs(t, err, context.Canceled)

	h, err = newMonitor(t, Config{Disabled: true}).Health(context.Background())
	require.NoError(t, err)
	assert.NotEmpty(t, h.Unchecked)

	h, err = newMonitor(t, Config{}).Health(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"the database: no pool is attached"}, h.Unchecked)
}

func TestWhatIsWrongIsSaidInWordsOfOurOwn(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&pgconn.PgError{Code: "53300", Message: "secret"}, "too many clients"},
		{&pgconn.PgError{Code: "28P01", Message: "secret"}, "refuses the role"},
		{&pgconn.PgError{Code: "3D000", Message: "secret"}, "does not exist"},
		{&pgconn.PgError{Code: "57P03", Message: "secret"}, "starting up"},
		{&pgconn.PgError{Code: "XX000", Message: "secret", Detail: "secret"}, "error XX000"},
		{&net.DNSError{Name: "secret", Err: "no such host"}, "cannot be reached"},
		{errors.New("secret"), "cannot be reached"},
		{fmt.Errorf("secret: %w", context.DeadlineExceeded), "in time"},
	} {
		got := describe(tc.err)
		assert.Contains(t, got, tc.want)
		assert.NotContains(t, got, "secret")
	}
	assert.Equal(t, 100.0, serverCheck{err: &pgconn.PgError{Code: "53300"}}.health(blocks{}, false).ServerConnectionUse)
}

func TestTheServersFiguresAreJudged(t *testing.T) {
	base := serverCheck{answered: true, limit: 100, statements: true, seesAll: true}
	with := func(change func(*serverCheck)) serverCheck { s := base; change(&s); return s }
	for _, tc := range []struct {
		name    string
		check   serverCheck
		want    Verdict
		buffers float64
	}{
		{"fine", with(func(s *serverCheck) { s.clients, s.blocks = 80, blocks{1900, 200} }), Healthy, 90},
		{"many clients", with(func(s *serverCheck) { s.clients, s.blocks = 81, blocks{1900, 200} }), Degraded, 90},
		{"nearly full", with(func(s *serverCheck) { s.clients, s.blocks = 96, blocks{1900, 200} }), Critical, 90},
		{"cold buffers", with(func(s *serverCheck) { s.blocks = blocks{1600, 500} }), Degraded, 60},
		{"cold, but of few blocks", with(func(s *serverCheck) { s.blocks = blocks{1060, 140} }), Healthy, 60},
		{"statistics reset", with(func(s *serverCheck) { s.blocks = blocks{5, 5} }), Healthy, math.NaN()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := tc.check.health(blocks{1000, 100}, true)
			assert.Equal(t, tc.want, h.Verdict, "%v", h.Reasons)
			if math.IsNaN(tc.buffers) {
				assert.True(t, math.IsNaN(h.BufferHitRate))
			} else {
				assert.InDelta(t, tc.buffers, h.BufferHitRate, 1e-9)
			}
			assert.Empty(t, h.Unchecked)
		})
	}
}

func TestTopQueriesAreByTheirShareOfTime(t *testing.T) {
	m := newMonitor(t, Config{})
	m.registry.Sample(time.Now())
	m.count(nil, m.named("often"), "", 10*time.Millisecond, 0, "")
	m.count(nil, m.named("often"), "", 10*time.Millisecond, 0, "23")
	m.count(nil, m.named("heavy"), "", 80*time.Millisecond, 0, "")
	m.registry.Sample(time.Now().Add(10 * time.Second))
	top := m.TopQueries()
	require.Len(t, top, 2)
	assert.Equal(t, "heavy", top[0].Name)
	assert.InDelta(t, 80, top[0].Share, 1e-3)
	assert.EqualValues(t, 1, top[0].Calls)
	assert.InEpsilon(t, 80*time.Millisecond, top[0].P95, 0.01)
	assert.InDelta(t, 50, top[1].Errors, 1e-9)
	assert.InDelta(t, 0.2, top[1].Rate, 0.01)
}
