package dbmon

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connState is what is known of one connection. It is kept with the connection,
// which one goroutine uses at a time.
type connState struct {
	statements map[string]string // texts of prepared statements by name
	taken      time.Duration     // when it was acquired
	held       bool
}

const (
	connStateKey  = packagePath
	maxStatements = 1000
	// maxStatementName is the longest name that PostgreSQL keeps, in bytes.
	maxStatementName = 63
)

func connStateOf(conn *pgx.Conn, create bool) *connState {
	if conn == nil || conn.PgConn() == nil {
		return nil
	}
	data := conn.PgConn().CustomData()
	s, _ := data[connStateKey].(*connState)
	if s == nil && create && data != nil {
		s = &connState{statements: map[string]string{}}
		data[connStateKey] = s
	}
	return s
}

// statementText is the text behind a statement's name: database/sql prepares a
// statement and then runs it by its name, "pgx_0".
func statementText(conn *pgx.Conn, text string) string {
	if conn == nil || len(text) > maxStatementName || strings.ContainsAny(text, " \n\t\r(") {
		return text
	}
	if s := connStateOf(conn, false); s != nil {
		if known, ok := s.statements[text]; ok {
			return known
		}
	}
	return text
}

// TracePrepareStart remembers the text of a statement that the service named.
// Those that pgx names for its own cache are never asked for by name.
func (t *Tracer) TracePrepareStart(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	if t.monitor() == nil || data.Name == "" || strings.HasPrefix(data.Name, "stmtcache_") {
		return ctx
	}
	if s := connStateOf(conn, true); s != nil && len(s.statements) < maxStatements {
		s.statements[data.Name] = data.SQL
	}
	return ctx
}

// TracePrepareEnd has nothing to measure: preparing is part of the query that
// needs it.
func (t *Tracer) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}

// TraceConnectStart begins the time to open a connection.
func (t *Tracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	m := t.monitor()
	if m == nil {
		return ctx
	}
	return &trace{Context: ctx, m: m, start: m.since()}
}

// TraceConnectEnd counts the connection made, or the failure.
func (t *Tracer) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	if c := traceOf(ctx); c != nil {
		c.m.connects.With(errorType(data.Err)).Observe((c.m.since() - c.start).Seconds())
	}
}

// acquireTrace is a wait for a connection of a pool.
type acquireTrace struct {
	context.Context
	m     *Monitor
	start time.Duration
}

type acquireKey struct{}

// Value answers its own key, else asks the parent.
func (a *acquireTrace) Value(key any) any {
	if key == (acquireKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// TraceAcquireStart begins the wait for a connection.
func (t *Tracer) TraceAcquireStart(ctx context.Context, p *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	m := t.monitor()
	if m == nil {
		return ctx
	}
	if t.attach != "" && m.pools.find(p) == nil {
		m.adopt(t.attach, p)
	}
	return &acquireTrace{Context: ctx, m: m, start: m.since()}
}

// TraceAcquireEnd counts the wait, where the pool is attached.
func (t *Tracer) TraceAcquireEnd(ctx context.Context, p *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	a, ok := ctx.(*acquireTrace)
	if !ok {
		if a, _ = ctx.Value(acquireKey{}).(*acquireTrace); a == nil {
			return
		}
	}
	now := a.m.since()
	if at := a.m.pools.find(p); at != nil {
		at.wait.Observe((now - a.start).Seconds())
	}
	if s := connStateOf(data.Conn, true); s != nil {
		s.taken, s.held = now, true
	}
}

// TraceRelease counts how long the connection was held.
func (t *Tracer) TraceRelease(p *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	m := t.monitor()
	if m == nil {
		return
	}
	at, s := m.pools.find(p), connStateOf(data.Conn, false)
	if at == nil || s == nil || !s.held {
		return
	}
	s.held = false
	at.use.Observe((m.since() - s.taken).Seconds())
}
