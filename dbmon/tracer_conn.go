package dbmon

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// prepared is the query behind a statement's name, nil if there is none:
// database/sql prepares a statement and then runs it by its name, "pgx_0".
func (s *connState) prepared(m *Monitor, text string) *query {
	if len(s.statements) == 0 || len(text) > maxStatementName || strings.ContainsAny(text, " \n\t\r(") {
		return nil
	}
	return s.statements[statement{m, text}]
}

// prepare remembers what a statement's name means. Past the bound one of the
// others is forgotten, as the one that was prepared last will be run.
func (s *connState) prepare(m *Monitor, name, text string) {
	if s.statements == nil {
		s.statements = map[statement]*query{}
	}
	if len(s.statements) >= maxStatements {
		for other := range s.statements {
			delete(s.statements, other)
			break
		}
	}
	s.statements[statement{m, name}] = m.ofText(text)
}

// TracePrepareStart remembers the query of a statement that the service named.
// Those that pgx names for its own cache are never asked for by name.
func (t *Tracer) TracePrepareStart(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	m := t.monitor()
	if m == nil || data.Name == "" || strings.HasPrefix(data.Name, "stmtcache_") {
		return ctx
	}
	if s := m.conn(conn); s != nil {
		s.prepare(m, data.Name, data.SQL)
	}
	return ctx
}

// TracePrepareEnd has nothing to measure: preparing is part of the query that
// needs it.
func (t *Tracer) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}

// connectTrace is a connection that is being opened.
type connectTrace struct {
	context.Context
	m     *Monitor
	start time.Duration
}

type connectKey struct{}

// Value answers its own key, else asks the parent.
func (c *connectTrace) Value(key any) any {
	if key == (connectKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// TraceConnectStart begins the time to open a connection.
func (t *Tracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	m := t.monitor()
	if m == nil {
		return ctx
	}
	return &connectTrace{Context: ctx, m: m, start: m.since()}
}

// TraceConnectEnd counts the connection made, or the failure.
func (t *Tracer) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	if c, _ := ctx.Value(connectKey{}).(*connectTrace); c != nil {
		c.m.connects.With(errorType(data.Err)).Observe((c.m.since() - c.start).Seconds())
	}
}

// acquireTrace is a wait for a connection of a pool.
type acquireTrace struct {
	context.Context
	m     *Monitor
	start time.Duration
	pool  *attached // nil: not attached
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
	a := &acquireTrace{Context: ctx, m: m, start: m.since(), pool: m.pools.find(p)}
	if a.pool != nil {
		a.pool.waiting.Add(1)
	}
	return a
}

// TraceAcquireEnd counts the wait, where the pool is attached.
func (t *Tracer) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	a, ok := ctx.(*acquireTrace)
	if !ok {
		if a, _ = ctx.Value(acquireKey{}).(*acquireTrace); a == nil {
			return
		}
	}
	now, name := a.m.since(), ""
	if a.pool != nil {
		a.pool.waiting.Add(-1)
		a.pool.wait.Observe((now - a.start).Seconds())
		name = a.pool.name
	}
	if s := a.m.conn(data.Conn); s != nil {
		s.taken, s.held = now, true
		if a.m.heldLimit > 0 {
			a.m.hold(a.Context, s, name, now)
		}
	}
}

// TraceRelease counts how long the connection was held.
func (t *Tracer) TraceRelease(p *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	m := t.monitor()
	if m == nil {
		return
	}
	at, s := m.pools.find(p), connStateOf(data.Conn)
	if s == nil || !s.held {
		return
	}
	s.held, s.tx = false, transaction{}
	s.holder.Store(nil)
	if at == nil {
		return
	}
	at.use.Observe((m.since() - s.taken).Seconds())
}
