package dbmon

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// recorded is a context whose spans are kept.
func recorded() (context.Context, *reqctx.Request) {
	ctx := reqctx.NewJob(context.Background(), "job-1", reqctx.NewTrace(), nil)
	r := reqctx.From(ctx).Request
	r.Sample(reqctx.NewSampler(1, nil))
	return ctx, r
}

func TestAQueryIsASpanOfARecordedRequest(t *testing.T) {
	m := newMonitor(t, Config{})
	tr := NewTracer(m)
	ctx, request := recorded()
	outer, open := reqctx.StartSpan(ctx, reqctx.OpMark, "checkout")
	run(outer, tr, "select email from users where id = 987654321012 and token = 'sk_live_secret'", nil)
	open.End("")
	run(WithName(ctx, "insert order"), tr, "insert", &pgconn.PgError{Code: "23505", Detail: "Key (email)=(ada@example.com)"})
	run(ctx, tr, "select 2", context.Canceled)
	_, _ = TrackQueryIn(ctx, m, "cache get", func(context.Context) (int, error) { return 0, errors.New("boom") })
	_, _ = TrackQueryIn(ctx, m, "named", func(ctx context.Context) (int, error) {
		run(ctx, tr, "select 3", nil)
		return 0, nil
	})

	spans, _, ok := request.TakeSpans()
	require.True(t, ok)
	queries := map[string]reqctx.Span{}
	for _, sp := range spans {
		if sp.Op == reqctx.OpQuery {
			queries[sp.Name] = sp
		}
	}
	require.Len(t, queries, 5, "each once: %v", queries)
	assert.Equal(t, "ok", queries["named"].Status)
	assert.Equal(t, "internal_error", queries["insert order"].Status)
	assert.Contains(t, fmt.Sprint(queries["insert order"].Attrs), "error.type=23")
	assert.Contains(t, fmt.Sprint(queries["insert order"].Attrs), "db.system=postgresql")
	assert.NotContains(t, fmt.Sprint(queries["cache get"].Attrs), "postgresql", "what is not pgx may be anything")
	for _, sp := range queries {
		if sp.Parent != request.Trace().SpanID {
			assert.Contains(t, sp.Name, "users", "only the first one is inside the mark")
		}
		assert.NotZero(t, sp.Took)
	}
	for _, secret := range []string{"987654321012", "sk_live_secret", "ada@example.com"} {
		assert.NotContains(t, fmt.Sprint(spans), secret)
	}
}

func TestAQueryOfARequestThatIsNotRecordedAllocatesNoSpan(t *testing.T) {
	tr := NewTracer(newMonitor(t, Config{}))
	ctx, _ := inRequest("r")
	plain := context.Background()
	query := func(ctx context.Context) func() {
		return func() {
			tr.TraceQueryEnd(tr.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "select 1"}), nil, pgx.TraceQueryEndData{})
		}
	}
	assert.Equal(t, testing.AllocsPerRun(100, query(plain)), testing.AllocsPerRun(100, query(ctx)))
}
