package dbmon

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

var (
	// ErrInvalid is what a wrong setting or argument Is.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned where there is no Monitor to act on.
	ErrNotInitialized = config.ErrNotInitialized
)

// defaultSlow is from when on a query is slow, unless Config says otherwise.
const defaultSlow = time.Second

// Config sets up a Monitor. The zero Config works.
type Config struct {
	// SlowQuery is the duration above which a query is kept in
	// [Monitor.SlowQueries]. 0: 1 s.
	SlowQuery time.Duration
	// SlowQueries are limits of their own, by the query's name. A name without
	// one has SlowQuery.
	SlowQueries map[string]time.Duration
	// HeldConnection is how long a connection may be out of its pool: longer,
	// and it is in [Monitor.HeldConnections] with the place that took it, and
	// said once in the log. To know the place costs each acquire about half a
	// microsecond. 0: nobody watches.
	HeldConnection time.Duration
	// Disabled makes the Monitor inert: nothing is measured or kept, and
	// functions that track run what they are given.
	Disabled bool
	// Registry samples the Monitor's metrics. nil: a private one.
	Registry *metric.Registry
	// Logger gets the Monitor's own warnings. nil: slog.Default().
	Logger *slog.Logger
}

// Validate names all wrong fields in one error.
func (c Config) Validate() error {
	var faults config.Faults
	if c.SlowQuery < 0 {
		faults.Add("SlowQuery", "a duration that is not negative", c.SlowQuery)
	}
	for name, limit := range c.SlowQueries {
		if name == "" || limit <= 0 {
			faults.Add("SlowQueries", "names of queries with durations above 0", fmt.Sprintf("%q: %v", name, limit))
		}
	}
	if c.HeldConnection < 0 {
		faults.Add("HeldConnection", "a duration that is not negative", c.HeldConnection)
	}
	return faults.Err()
}
