package dbmon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAQueryIsCountedByNameAndClassOfError(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"fine", nil, ""},
		{"no rows is an answer", pgx.ErrNoRows, ""},
		{"no rows, wrapped", fmt.Errorf("find: %w", pgx.ErrNoRows), ""},
		{"unique violation", &pgconn.PgError{Code: "23505", Detail: "Key (email)=(ada@example.com)"}, "23"},
		{"wrapped", fmt.Errorf("insert: %w", &pgconn.PgError{Code: "40001"}), "40"},
		{"given up", fmt.Errorf("query: %w", context.Canceled), typeCanceled},
		{"deadline", context.DeadlineExceeded, typeTimeout},
		{"class unknown", &pgconn.PgError{Code: "Q1234"}, typeOther},
		{"code malformed", &pgconn.PgError{Code: "x"}, typeOther},
		{"anything", errors.New("boom"), typeOther},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newMonitor(t, Config{})
			run(WithName(context.Background(), "q"), NewTracer(m), "select 1", tc.err)
			assert.Equal(t, map[[2]string]uint64{{"q", tc.want}: 1}, counts(m))
		})
	}
}

func TestTheZeroTracerFollowsTheDefaultAtEachCall(t *testing.T) {
	tr := &Tracer{}
	early := tr.TraceQueryStart(context.Background(), nil, pgx.TraceQueryStartData{SQL: "select 1"})
	a, b := newMonitor(t, Config{}), newMonitor(t, Config{})
	t.Cleanup(func() { SetDefault(nil) })

	SetDefault(a)
	tr.TraceQueryEnd(early, nil, pgx.TraceQueryEndData{})
	assert.Empty(t, counts(a), "begun before there was one")
	under := tr.TraceQueryStart(WithName(context.Background(), "q"), nil, pgx.TraceQueryStartData{SQL: "select 1"})
	SetDefault(b)
	tr.TraceQueryEnd(under, nil, pgx.TraceQueryEndData{})
	run(WithName(context.Background(), "q"), tr, "select 1", nil)
	assert.EqualValues(t, 1, counts(a)[[2]string{"q", ""}], "a query belongs to whom it began with")
	assert.EqualValues(t, 1, counts(b)[[2]string{"q", ""}])
}

func TestAnEndWithoutItsStartDoesNothing(t *testing.T) {
	m := newMonitor(t, Config{})
	ctx := context.Background()
	for _, tr := range []*Tracer{NewTracer(m), {}, nil} {
		assert.NotPanics(t, func() {
			tr.TraceQueryEnd(ctx, nil, pgx.TraceQueryEndData{Err: errors.New("x")})
			tr.TraceBatchQuery(ctx, nil, pgx.TraceBatchQueryData{SQL: "select 1"})
			tr.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{Err: errors.New("x")})
			tr.TraceCopyFromEnd(ctx, nil, pgx.TraceCopyFromEndData{})
			tr.TracePrepareEnd(ctx, nil, pgx.TracePrepareEndData{})
			tr.TraceConnectEnd(ctx, pgx.TraceConnectEndData{})
			tr.TraceAcquireEnd(ctx, nil, pgxpool.TraceAcquireEndData{})
			tr.TraceRelease(nil, pgxpool.TraceReleaseData{})
		})
	}
	assert.Empty(t, counts(m))
}

func TestTheHooksOfAQueryCostOneAllocation(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx := context.Background()
	data := pgx.TraceQueryStartData{SQL: "select id, total from orders where customer = $1 and state = $2"}
	run(ctx, tr, data.SQL, nil)
	for range 300 { // published
		run(ctx, tr, data.SQL, nil)
	}
	allocs := testing.AllocsPerRun(1000, func() {
		tr.TraceQueryEnd(tr.TraceQueryStart(ctx, nil, data), nil, pgx.TraceQueryEndData{})
	})
	assert.LessOrEqual(t, allocs, 1.0)
}

func TestInAMultitracerNothingIsLost(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := multitracer.New(NewTracer(m), NewTracer(m)) // the outer one's context is under the inner one's
	ctx := tr.TraceQueryStart(WithName(context.Background(), "q"), nil, pgx.TraceQueryStartData{SQL: "select 1"})
	tr.TraceQueryEnd(ctx, nil, pgx.TraceQueryEndData{})
	assert.Len(t, tr.BatchTracers, 2)
	assert.Len(t, tr.PoolReleaseTracers, 2)
	assert.EqualValues(t, 2, counts(m)[[2]string{"q", ""}])
}

func TestEachQueryOfABatchIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(t, Config{})
		tr := NewTracer(m)
		ctx := tr.TraceBatchStart(context.Background(), nil, pgx.TraceBatchStartData{})
		began := time.Now()
		time.Sleep(2 * time.Second)
		tr.TraceBatchQuery(ctx, nil, pgx.TraceBatchQueryData{SQL: "-- name: A :one\nselect 1", ReadStartTime: began})
		tr.TraceBatchQuery(ctx, nil, pgx.TraceBatchQueryData{SQL: "-- name: B :one\nselect 1", ReadStartTime: time.Now(), Err: &pgconn.PgError{Code: "23505"}})
		tr.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{Err: &pgconn.PgError{Code: "23505"}})
		assert.Equal(t, map[[2]string]uint64{{"A", ""}: 1, {"B", "23"}: 1}, counts(m))
		require.Len(t, m.SlowQueries(), 1)
		assert.Equal(t, 2*time.Second, m.SlowQueries()[0].Duration)
	})
}

func TestABatchThatCouldNotBeSentFailsOnce(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx := tr.TraceBatchStart(context.Background(), nil, pgx.TraceBatchStartData{})
	tr.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{Err: &pgconn.PgError{Code: "42601"}})
	tr.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{Err: &pgconn.PgError{Code: "42601"}})
	assert.Equal(t, map[[2]string]uint64{{"batch", "42"}: 1}, counts(m))
}

func TestSlowAndFailedQueriesLeaveATraceWithoutAnyValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(t, Config{SlowQuery: 100 * time.Millisecond})
		tr := NewTracer(m)
		ctx, request := inRequest("req-1")
		const secret = "ada@example.com"
		sql := "select * from users where email = '" + secret + "'"

		began := tr.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: sql, Args: []any{secret}})
		time.Sleep(150 * time.Millisecond)
		tr.TraceQueryEnd(began, nil, pgx.TraceQueryEndData{})
		run(ctx, tr, sql, &pgconn.PgError{Code: "23505", Message: "duplicate " + secret, Detail: "Key (email)=(" + secret + ")"})
		run(ctx, tr, sql, nil)

		slow := m.SlowQueries()
		require.Len(t, slow, 1)
		assert.Equal(t, "req-1", slow[0].CorrelationID)
		assert.Equal(t, 150*time.Millisecond, slow[0].Duration)
		assert.Regexp(t, `^dbmon/tracer_test\.go:\d+$`, slow[0].Caller)
		assert.Equal(t, time.Now(), slow[0].At)
		crumbs := request.Breadcrumbs()
		require.Len(t, crumbs, 3, "the fast and fine one too: it led to what comes after")
		assert.Equal(t, "query", crumbs[0].Category)
		assert.Equal(t, 150.0, crumbs[0].Data["duration_ms"])
		assert.Equal(t, "23", crumbs[1].Data["error.type"])
		assert.Equal(t, slog.LevelInfo, crumbs[2].Level)
		assert.NotContains(t, fmt.Sprintf("%+v %+v %+v", slow, crumbs, counts(m)), "example")
	})
}

func TestSlowQueriesAreBoundedAndNewestFirst(t *testing.T) {
	var r slowRing
	for i := range maxSlow + 10 {
		r.add(SlowQuery{Name: fmt.Sprint(i)})
	}
	all := r.all()
	require.Len(t, all, maxSlow)
	assert.Equal(t, fmt.Sprint(maxSlow+9), all[0].Name)
	assert.Equal(t, "10", all[maxSlow-1].Name)
}

func TestAQueryInsideTrackQueryCountsOnceUnderItsName(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx := context.Background()

	_, _ = TrackQueryIn(ctx, m, "fetch_orders", func(ctx context.Context) (int, error) {
		run(ctx, tr, "select 1", nil)
		return 1, nil
	})
	assert.Equal(t, map[[2]string]uint64{{"fetch_orders", ""}: 1}, counts(m))

	_, _ = TrackQueryIn(ctx, m, "outer", func(ctx context.Context) (int, error) {
		return TrackQueryIn(ctx, m, "redis_get", func(context.Context) (int, error) { return 0, errors.New("down") })
	})
	assert.Equal(t, map[[2]string]uint64{{"fetch_orders", ""}: 1, {"redis_get", typeOther}: 1}, counts(m), "what is not pgx counts too, and only the inner one")
}

func TestTwoMonitorsDoNotSeeEachOther(t *testing.T) {
	a, b := newMonitor(t, Config{}), newMonitor(t, Config{})
	_, _ = TrackQueryIn(context.Background(), a, "q", func(ctx context.Context) (int, error) {
		run(ctx, NewTracer(b), "select 1", nil)
		return 1, nil
	})
	assert.Equal(t, map[[2]string]uint64{{"q", ""}: 1}, counts(a))
	assert.Equal(t, map[[2]string]uint64{{"q", ""}: 1}, counts(b))
}

func TestTrackQueryCountsAPanicAndLetsItPass(t *testing.T) {
	m := newMonitor(t, Config{})
	assert.PanicsWithValue(t, "boom", func() {
		_, _ = TrackQueryIn(context.Background(), m, "q", func(context.Context) (int, error) { panic("boom") })
	})
	assert.Equal(t, map[[2]string]uint64{{"q", typePanic}: 1}, counts(m))
}

func TestWithoutAMonitorTrackQueryRunsTheFunction(t *testing.T) {
	disabled := newMonitor(t, Config{Disabled: true})
	boom := errors.New("boom")
	for _, m := range []*Monitor{nil, disabled} {
		got, err := TrackQueryIn(context.Background(), m, "q", func(context.Context) (int, error) { return 7, boom })
		assert.Equal(t, 7, got)
		assert.Equal(t, boom, err)
	}
	got, err := TrackQuery(context.Background(), "q", func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	assert.Equal(t, 7, got)
	RecordCacheHit("c")
	RecordCacheMiss("c")
}

func TestTheInnerNameHolds(t *testing.T) {
	m := newMonitor(t, Config{})
	_, _ = TrackQueryIn(context.Background(), m, "outer", func(ctx context.Context) (int, error) {
		run(WithName(ctx, "inner"), NewTracer(m), "-- name: Text :one\nselect 1", nil)
		return 0, nil
	})
	assert.Equal(t, map[[2]string]uint64{{"inner", ""}: 1}, counts(m))
}

func TestCopyIsNamedByItsTable(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx := tr.TraceCopyFromStart(context.Background(), nil, pgx.TraceCopyFromStartData{TableName: pgx.Identifier{"shop", "orders"}})
	tr.TraceCopyFromEnd(ctx, nil, pgx.TraceCopyFromEndData{})
	assert.Equal(t, map[[2]string]uint64{{"copy shop.orders", ""}: 1}, counts(m))
}

func TestHooksAreSafeFromManyGoroutines(t *testing.T) {
	m := newMonitor(t, Config{SlowQuery: 1})
	tr := NewTracer(m)
	ctx, _ := inRequest("r")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				run(ctx, tr, fmt.Sprintf("select c%d from t%s", i%300, strings.Repeat("x", g)), nil)
				m.RecordCacheHit(fmt.Sprint(i % 7))
				m.SlowQueries()
			}
		})
	}
	wg.Wait()
	var all uint64
	for _, n := range counts(m) {
		all += n
	}
	assert.EqualValues(t, 8*500, all)
}
