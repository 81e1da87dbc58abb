package sqlite

import (
	"context"
	"iter"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// Config says how a [Store] counts. The zero Config works: UTC, calendar
// months, events kept for ever.
type Config struct {
	// Location is where the business's days begin, as in [bizmetrics.Config].
	// What is added up is added up by it, so a file takes no other one later.
	// nil: UTC.
	Location *time.Location
	// MonthStart is the day of the month, 1 to 28, on which the business's month
	// begins, as in [bizmetrics.Config]. A file takes no other one later. 0: 1.
	MonthStart int
	// Retention is how long events are kept, at least a day. What is added up
	// stays: revenue, payments and the like by five minutes, users by
	// day, customers, cohorts and order values by month. 0: for ever.
	Retention time.Duration
	// Logger is told when events that are due cannot be deleted. nil:
	// slog.Default.
	Logger *slog.Logger
}

// Store is a [bizmetrics.Store] in one file. It is safe for concurrent use.
type Store struct{ s *sqlstore.Store }

// Open opens the file, or makes it; its folder must be there. Beside it are
// files with the same name and -wal, -shm and .lock behind it, which belong to
// it. A file is one process's: for a second one Open is [ErrLocked]. A file
// that was made with another Location or MonthStart is
// [bizmetrics.ErrInvalid].
func Open(path string, c Config) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	config := sqlstore.Config(c)
	if err := config.Validate(); err != nil {
		return nil, err
	}
	e, err := openEngine(path)
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.New(context.Background(), e, config)
	if err != nil {
		return nil, err
	}
	return &Store{s}, nil
}

// Append keeps events, durably once it returns: see [bizmetrics.Store]. Many at
// once cost far less than one by one.
func (s *Store) Append(ctx context.Context, events []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	return s.s.Append(ctx, events)
}

// Query answers for one metric: see [bizmetrics.Store]. What reports ask is
// answered from what is added up, in the same time however many events there
// are; other questions read the events of their span.
func (s *Store) Query(ctx context.Context, q bizmetrics.Query) ([]bizmetrics.Row, error) {
	return s.s.Query(ctx, q)
}

// Scan gives the events from from until before to, in order of time. Events
// that come meanwhile may be among them.
func (s *Store) Scan(ctx context.Context, from, to time.Time) iter.Seq2[bizmetrics.Event, error] {
	return s.s.Scan(ctx, from, to)
}

// Calendar says where the days and months begin by which the file adds up.
func (s *Store) Calendar() (location *time.Location, monthStart int) { return s.s.Calendar() }

// Close closes the file. It waits for who reads or writes.
func (s *Store) Close() error { return s.s.Close() }
