package dbmon

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// statementTimeout ends on the server what would go on there after its
// connection was cut. It is local to a transaction, so that a pooler in front
// hands the connection on without it.
const statementTimeout = "set local statement_timeout = 2000"

// aside gives fn a connection of its own to the pool's server, made as the pool
// makes its own, but without the tracer, and as a connection pooler in front
// takes it: no startup parameters, no named statements, settings in a
// transaction only (see read). It does not wait for the pool, and takes nothing
// from it.
func aside(ctx context.Context, p *pgxpool.Pool, fn func(conn *pgx.Conn) error) error {
	pc := p.Config()
	c := pc.ConnConfig
	c.Tracer = nil
	c.RuntimeParams = map[string]string{}
	c.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	c.StatementCacheCapacity, c.DescriptionCacheCapacity = 0, 0
	c.OnNotice, c.OnNotification = nil, nil
	if pc.BeforeConnect != nil { // may set a password that changes
		if err := pc.BeforeConnect(ctx, c); err != nil {
			return err
		}
		c.Tracer = nil
	}
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	return fn(conn)
}

// read selects one row in a transaction of its own.
func read(ctx context.Context, conn *pgx.Conn, columns string, into ...any) error {
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, statementTimeout); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select "+columns).Scan(into...)
	})
}
