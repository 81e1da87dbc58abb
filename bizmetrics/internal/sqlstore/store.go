package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
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

// Validate names every wrong field.
func (c Config) Validate() error {
	var f config.Faults
	if c.MonthStart < 0 || c.MonthStart > 28 {
		f.Add("Config.MonthStart", "a day of the month from 1 to 28, or 0 for 1", c.MonthStart)
	}
	if c.Retention < 0 || c.Retention > 0 && c.Retention < 24*time.Hour {
		f.Add("Config.Retention", "at least a day, or 0 to keep events for ever", c.Retention)
	}
	return f.Err()
}

// Store is a [bizmetrics.Store] on an engine. It is safe for concurrent use.
type Store struct {
	engine   Engine
	cfg      Config
	cal      ledger.Calendar
	currency atomic.Pointer[string] // of the reports; nil: not known yet

	writing chan struct{} // held by whoever writes; it guards what follows
	days    *days
	caches  *caches
	horizon int64
	swept   time.Time
}

// New makes a store on an engine whose tables are there. It closes the engine
// if it fails.
func New(ctx context.Context, engine Engine, c Config) (*Store, error) {
	if err := c.Validate(); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	c.Logger = cmp.Or(c.Logger, slog.Default())
	cal := ledger.Calendar{Location: c.Location, MonthStart: c.MonthStart}
	s := &Store{engine: engine, cfg: c, cal: cal, writing: make(chan struct{}, 1), days: newDays(cal), caches: newCaches()}
	if err := s.settle(ctx); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return s, nil
}

// Calendar says where the days and months of its totals begin.
func (s *Store) Calendar() (*time.Location, int) { return s.cal.Zone(), s.cal.FirstDay() }

// Close releases the database.
func (s *Store) Close() error { return s.engine.Close() }

var _ bizmetrics.Store = (*Store)(nil)
