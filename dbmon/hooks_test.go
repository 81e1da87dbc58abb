package dbmon

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// BenchmarkQueryHooks is both hooks of a query on a real connection; nothing is sent.
func BenchmarkQueryHooks(b *testing.B) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.URL(b))
	require.NoError(b, err)
	defer func() { _ = conn.Close(ctx) }()
	tr := NewTracer(newMonitor(b, Config{}))
	data := pgx.TraceQueryStartData{SQL: "select id, total from orders where customer = $1 and state = $2", Args: []any{1, "a"}}
	b.ReportAllocs()
	for b.Loop() {
		tr.TraceQueryEnd(tr.TraceQueryStart(ctx, conn, data), conn, pgx.TraceQueryEndData{})
	}
}
