package dbmon

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// batchTrace is a batch under way.
type batchTrace struct {
	context.Context
	m       *Monitor
	start   time.Duration
	queries int // counted so far
}

type batchKey struct{}

// Value answers its own key, else asks the parent.
func (b *batchTrace) Value(key any) any {
	if key == (batchKey{}) {
		return b
	}
	return b.Context.Value(key)
}

func batchOf(ctx context.Context) *batchTrace {
	if b, ok := ctx.(*batchTrace); ok {
		return b
	}
	b, _ := ctx.Value(batchKey{}).(*batchTrace)
	return b
}

// TraceBatchStart begins a batch.
func (t *Tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	m := t.monitor()
	if m == nil {
		return ctx
	}
	trackedOf(ctx).mark(m)
	return &batchTrace{Context: ctx, m: m, start: m.since()}
}

// TraceBatchQuery counts one query of the batch, with the time from when its
// result was asked for. The wait for those before it is theirs.
func (t *Tracer) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	b := batchOf(ctx)
	if b == nil {
		return
	}
	b.queries++
	q := (*query)(nil)
	if named := trackedOf(b.Context); named != nil {
		q = named.queryFor(b.m)
	} else {
		q = b.m.conn(conn).queryOf(b.m, data.SQL)
	}
	var took time.Duration
	if !data.ReadStartTime.IsZero() {
		took = time.Since(data.ReadStartTime)
	}
	b.m.record(b.Context, q, "", took, data.CommandTag.RowsAffected(), data.Err)
}

// TraceBatchEnd counts a batch of which no query was run, because it could not
// be sent or prepared, as one that failed.
func (t *Tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	b := batchOf(ctx)
	if b == nil || b.queries > 0 || data.Err == nil {
		return
	}
	b.queries++
	name := "batch"
	if named := trackedOf(b.Context); named != nil {
		name = named.name
	}
	b.m.record(b.Context, b.m.named(name), "", b.m.since()-b.start, 0, data.Err)
}
