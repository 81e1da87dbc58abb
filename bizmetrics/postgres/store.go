package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// Config is what a store is made with beside its database.
type Config struct {
	// Schema is where the tables are. It needs no place in search_path.
	// "": bizmetrics.
	Schema string
	// Location and MonthStart say where the business's days and months begin:
	// those of [bizmetrics.Config]. The first store writes them into the
	// database, which takes no other ones later. nil: UTC; 0: 1.
	Location   *time.Location
	MonthStart int
	// Retention is how long events are kept. A month (UTC) whose events are all
	// older is dropped; what is added up stays. 0: for ever, else at least a day.
	Retention time.Duration
	// Logger is told what nobody is there to return to. nil: slog.Default.
	Logger *slog.Logger
}

// Validate names every wrong field.
func (c Config) Validate() error {
	_, err := schemaOf(c.Schema)
	if err != nil {
		return errors.Join(err, c.shared().Validate())
	}
	return c.shared().Validate()
}

func (c Config) shared() sqlstore.Config {
	return sqlstore.Config{Location: c.Location, MonthStart: c.MonthStart, Retention: c.Retention, Logger: c.Logger}
}

// Store keeps business events in PostgreSQL. Any number of stores, in any
// number of processes, may share a schema; each event counts once. It is safe
// for concurrent use.
type Store struct{ shared *sqlstore.Store }

// Open makes a store on a pool, which stays the caller's: Close leaves it open.
// It brings the schema to the version of this package, see [Up], unless it has
// it already.
//
// A batch uses one connection, a query another. The pool's settings are its
// owner's; through PgBouncer in transaction mode it must not prepare statements
// that outlive a transaction, as [Connect] does not.
func Open(ctx context.Context, pool *pgxpool.Pool, c Config) (*Store, error) {
	return open(ctx, pool, c, false)
}

// Connect makes a store with a pool of its own, which Close closes. url is as
// [pgxpool.ParseConfig] takes it. Unless it says otherwise, statements are not
// prepared by name, so that PgBouncer in transaction mode may stand between.
func Connect(ctx context.Context, url string, c Config) (*Store, error) {
	pc, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("connect business events: %w", err)
	}
	if pc.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		pc.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("connect business events: %w", err)
	}
	s, err := open(ctx, pool, c, true)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func open(ctx context.Context, pool *pgxpool.Pool, c Config, own bool) (*Store, error) {
	e, err := newEngine(pool, c, own)
	if err != nil {
		return nil, err
	}
	if err := e.prepare(ctx); err != nil {
		_ = e.Close()
		return nil, fmt.Errorf("open business events: %w", err)
	}
	shared, err := sqlstore.New(ctx, e, c.shared())
	if err != nil {
		return nil, err
	}
	return &Store{shared}, nil
}

// Append keeps events: [bizmetrics.Store]. They, and all that is added up of
// them, are there for every replica when it returns. Batches of some thousands
// cost the least. Stores that append at the same time wait for each other.
func (s *Store) Append(ctx context.Context, events []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	return s.shared.Append(ctx, events)
}

// Query answers for one metric, on one snapshot of the database:
// [bizmetrics.Store]. Of whole days and months, and of five minutes, it
// reads what is added up; users and customers only of whole days and months, by
// no group but feature and cohort and by no filter but tenant; medians and P95
// only of whole months. All else it reads from the events of the span.
func (s *Store) Query(ctx context.Context, q bizmetrics.Query) ([]bizmetrics.Row, error) {
	return s.shared.Query(ctx, q)
}

// Scan gives the events of a span in order of time: [bizmetrics.Store]. It reads
// some at a time, so that a slow reader holds nothing up.
func (s *Store) Scan(ctx context.Context, from, to time.Time) iter.Seq2[bizmetrics.Event, error] {
	return s.shared.Scan(ctx, from, to)
}

// Calendar is Config.Location and Config.MonthStart.
func (s *Store) Calendar() (*time.Location, int) { return s.shared.Calendar() }

// Close releases the pool that [Connect] made. Appends and queries that are
// running should have ended.
func (s *Store) Close() error { return s.shared.Close() }

var _ bizmetrics.Store = (*Store)(nil)
