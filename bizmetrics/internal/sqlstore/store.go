package sqlstore

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Config is what a store is made with beside its engine.
type Config struct {
	// Location and MonthStart say where the business's days and months begin.
	// They are written into the database, which takes no other ones later.
	// nil: UTC; 0: the first of the month.
	Location   *time.Location
	MonthStart int
	// Retention is how long events are kept; what is added up stays. 0: for ever.
	Retention time.Duration
	// Logger is told what nobody is there to return to. nil: slog.Default.
	Logger *slog.Logger
}

// Store is a [bizmetrics.Store] on an engine.
type Store struct {
	engine Engine
	cfg    Config
}

// New makes a store on an engine whose tables are there. It closes the engine
// if it fails.
func New(_ context.Context, engine Engine, c Config) (*Store, error) {
	return &Store{engine: engine, cfg: c}, nil
}

var errNotYet = errors.New("sqlstore: not yet")

// Append is [bizmetrics.Store]'s.
func (s *Store) Append(context.Context, []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	return nil, errNotYet
}

// Query is [bizmetrics.Store]'s.
func (s *Store) Query(context.Context, bizmetrics.Query) ([]bizmetrics.Row, error) {
	return nil, errNotYet
}

// Scan is [bizmetrics.Store]'s.
func (s *Store) Scan(context.Context, time.Time, time.Time) iter.Seq2[bizmetrics.Event, error] {
	return func(yield func(bizmetrics.Event, error) bool) { yield(bizmetrics.Event{}, errNotYet) }
}

// Calendar says where the days and months of its totals begin.
func (s *Store) Calendar() (*time.Location, int) { return s.cfg.Location, s.cfg.MonthStart }

// Close closes the engine.
func (s *Store) Close() error { return s.engine.Close() }

var _ bizmetrics.Store = (*Store)(nil)
