package dbmon

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
)

// Whatever a query holds or its error says stays inside: on a real server, with
// queries that fail, are slow, are repeated and are never closed.
func TestCase42NoArgumentAndNoDetailOfAnErrorGetsOut(t *testing.T) {
	const secret = "ada.lovelace@example.com"
	var log bytes.Buffer
	m := newMonitor(t, Config{SlowQuery: 1, HeldConnection: 1, Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	p := newPool(t, m, pgtest.Schema(t))
	_, err := p.Exec(context.Background(), "create table users (email text unique, age int check (age > 0))")
	require.NoError(t, err)
	ctx, request := inHTTP("/sign-up")
	request.Sample(reqctx.NewSampler(1, nil))
	ctx, cancel := context.WithCancel(ctx)
	for range manyCalls + 2 {
		_, _ = p.Exec(ctx, "insert into users (email) values ($1)", secret)
	}
	_, err = p.Exec(ctx, "insert into users (email) values ($1)", secret)
	require.ErrorContains(t, err, "users_email_key", "the detail holds the value, and the caller sees it")
	_, err = p.Exec(ctx, "insert into users (email, age) values ('"+secret+"', -1)")
	require.Error(t, err)
	_, err = p.Exec(ctx, "select '"+secret+"'::int")
	require.ErrorContains(t, err, secret, "the message holds the value")
	_, err = p.Exec(ctx, "-- "+secret+"\nselect 1")
	require.NoError(t, err)
	_, err = p.Exec(ctx, "select $1::text", pgx.QueryExecModeExec, secret)
	require.NoError(t, err)
	b := &pgx.Batch{}
	b.Queue("insert into users (email) values ($1)", secret)
	require.Error(t, p.SendBatch(ctx, b).Close())
	_, err = p.CopyFrom(ctx, pgx.Identifier{"users"}, []string{"email"}, pgx.CopyFromRows([][]any{{secret}}))
	require.Error(t, err)
	_, err = TrackQueryIn(ctx, m, "signed_up", func(ctx context.Context) (string, error) {
		return secret, p.QueryRow(ctx, "select email from users where email = $1 and age = 1", secret).Scan(new(string))
	})
	require.Error(t, err)
	rows, err := p.Query(ctx, "select email, generate_series(1, 100000) from users where email = $1", secret)
	require.NoError(t, err)
	open, held := m.OpenQueries(), m.HeldConnections()
	assert.NotEmpty(t, open)
	assert.NotEmpty(t, held)
	cancel()
	m.expire(m.since())
	m.expire(m.since() + unclosedAtLast + 1)
	m.reportHeld(m.since() + time.Hour)
	rows.Close()

	m.registry.Sample(time.Now().Add(10 * time.Second))
	h, err := m.Health(context.Background())
	require.NoError(t, err)
	spans, _, _ := request.TakeSpans()
	var families []metric.Family
	m.Produce(func(f metric.Family) { families = append(families, f) })
	out := map[string]any{
		"log": log.String(), "metrics": families, "spans": spans, "breadcrumbs": request.Breadcrumbs(), "slow": m.SlowQueries(),
		"findings": m.Findings(), "open": open, "held": held, "top": m.TopQueries(), "health": h, "pools": m.Pools(),
	}
	for what, v := range out {
		text := fmt.Sprintf("%+v", v)
		assert.NotEqual(t, "[]", text, "%s: nothing to look at", what)
		for _, part := range []string{secret, "lovelace", "users_email_key", "Key ("} {
			assert.NotContains(t, text, part, what)
		}
	}
}

func TestCase46RowsAreCountedOnSuccessToo(t *testing.T) {
	m := newMonitor(t, Config{SlowQuery: 1})
	p := newPool(t, m, pgtest.Schema(t))
	ctx := WithName(context.Background(), "rows")
	_, err := p.Exec(ctx, "create table t as select generate_series(1, 7) as id")
	require.NoError(t, err)
	_, err = p.Exec(ctx, "update t set id = id + 10 where id > 4")
	require.NoError(t, err)
	rows, err := p.Query(ctx, "select id from t")
	require.NoError(t, err)
	_, err = pgx.CollectRows(rows, pgx.RowTo[int])
	require.NoError(t, err)
	_, err = p.Exec(ctx, "select 1 / (id - id) from t")
	require.Error(t, err)
	var counted float64
	m.Produce(func(f metric.Family) {
		if f.Name == queryRows {
			for _, point := range f.Points {
				if point.Values[0] == "rows" {
					counted += point.Value
				}
			}
		}
	})
	assert.InDelta(t, 7+3+7, counted, 0)
	var slow int64
	for _, q := range m.SlowQueries() {
		if q.Name == "rows" {
			slow += q.Rows
		}
	}
	assert.EqualValues(t, 7+3+7, slow)
}

// An idle pool too is empty at times, so that counting those says nothing;
// waiting for more than a second in each second does.
func TestCase48AStarvedPoolIsKnownByTheTimeWaited(t *testing.T) {
	before := poolWait{total: time.Minute, at: 10 * time.Second}
	for after, want := range map[poolWait]bool{
		{total: time.Minute + 11*time.Second, at: 20 * time.Second}: true,
		{total: time.Minute + 9*time.Second, at: 20 * time.Second}:  false,
		{total: time.Second, at: 20 * time.Second}:                  false, // another pool took the name
		{total: 2 * time.Minute, at: 10 * time.Second}:              false,
	} {
		rate, ok := after.since(before)
		assert.Equal(t, want, ok && rate > maxPoolWait, "%+v", after)
	}
}

func TestCase48AnIdlePoolDoesNotStarveHoweverOftenItIsEmpty(t *testing.T) {
	m := newMonitor(t, Config{})
	p := newPool(t, m, oneConnection(t))
	ctx := context.Background()
	m.registry.Sample(time.Now())
	for range 20 { // each finds the pool empty, as its connection was closed
		conn, err := p.Acquire(ctx)
		require.NoError(t, err)
		require.NoError(t, conn.Conn().Close(ctx))
		conn.Release()
	}
	require.GreaterOrEqual(t, p.Stat().EmptyAcquireCount(), int64(20))
	m.registry.Sample(time.Now().Add(10 * time.Second))
	assert.Less(t, m.Pools()[0].Starvation, maxPoolWait)
	assert.NotContains(t, fmt.Sprint(checkAnew(t, m).Reasons), "wait for the pool's connections")
}

// What the server has counted since its last reset says nothing about now.
func TestCase50TheBufferHitRateIsThatSinceTheCheckBefore(t *testing.T) {
	years := serverCheck{answered: true, limit: 100, statements: true, seesAll: true, blocks: blocks{hit: 1_000_000_000, read: 1_000_000}}
	first := years.health(blocks{}, false)
	assert.True(t, math.IsNaN(first.BufferHitRate), "the first check has nothing to compare with")
	assert.Equal(t, Healthy, first.Verdict)
	now := years
	now.blocks.hit += 1000
	now.blocks.read += 9000
	h := now.health(years.blocks, true)
	assert.InDelta(t, 10, h.BufferHitRate, 1e-9)
	assert.Equal(t, Degraded, h.Verdict)
	reset := years
	reset.blocks = blocks{hit: 5, read: 5}
	assert.True(t, math.IsNaN(reset.health(years.blocks, true).BufferHitRate), "statistics were reset in between")

	m := newMonitor(t, Config{})
	newPool(t, m, pgtest.Schema(t))
	assert.True(t, math.IsNaN(checkAnew(t, m).BufferHitRate))
}
