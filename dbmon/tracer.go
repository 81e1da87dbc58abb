package dbmon

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Tracer that lacked one of these would lose it silently: pgx finds them by
// type assertion.
var (
	_ pgx.QueryTracer       = (*Tracer)(nil)
	_ pgx.BatchTracer       = (*Tracer)(nil)
	_ pgx.CopyFromTracer    = (*Tracer)(nil)
	_ pgx.PrepareTracer     = (*Tracer)(nil)
	_ pgx.ConnectTracer     = (*Tracer)(nil)
	_ pgxpool.AcquireTracer = (*Tracer)(nil)
	_ pgxpool.ReleaseTracer = (*Tracer)(nil)
)

// Tracer measures what pgx does, as the Tracer of a pgx.ConnConfig, alone or in
// a multitracer. The zero Tracer acts on the default Monitor, looked up at each
// call, so it may be made before there is one. It sees the texts of queries but
// keeps no argument and no literal. Safe for concurrent use.
type Tracer struct {
	m *Monitor // nil: the default

	// Of NewPool without a Monitor: the pool is attached to the first one found.
	attach string
}

// NewTracer makes a Tracer for m; nil: for the default.
func NewTracer(m *Monitor) *Tracer { return &Tracer{m: m} }

// monitor is whom to tell; nil: nobody.
func (t *Tracer) monitor() *Monitor {
	if t == nil {
		return nil
	}
	m := t.m
	if m == nil {
		m = Default()
	}
	if !m.active() {
		return nil
	}
	return m
}

// trace is a query or copy under way. It is itself the context, so that it
// costs one allocation; its Monitor is the query's.
type trace struct {
	context.Context
	query *query
	start time.Duration
	text  string       // "": not looked at when it is repeated
	conn  *connState   // nil: not known
	ended atomic.Int64 // since when its context is seen to have ended, with the query still open; 0: not
}

type traceKey struct{}

// Value answers its own key, else asks the parent.
func (t *trace) Value(key any) any {
	if key == (traceKey{}) {
		return t
	}
	return t.Context.Value(key)
}

// traceOf is nil for an End without its Start: the Start found no Monitor, or
// the context is not the one that it returned.
func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.(*trace); ok {
		return t
	}
	t, _ := ctx.Value(traceKey{}).(*trace)
	return t
}

// begin starts a trace under the context's name, else the one that unnamed gives.
func (m *Monitor) begin(ctx context.Context, text string, args []any, conn *pgx.Conn) *trace {
	state := m.conn(conn)
	var q *query
	if named := trackedOf(ctx); named != nil {
		named.mark(m)
		q = named.queryFor(m)
	} else {
		q = state.queryOf(m, text)
	}
	if s := q.sample.Load(); s == nil || s.Parameters == nil {
		q.ran(m, state, text, args)
	}
	t := &trace{Context: ctx, query: q, start: m.since(), text: text, conn: state}
	if state != nil {
		if state.tx.observe(t, text) {
			t.text = ""
		}
		state.query.Store(t)
	}
	return t
}

func (t *trace) end(tag pgconn.CommandTag, err error) {
	if t == nil {
		return
	}
	// Nobody else stores here while the query is the connection's, but for an
	// expiry, which stores nil too.
	m, took := t.query.m, t.query.m.since()-t.start
	if s := t.conn; s != nil {
		if s.query.Load() == t {
			s.query.Store(nil)
		}
		if took > m.slowLimit(t.query) {
			t.query.ranSlowly(m, s, t.text, took)
		}
	}
	m.record(t.Context, t.query, t.text, took, tag.RowsAffected(), err)
}

// TraceQueryStart begins the time of a Query, QueryRow or Exec.
func (t *Tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	m := t.monitor()
	if m == nil {
		return ctx
	}
	return m.begin(ctx, data.SQL, data.Args, conn)
}

// TraceQueryEnd counts the query. pgx calls it when the rows are closed, so the
// time includes the service's own work on them.
func (t *Tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	traceOf(ctx).end(data.CommandTag, data.Err)
}

// TraceCopyFromStart begins the time of a CopyFrom.
func (t *Tracer) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	m := t.monitor()
	if m == nil {
		return ctx
	}
	name := "copy"
	for i, part := range data.TableName {
		if i == 0 {
			name += " " + part
		} else {
			name += "." + part
		}
	}
	if named := trackedOf(ctx); named != nil {
		named.mark(m)
		name = named.name
	}
	return &trace{Context: ctx, query: m.named(name), start: m.since(), text: "copy"}
}

// TraceCopyFromEnd counts the copy as one query, "copy" and the table.
func (t *Tracer) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	traceOf(ctx).end(data.CommandTag, data.Err)
}
