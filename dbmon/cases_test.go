package dbmon

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
)

// Cases that hurt users of other instruments, each under its number.

func TestCase42NoArgumentLiteralOrDetailLeaves(t *testing.T) {
	const secret = "ada.lovelace@example.com"
	var logs bytes.Buffer
	m := newMonitor(t, Config{SlowQuery: time.Nanosecond, HeldConnection: time.Millisecond, Logger: slog.New(slog.NewTextHandler(&logs, nil))})
	p := newPool(t, m, pgtest.Schema(t))
	ctx, request := inHTTP("/users")
	ctx = reqctx.WithCorrelationID(ctx, "req-42")

	_, err := p.Exec(ctx, "create table users (email text primary key)")
	require.NoError(t, err)
	for range manyCalls { // findings too
		_, err = p.Exec(ctx, "insert into users values ($1)", secret)
	}
	require.ErrorContains(t, err, "23505")
	_, err = p.Exec(ctx, "insert into users values ('"+secret+"') -- for "+secret)
	require.ErrorContains(t, err, "23505")
	_, err = TrackQueryIn(ctx, m, "by_email", func(ctx context.Context) (int, error) {
		var n int
		return n, p.QueryRow(ctx, "select count(*) from users where email = '"+secret+"' and email <> $tag$"+secret+"$tag$").Scan(&n)
	})
	require.NoError(t, err)
	_, err = p.CopyFrom(ctx, pgx.Identifier{"users"}, []string{"email"}, pgx.CopyFromRows([][]any{{secret}}))
	require.ErrorContains(t, err, "23505")
	b := &pgx.Batch{}
	b.Queue("insert into users values ($1)", secret)
	require.Error(t, p.SendBatch(ctx, b).Close())
	conn, err := p.Acquire(ctx)
	require.NoError(t, err)
	open, err := conn.Query(ctx, "select '"+secret+"', generate_series(1, 100000)")
	require.NoError(t, err)
	time.Sleep(5 * time.Millisecond)

	h, err := m.Health(context.Background())
	require.NoError(t, err)
	out := []any{m.SlowQueries(), m.TopQueries(), m.Findings(), m.OpenQueries(), m.HeldConnections(), h, request.Breadcrumbs()}
	m.Produce(func(f metric.Family) {
		for _, point := range f.Points {
			out = append(out, f.Name, fmt.Sprint(point.Values))
		}
	})
	open.Close()
	conn.Release()
	require.NotEmpty(t, m.SlowQueries())
	require.NotEmpty(t, m.Findings())
	said := fmt.Sprintf("%+v %s", out, logs.String())
	for _, part := range []string{secret, "lovelace", "example.com"} {
		assert.NotContains(t, said, part)
	}
}

func TestCase46RowsAreCountedOnSuccess(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.Schema(t))
	ctx := context.Background()
	_, err := p.Exec(WithName(ctx, "fill"), "create table t as select generate_series(1, 7) n")
	require.NoError(t, err)
	_, err = p.Exec(WithName(ctx, "change"), "update t set n = n + 1 where n > 2")
	require.NoError(t, err)
	rows := map[string]float64{}
	m.Produce(func(f metric.Family) {
		if f.Name == queryRows {
			for _, point := range f.Points {
				rows[point.Values[0]] += point.Value
			}
		}
	})
	assert.InDelta(t, 7, rows["fill"], 0)
	assert.InDelta(t, 5, rows["change"], 0)
}

func TestCase48AnIdlePoolThatIsEmptyAtTimesDoesNotStarve(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, pgtest.Schema(t)+"&pool_max_conns=2")
	ctx := context.Background()
	starvation := func(f func()) float64 {
		registry := m.registry
		registry.Sample(time.Now())
		began := time.Now()
		f()
		registry.Sample(began.Add(10 * time.Second))
		readings, err := registry.ReadWindow("db_pool_starvation", 10*time.Second)
		require.NoError(t, err)
		require.Len(t, readings, 1)
		return readings[0].Value
	}
	// Acquired while empty, again and again, and released at once: nobody waits long.
	idle := starvation(func() {
		for range 200 {
			var both sync.WaitGroup
			for range 3 {
				both.Go(func() {
					conn, err := p.Acquire(ctx)
					if assert.NoError(t, err) {
						conn.Release()
					}
				})
			}
			both.Wait()
		}
	})
	require.Positive(t, p.Stat().EmptyAcquireCount())
	assert.Less(t, idle, 0.5)

	m.again()
	_, err := m.Health(ctx)
	require.NoError(t, err)
	before := p.Stat().EmptyAcquireWaitTime()
	hold := make([]*pgxpool.Conn, 2)
	for i := range hold {
		hold[i], err = p.Acquire(ctx)
		require.NoError(t, err)
	}
	var waiting sync.WaitGroup
	for range 8 { // eight callers wait together: more than a second a second
		waiting.Go(func() {
			conn, err := p.Acquire(ctx)
			if assert.NoError(t, err) {
				conn.Release()
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	for _, conn := range hold {
		conn.Release()
	}
	waiting.Wait()
	require.Greater(t, p.Stat().EmptyAcquireWaitTime()-before, 2*time.Second)
	m.again()
	h, err := m.Health(ctx)
	require.NoError(t, err)
	assert.Equal(t, Degraded, only(t, h).Verdict)
	assert.Contains(t, strings.Join(only(t, h).Reasons, "\n"), "callers wait for the pool's connections")
}

func TestCase50TheBufferHitRateIsOfTheWindowNotOfAllTime(t *testing.T) {
	longAgo := blocks{hit: 1_000_000_000, read: 10}
	s := serverCheck{answered: true, limit: 100, statements: true, seesAll: true, blocks: blocks{hit: longAgo.hit + 1000, read: longAgo.read + 1000}}
	h := s.health(longAgo, true)
	assert.InDelta(t, 50, h.BufferHitRate, 1e-9, "a million good hours do not hide a bad one")
	assert.Equal(t, Degraded, h.Verdict)
	assert.True(t, math.IsNaN(s.health(blocks{}, false).BufferHitRate), "one look has no window")
}
