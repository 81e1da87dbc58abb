package dbmon

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// inHTTP is the context of a request on a route.
func inHTTP(route string) (context.Context, *reqctx.Request) {
	_, r, request := reqctx.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	request.SetRoute(route)
	return r.Context(), request
}

func TestOneQueryForEachRowOfAnotherIsFound(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	for range 2 {
		ctx, _ := inHTTP("/orders")
		run(ctx, tr, "-- name: ListOrders :many\nselect 1", nil)
		for range 25 {
			run(ctx, tr, "-- name: GetSupplier :one\nselect 1", nil)
		}
	}
	found := m.Findings()
	require.Len(t, found, 1)
	assert.Equal(t, []any{NPlusOne, "GetSupplier", "/orders", uint64(2), uint64(25)},
		[]any{found[0].Kind, found[0].Query, found[0].Route, found[0].Requests, found[0].Most})
	assert.Regexp(t, `^dbmon/helpers_test\.go:\d+$`, found[0].Caller)
}

func TestATransactionOfManyStatementsUnderOneNameRepeatsNothing(t *testing.T) {
	m := newMonitor(t, Config{})
	ctx, _ := inHTTP("/checkout")
	_, err := TrackQueryIn(ctx, m, "checkout", func(ctx context.Context) (int, error) {
		for i := range 12 {
			run(ctx, NewTracer(m), fmt.Sprintf("select %d", i), nil)
		}
		return 0, nil
	})
	require.NoError(t, err)
	assert.Empty(t, m.Findings())

	_, err = TrackQueryIn(ctx, m, "lines", func(ctx context.Context) (int, error) {
		for range 12 {
			run(ctx, NewTracer(m), "select line", nil)
		}
		return 0, nil
	})
	require.NoError(t, err)
	require.Len(t, m.Findings(), 1)
	assert.Equal(t, []any{NPlusOne, "lines", uint64(12)}, []any{m.Findings()[0].Kind, m.Findings()[0].Query, m.Findings()[0].Most})
}

func TestAQueryThatIsRepeatedWithOtherLiteralsIsFound(t *testing.T) {
	m := newMonitor(t, Config{})
	ctx, _ := inHTTP("/orders")
	for i := range 25 {
		run(ctx, NewTracer(m), fmt.Sprintf("select name from suppliers where id = %d", i), nil)
	}
	found := m.Findings()
	require.Len(t, found, 1)
	assert.Equal(t, []any{NPlusOne, uint64(25)}, []any{found[0].Kind, found[0].Most})
}

func TestABatchOfOneStatementIsTheCureForNPlusOne(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx, _ := inHTTP("/orders")
	batch := tr.TraceBatchStart(ctx, nil, pgx.TraceBatchStartData{})
	for range 25 {
		tr.TraceBatchQuery(batch, nil, pgx.TraceBatchQueryData{SQL: "select 1"})
	}
	tr.TraceBatchEnd(batch, nil, pgx.TraceBatchEndData{})
	assert.Empty(t, m.Findings())
}

func TestARequestIsOneHoweverOftenItDoesIt(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	for range 2 {
		ctx, _ := inHTTP("/export")
		for rows := range 3 {
			began := tr.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "-- name: All :many\nselect 1"})
			tr.TraceQueryEnd(began, nil, pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag(fmt.Sprintf("SELECT %d", 10001+rows))})
		}
	}
	found := m.Findings()
	require.Len(t, found, 1)
	assert.Equal(t, uint64(2), found[0].Requests)
	assert.Equal(t, uint64(10003), found[0].Most)
}

func TestAJobMayRunAQueryAsOftenAsItLikes(t *testing.T) {
	m := newMonitor(t, Config{})
	ctx, _ := inRequest("job-1")
	for range 50 {
		run(ctx, NewTracer(m), "select 1", nil)
	}
	assert.Empty(t, m.Findings())
}

func TestAQueryTriedAgainAndAgainIsFound(t *testing.T) {
	m := newMonitor(t, Config{})
	ctx, _ := inHTTP("/pay")
	for range 6 {
		run(WithName(ctx, "charge"), NewTracer(m), "select 1", &pgconn.PgError{Code: "40001"})
	}
	found := m.Findings()
	require.Len(t, found, 1)
	assert.Equal(t, []any{Retries, "charge", uint64(6)}, []any{found[0].Kind, found[0].Query, found[0].Most})
}

func TestAResultWithoutBoundIsFound(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx, _ := inHTTP("/export")
	began := tr.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "-- name: All :many\nselect 1"})
	tr.TraceQueryEnd(began, nil, pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 10001")})
	found := m.Findings()
	require.Len(t, found, 1)
	assert.Equal(t, []any{LargeResult, "All", uint64(10001)}, []any{found[0].Kind, found[0].Query, found[0].Most})
}

func TestAFindingCountsRequestsAndNotHowOftenOneDidIt(t *testing.T) {
	for _, others := range []int{0, 2 * maxSeen} { // past maxSeen a request's queries are not told apart
		m := newMonitor(t, Config{})
		tr := NewTracer(m)
		const requests = 3
		for range requests {
			ctx, request := inHTTP("/export")
			for i := range others {
				run(ctx, tr, fmt.Sprintf("-- name: Other%d :one\nselect 1", i), nil)
			}
			s := &connState{}
			for i := range 2 {
				began := tr.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "-- name: All :many\nselect 1"})
				tr.TraceQueryEnd(began, nil, pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag(fmt.Sprint("SELECT ", 20_000+i))})
				for _, text := range []string{"begin", "-- name: All :many\nselect 1", "commit"} {
					if text == "commit" {
						request.Called()
					}
					s.tx.observe(&trace{Context: ctx, query: m.ofText(text), conn: s}, text)
				}
			}
		}
		found := map[FindingKind]Finding{}
		for _, f := range m.Findings() {
			found[f.Kind] = f
		}
		assert.EqualValues(t, 20_001, found[LargeResult].Most)
		assert.EqualValues(t, requests, found[LargeResult].Requests)
		assert.EqualValues(t, requests, found[HeldTransaction].Requests)
	}
}

func TestACallOfOthersInsideATransactionIsFound(t *testing.T) {
	for _, tc := range []struct {
		name      string
		inside    bool
		end       string
		savepoint bool
		want      int
	}{
		{"inside", true, "commit", false, 1},
		{"inside, given up", true, "rollback", false, 1},
		{"before it began", false, "commit", false, 0},
		{"back to a savepoint is no end", true, "commit", true, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newMonitor(t, Config{})
			ctx, request := inHTTP("/checkout")
			s := &connState{}
			send := func(text string) {
				tr := &trace{Context: ctx, query: m.ofText(text), conn: s}
				s.tx.observe(tr, text)
			}
			request.Called()
			send("begin isolation level serializable")
			send("-- name: LockStock :one\nselect 1")
			if tc.savepoint {
				send("rollback to savepoint a")
			}
			if tc.inside {
				request.Called()
			}
			send(tc.end)
			require.Len(t, m.Findings(), tc.want)
			if tc.want > 0 {
				f := m.Findings()[0]
				assert.Equal(t, []any{HeldTransaction, "LockStock", "/checkout"}, []any{f.Kind, f.Query, f.Route})
			}
		})
	}
}

func TestFindingsAreBoundedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(t, Config{})
		for range maxFindings + 5 {
			time.Sleep(time.Second)
			m.found.note(Finding{Kind: Retries, Route: time.Now().String(), Last: time.Now(), Requests: 1})
		}
		assert.Len(t, m.Findings(), maxFindings)
		time.Sleep(25 * time.Hour)
		assert.Empty(t, m.Findings())
	})
}
