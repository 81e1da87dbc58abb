package metric

import (
	"context"
	"time"
)

// Config sets up a Registry. The zero Config works.
type Config struct {
	Step      time.Duration     // between samples; 0: 10 s
	MaxSeries int               // 0: 10,000
	Dir       string            // where the history is kept; "": memory
	Attrs     map[string]string // of all points
	Manual    bool              // no ticker: the owner calls Sample
	Now       func() time.Time  // nil: time.Now
}

// Registry samples producers and answers for their indicators.
type Registry struct{ Set }

// NewRegistry makes a Registry and starts its ticker.
func NewRegistry(c Config) (*Registry, error) { return &Registry{}, nil }

// Register adds a producer.
func (r *Registry) Register(p Producer) (unregister func(), err error) { return func() {}, nil }

// Read answers from the last sample. No by: exactly one reading.
func (r *Registry) Read(indicator string, by ...string) ([]Reading, error) { return nil, ErrUnknown }

// History is the indicator's past.
func (r *Registry) History(indicator string, from, to time.Time, by ...string) ([]Series, error) {
	return nil, ErrUnknown
}

// Lookup finds the definition of an indicator, also a zero-valued field filled with its default.
func (r *Registry) Lookup(indicator string) (Indicator, bool) { return Indicator{}, false }

// ReadWindow is Read over another window than the indicator's own. A window
// longer than any that was read before is kept from now on.
func (r *Registry) ReadWindow(indicator string, window time.Duration, by ...string) ([]Reading, error) {
	return nil, ErrUnknown
}

// Sample is what the ticker does.
func (r *Registry) Sample(now time.Time) {}

// OnSample calls f after each sample, in the sampling goroutine.
func (r *Registry) OnSample(f func(now time.Time)) (stop func()) { return func() {} }

// Close stops the ticker and writes the history out.
func (r *Registry) Close(ctx context.Context) error { return nil }
