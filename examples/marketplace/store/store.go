// Package store keeps the shop's tables in PostgreSQL. It holds queries and
// transactions and no rule of the business: package shop has those.
//
// All tables live in the schema "shop"; [Open] makes and updates them.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotFound is returned for a row that is not there, or is not the caller's.
var ErrNotFound = errors.New("not found")

// ErrState is returned for a step that the row's state does not allow, such as
// accepting an offer twice.
var ErrState = errors.New("not possible any more")

// ErrStock is returned when there is less in stock than was asked for.
var ErrStock = errors.New("not enough in stock")

// Store reads and writes the shop's tables. Safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
}

// Open brings the schema up to date and returns a Store on pool, which stays
// the caller's to close.
func Open(ctx context.Context, pool *pgxpool.Pool) (*Store, error) {
	s := &Store{pool: pool}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("migrate the shop's tables: %w", err)
	}
	return s, nil
}

// migrationLock keeps two processes from migrating at the same time.
const migrationLock = 0x73686f70

func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", migrationLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `create schema if not exists shop;
			create table if not exists shop.migrations (name text primary key, applied_at timestamptz not null default now())`); err != nil {
			return err
		}
		for _, name := range names {
			tag, err := tx.Exec(ctx, "insert into shop.migrations (name) values ($1) on conflict do nothing", name)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				continue
			}
			sql, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, string(sql)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
}

// inTx runs f in a transaction, and commits it unless f fails.
func (s *Store) inTx(ctx context.Context, f func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, f)
}

// Now is the present as the database keeps it: whole microseconds, so that a
// time read back equals the time written.
func Now() time.Time { return time.Now().Truncate(time.Microsecond) }

// one turns pgx's "no rows" into ErrNotFound.
func one[T any](row T, err error) (T, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return row, ErrNotFound
	}
	return row, err
}

func queryAll[T any](ctx context.Context, q querier, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

func queryOne[T any](ctx context.Context, q querier, sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	return one(pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[T]))
}

func queryValue[T any](ctx context.Context, q querier, sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	return one(pgx.CollectExactlyOneRow(rows, pgx.RowTo[T]))
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}
