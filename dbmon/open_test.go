package dbmon

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
	"github.com/distri-night/monitoring/metric"
)

func unclosed(m *Monitor, name string) (n float64) {
	m.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			if f.Name == rowsUnclosed && p.Values[0] == name {
				n += p.Value
			}
		}
	})
	return n
}

func TestRowsThatAreNeverClosedAreNamedCountedOnceAndLetGo(t *testing.T) {
	m := newMonitor(t, Config{SlowQuery: time.Millisecond})
	p := newPool(t, m, pgtest.Schema(t))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	rows, err := p.Query(WithName(ctx, "forgotten"), "select generate_series(1, 100000)")
	require.NoError(t, err)
	defer rows.Close()
	time.Sleep(5 * time.Millisecond)
	open := m.OpenQueries()
	require.Len(t, open, 1)
	assert.Equal(t, "forgotten", open[0].Name)
	assert.Greater(t, open[0].Open, time.Millisecond)

	now := m.since()
	m.expire(now + time.Minute)
	assert.Zero(t, unclosed(m, "forgotten"), "its context goes on")
	assert.Len(t, m.OpenQueries(), 1)
	m.expire(now + unclosedAtLast + time.Minute)
	m.expire(now + unclosedAtLast + time.Minute)
	assert.InDelta(t, 1, unclosed(m, "forgotten"), 0)
	assert.Empty(t, m.OpenQueries())

	rows.Close()
	assert.EqualValues(t, 1, counts(m)[[2]string{"forgotten", ""}], "closed at last, it counts as any query")
}

func TestOpenRowsExpireSoonAfterTheirContext(t *testing.T) {
	m := newMonitor(t, Config{})
	ctx, cancel := context.WithCancel(context.Background())
	s := &connState{}
	m.conns.add(s)
	s.query.Store(&trace{Context: ctx, query: m.named("q"), start: m.since(), conn: s})
	now := m.since()
	m.expire(now + time.Minute)
	cancel()
	m.expire(now + time.Minute)
	m.expire(now + time.Minute + unclosedAfter - 1)
	assert.Zero(t, unclosed(m, "q"))
	m.expire(now + time.Minute + unclosedAfter)
	assert.InDelta(t, 1, unclosed(m, "q"), 0)
	runtime.KeepAlive(s)
}

func TestConnectionsThatAreGoneAreForgotten(t *testing.T) {
	m := newMonitor(t, Config{})
	for range 100 {
		m.conns.add(&connState{})
	}
	kept := &connState{}
	m.conns.add(kept)
	runtime.GC()
	runtime.GC()
	assert.Equal(t, []*connState{kept}, m.conns.living())
	runtime.KeepAlive(kept)
}

func TestAConnectionHeldTooLongNamesThePlaceThatTookIt(t *testing.T) {
	for _, watched := range []bool{true, false} {
		c := Config{}
		if watched {
			c.HeldConnection = time.Millisecond
		}
		m := newMonitor(t, c)
		p := newPool(t, m, pgtest.Schema(t))
		ctx, _ := inRequest("req-7")
		conn, err := p.Acquire(ctx)
		require.NoError(t, err)
		time.Sleep(5 * time.Millisecond)
		held := m.HeldConnections()
		if !watched {
			assert.Empty(t, held)
		} else if assert.Len(t, held, 1) {
			assert.Equal(t, "req-7", held[0].CorrelationID)
			assert.Regexp(t, `^dbmon/open_test\.go:\d+$`, held[0].Caller)
			assert.Equal(t, p.Config().ConnConfig.Database, held[0].Pool)
		}
		conn.Release()
		assert.Empty(t, m.HeldConnections())
	}
}

func TestCallersThatWaitForAConnectionAreCounted(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, oneConnection(t))
	conn, err := p.Acquire(context.Background())
	require.NoError(t, err)
	waited := make(chan error, 1)
	go func() {
		var one int
		waited <- p.QueryRow(context.Background(), "select 1").Scan(&one)
	}()
	require.Eventually(t, func() bool { return m.Pools()[0].Waiting == 1 }, 5*time.Second, time.Millisecond)
	m.registry.Sample(time.Now())
	time.Sleep(20 * time.Millisecond)
	conn.Release()
	require.NoError(t, <-waited)
	m.registry.Sample(time.Now().Add(10 * time.Second))
	s := m.Pools()[0]
	assert.Zero(t, s.Waiting)
	assert.Greater(t, s.Starvation, 0.0)
	assert.GreaterOrEqual(t, s.AcquireP95, 15*time.Millisecond)
}

func TestAQuerysOwnLimitSaysWhenItIsSlow(t *testing.T) {
	m := newMonitor(t, Config{SlowQueries: map[string]time.Duration{"strict": time.Nanosecond}})
	for _, name := range []string{"strict", "lax"} {
		run(WithName(context.Background(), name), NewTracer(m), "select 1", nil)
	}
	require.Len(t, m.SlowQueries(), 1)
	assert.Equal(t, "strict", m.SlowQueries()[0].Name)
	assert.ErrorIs(t, Config{SlowQueries: map[string]time.Duration{"x": 0}}.Validate(), ErrInvalid)
	assert.ErrorIs(t, Config{HeldConnection: -1}.Validate(), ErrInvalid)
}

func TestATextThatRanBeforeOnTheConnectionIsKnownByItsPlace(t *testing.T) {
	m, other := newMonitor(t, Config{}), newMonitor(t, Config{})
	s := &connState{}
	s.prepare(m, "find", "-- name: FindA :one\nselect 1")
	const text = "-- name: ListOrders :many\nselect 1"
	q := s.queryOf(m, text)
	assert.Equal(t, "ListOrders", q.name)
	assert.Same(t, q, s.queryOf(m, text))
	assert.NotSame(t, q, s.queryOf(other, text), "each Monitor has its own")
	assert.Equal(t, "FindA", s.queryOf(m, "find").name)
	s.prepare(m, "find", "-- name: FindB :one\nselect 1")
	assert.Equal(t, "FindB", s.queryOf(m, "find").name, "a statement's name may come to mean another text")
	for i := range 2 * maxStatements {
		name := fmt.Sprint("stmt_", i)
		s.prepare(m, name, fmt.Sprintf("-- name: S%d :one\nselect 1", i%7))
		assert.Equal(t, fmt.Sprint("S", i%7), s.queryOf(m, name).name)
	}
	assert.Len(t, s.statements, maxStatements)
	changed := []byte(text)
	assert.Equal(t, "ListOrders", s.queryOf(m, string(changed)).name)
	var none *connState
	assert.Equal(t, "ListOrders", none.queryOf(m, text).name)
}

// oneConnection is the URL of a database for a pool of one.
func oneConnection(t *testing.T) string {
	u, err := url.Parse(pgtest.Schema(t))
	require.NoError(t, err)
	q := u.Query()
	q.Set("pool_max_conns", "1")
	u.RawQuery = q.Encode()
	return u.String()
}
