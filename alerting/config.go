package alerting

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

// Config sets up a Manager. The zero Config works: the default rules, alerts
// to the log, state in memory.
type Config struct {
	Rules    []Rule        // nil: DefaultRules; empty: none
	Instance string        // among replicas; "": host and process
	Routes   []Route       // nil: the log
	Stale    time.Duration // firing without a reading; 0: pushed 5 min, evaluated 30 min

	// Evidence is asked for what belongs into an alert's postmortem. Root adds
	// the instruments'.
	Evidence []func(ctx context.Context, a Alert) (Section, error)

	Store Store  // nil: a file in Dir
	Dir   string // state folder, for active alerts and the outbox; "": memory

	Registry *metric.Registry // whose indicators the rules read; nil: only pushed readings are judged
	Logger   *slog.Logger     // nil: slog.Default()
	Now      func() time.Time // nil: time.Now
	Disabled bool             // nothing is judged, kept or sent; writes return nil
}

// Section is a part of a postmortem.
type Section struct{ Title, Markdown string }

// Validate reports all wrong fields at once. Each fault Is [ErrInvalid] and
// As *monitoring.FieldError.
func (c Config) Validate() error {
	var f config.Faults
	seen := map[string]bool{}
	for i, r := range c.Rules {
		path := fmt.Sprintf("Rules[%d]", i)
		f.Under(path, r.Validate())
		if name := r.withDefaults().Name; seen[name] {
			f.Add(path+".Name", "a name that no other rule has", name)
		} else {
			seen[name] = true
		}
	}
	checkRoutes(&f, c.Routes)
	if c.Stale < 0 {
		f.Add("Stale", "no negative duration", c.Stale.String())
	}
	for i, e := range c.Evidence {
		if e == nil {
			f.Add(fmt.Sprintf("Evidence[%d]", i), "a function", nil)
		}
	}
	return f.Err()
}

// What Stale is where the Config leaves it open. A pushed reading comes from
// code that runs often or not at all; an evaluated one may have too few
// samples for a quiet stretch, which is no reason to call the alert off.
const (
	stalePushed    = 5 * time.Minute
	staleEvaluated = 30 * time.Minute
)

func (c Config) stale() (pushed, evaluated time.Duration) {
	if c.Stale > 0 {
		return c.Stale, c.Stale
	}
	return stalePushed, staleEvaluated
}
