package bizmetrics

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

var (
	// ErrInvalid is what a wrong setting, event or query Is; As
	// *monitoring.FieldError it names the field.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned where there is no Recorder.
	ErrNotInitialized = config.ErrNotInitialized
	// ErrDropped is returned for an event that found the queue full or the
	// Recorder closed. It is lost, and counted in monitoring.dropped.
	ErrDropped = errors.New("bizmetrics: event dropped")
	// ErrCurrency is returned for money that cannot be told in the currency of
	// the reports.
	ErrCurrency = errors.New("bizmetrics: currency cannot be converted")
)

// Config sets up a [Recorder]. The zero Config works: UTC, weeks from Monday,
// the currency of the first event, nothing on disk.
type Config struct {
	// Currency is what reports are in. "": the first event's.
	Currency string
	// Convert tells m in another currency as of a time. It is called while an
	// event is recorded, so it must not wait. nil: [ErrCurrency] for every
	// currency but Currency.
	Convert func(m Money, to string, at time.Time) (Money, error)
	// Location is where the business's days begin. nil: UTC.
	Location *time.Location
	// MonthStart is the day of the month, 1 to 28, on which the business's month
	// begins. Such a month is named by the calendar month in which it begins. 0: 1.
	MonthStart int
	// Target is the revenue wanted a day; week and month pro rata.
	Target Money
	// WeekStart is the first day of a week. nil: Monday.
	WeekStart *time.Weekday
	// Store keeps the events; Close closes it. Its days and months, where it has
	// any, must be those of Location and MonthStart. nil: memory, with a journal
	// in Dir.
	Store Store
	// Dir is the folder of the journal. Before a Store, events wait in it until
	// the store has them, on disk and not in memory, 16 GiB at most; what a
	// process leaves, the next one on this folder sends. Each process on a folder
	// has a part of its own. "": memory only.
	Dir string
	// Queue bounds the events in memory that wait for the journal, or without
	// one for the store. 0: 65,536.
	Queue int
	// Registry samples what is counted. nil: a private one.
	Registry *metric.Registry
	// Logger is told of losses and of a store that fails. nil: slog.Default.
	Logger *slog.Logger
	// Now is the clock. nil: time.Now.
	Now func() time.Time
	// Disabled: nothing is measured, kept or sent; writes return nil.
	Disabled bool
}

const defaultQueue = 1 << 16

// Validate names every wrong field.
func (c Config) Validate() error {
	var f config.Faults
	if c.Currency != "" {
		checkCurrency(&f, "Currency", c.Currency)
	}
	if c.Target != (Money{}) {
		checkMoney(&f, "Target", c.Target)
		if c.Currency != "" && c.Target.Currency != c.Currency {
			f.Add("Target.Currency", "the same as Currency, "+c.Currency, c.Target.Currency)
		}
	}
	if c.WeekStart != nil && (*c.WeekStart < time.Sunday || *c.WeekStart > time.Saturday) {
		f.Add("WeekStart", "a day from time.Sunday to time.Saturday", int(*c.WeekStart))
	}
	if c.MonthStart < 0 || c.MonthStart > 28 {
		f.Add("MonthStart", "a day of the month from 1 to 28, or 0 for 1", c.MonthStart)
	}
	if c.Queue < 0 {
		f.Add("Queue", "a number of events, or 0 for the default", c.Queue)
	}
	return f.Err()
}

func (c Config) withDefaults() Config {
	if c.Currency == "" {
		c.Currency = c.Target.Currency
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.MonthStart == 0 {
		c.MonthStart = 1
	}
	if c.WeekStart == nil {
		c.WeekStart = new(time.Monday)
	}
	if c.Queue == 0 {
		c.Queue = defaultQueue
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// calendar is where the business's days and months begin.
func (c Config) calendar() ledger.Calendar {
	return ledger.Calendar{Location: c.Location, MonthStart: c.MonthStart}
}

// checkStore refuses a store whose days or months are others than those of the
// reports: its totals would be of other days. A store that keeps totals by day
// or month has a method Calendar, which tells its location and the first day
// of its months.
func (c Config) checkStore() error {
	s, ok := c.Store.(interface {
		Calendar() (*time.Location, int)
	})
	if !ok {
		return nil
	}
	var f config.Faults
	loc, first := s.Calendar()
	of := ledger.Calendar{Location: loc, MonthStart: first}
	_, theirs := c.Now().In(of.Zone()).Zone()
	_, ours := c.Now().In(c.Location).Zone()
	if of.Zone().String() != c.Location.String() || theirs != ours {
		f.Add("Location", "that of the store, "+of.Zone().String(), c.Location.String())
	}
	if of.FirstDay() != c.MonthStart {
		f.Add("MonthStart", fmt.Sprintf("that of the store, %d", of.FirstDay()), c.MonthStart)
	}
	return f.Err()
}
