package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// engine is PostgreSQL as sqlstore knows databases. It keeps no state in a
// session: everything that it sets ends with the transaction, so that it works
// through PgBouncer in transaction mode.
type engine struct {
	pool   *pgxpool.Pool
	own    bool // Close closes the pool
	schema schema
	log    *slog.Logger
	write  pgx.TxOptions
	read   pgx.TxOptions
	tables map[*sqlstore.Table]*statements
	events eventStatements

	process string // names this engine among those that write
	// These are the writer's: sqlstore has one at a time.
	batch int64 // number of the last one that this engine committed
	alone bool  // nobody else has written since
}

// Whatever is read is looked up by index, row by row: the planner does not know
// how few of many millions of rows a batch asks for, nor, of a plan that it has
// kept, that the table was empty then. Durable means on disk, whatever the
// server does by default.
const writing = `; set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off;
set local plan_cache_mode = force_custom_plan; set local jit = off;
select pg_catalog.set_config('synchronous_commit', 'on', true) where pg_catalog.current_setting('synchronous_commit') = 'off'`

const reading = "begin isolation level repeatable read read only; set local jit = off"

func newEngine(pool *pgxpool.Pool, c Config, own bool) (*engine, error) {
	s, err := schemaOf(c.Schema)
	if err != nil {
		return nil, err
	}
	e := &engine{
		pool: pool, own: own, schema: s, log: cmp.Or(c.Logger, slog.Default()),
		write:  pgx.TxOptions{BeginQuery: "begin isolation level read committed read write; " + s.lock() + writing},
		read:   pgx.TxOptions{BeginQuery: reading},
		tables: map[*sqlstore.Table]*statements{},
		events: newEventStatements(s), process: rand.Text(),
	}
	for _, t := range sqlstore.Tables {
		e.tables[t] = newStatements(s, t)
	}
	return e, nil
}

// prepare brings the schema to the newest version, if it is not there, and
// makes the partitions of this month and the two that follow.
func (e *engine) prepare(ctx context.Context) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	newest := all[len(all)-1].version
	there, err := versionOf(ctx, e.pool, e.schema)
	if err == nil {
		err = e.schema.checkVersion(there, newest)
	}
	if err != nil {
		return err
	}
	if there < newest {
		if err := Up(ctx, e.pool, e.schema.name); err != nil {
			return err
		}
	}
	return nil
}

// Exclusive reports, during Write, whether the last transaction that wrote was
// this engine's too.
func (e *engine) Exclusive() bool { return e.alone }

// Write runs f in a transaction that begins when no other writer is left.
func (e *engine) Write(ctx context.Context, f func(sqlstore.Tx) error) error {
	return e.change(ctx, func(w *writer) error { return f(w) })
}

// change is Write. It notes in the database who has written.
func (e *engine) change(ctx context.Context, f func(*writer) error) error {
	var batch int64
	err := e.run(ctx, e.write, func(r reader) error {
		w := &writer{reader: r}
		var process string
		if err := r.tx.QueryRow(ctx, e.events.last).Scan(&w.nextID, &batch, &process); err != nil {
			return fmt.Errorf("read who wrote last: %w", err)
		}
		e.alone = process == e.process && batch == e.batch
		batch++
		w.later = newLater()
		defer w.later.stop()
		if err := f(w); err != nil {
			return errors.Join(err, w.later.wait())
		}
		if err := w.later.wait(); err != nil {
			return err
		}
		if _, err := r.tx.Exec(ctx, e.events.next, w.nextID, batch, e.process); err != nil {
			return fmt.Errorf("note who wrote: %w", err)
		}
		return nil
	})
	if err == nil {
		e.batch = batch
	}
	return err
}

// Read runs f on a snapshot.
func (e *engine) Read(ctx context.Context, f func(sqlstore.Reader) error) error {
	return e.run(ctx, e.read, func(r reader) error { return f(&r) })
}

func (e *engine) run(ctx context.Context, o pgx.TxOptions, f func(reader) error) error {
	tx, err := e.pool.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(reader{ctx, tx, e}); err != nil {
		_ = tx.Rollback(ctx)
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

const (
	purgeTries = 5
	purgePause = time.Second
)

// Purge drops the partitions that end before a moment, each in a transaction of
// its own, and forgets their keys. Dropping one needs a moment without readers;
// it waits for that briefly, and lets readers through again before it tries once
// more.
func (e *engine) Purge(ctx context.Context, before int64) (done bool, err error) {
	for n := 0; ; n++ {
		dropped, keptFrom, nextID, err := e.dropPartition(ctx, before)
		switch {
		case err != nil:
			return false, err
		case dropped:
			continue
		case n == 0:
			return true, nil
		}
		// Not those of late events that came after the drop: their partition is
		// there again.
		if _, err := e.pool.Exec(ctx, e.events.forget, keptFrom, nextID); err != nil {
			return false, fmt.Errorf("forget keys: %w", err)
		}
		return true, nil
	}
}

func (e *engine) dropPartition(ctx context.Context, before int64) (dropped bool, keptFrom, nextID int64, err error) {
	for try := 1; ; try++ {
		err = e.change(ctx, func(w *writer) error {
			nextID = w.nextID
			if _, err := w.tx.Exec(ctx, "set local lock_timeout = '500ms'"); err != nil {
				return err
			}
			return w.tx.QueryRow(ctx, e.events.drop, before).Scan(&dropped, &keptFrom)
		})
		var refused *pgconn.PgError
		if err == nil || try == purgeTries || !errors.As(err, &refused) || refused.Code != "55P03" { // lock_not_available
			break
		}
		select {
		case <-ctx.Done():
			return false, 0, 0, ctx.Err()
		case <-time.After(purgePause):
		}
	}
	if err != nil {
		err = fmt.Errorf("drop a partition: %w", err)
	}
	return dropped, keptFrom, nextID, err
}

// Close closes the pool, if it is the engine's own.
func (e *engine) Close() error {
	if e.own {
		e.pool.Close()
	}
	return nil
}
