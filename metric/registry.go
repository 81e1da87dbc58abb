package metric

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/config"
)

// Config sets up a [Registry]. The zero Config works.
type Config struct {
	Step      time.Duration     // between samples; 0: 10 s
	MaxSeries int               // of all families; past it a family's new ones become "other"; 0: 10,000
	Dir       string            // where the history is kept; "": memory
	Attrs     map[string]string // of all points
	Manual    bool              // no ticker: the owner calls Sample
	Now       func() time.Time  // nil: time.Now
	Logger    *slog.Logger      // gets the warnings; nil: slog.Default()
}

const (
	defaultStep      = 10 * time.Second
	defaultMaxSeries = 10_000
)

// Validate finds all wrong fields; they are [ErrInvalid].
func (c Config) Validate() error {
	var f config.Faults
	if c.Step < 0 || c.Step > time.Minute {
		f.Add("Step", "0 to 1 minute", c.Step)
	}
	if c.MaxSeries < 0 {
		f.Add("MaxSeries", "0 or more", c.MaxSeries)
	}
	for k := range c.Attrs {
		if k == "" {
			f.Add("Attrs", "names that are not empty", k)
		}
	}
	return f.Err()
}

// Registry samples producers and answers for their indicators. It has a [Set]
// of its own for metrics that belong to no instrument. Safe for concurrent
// use. A Producer's Produce must not call it.
type Registry struct {
	Set
	config    Config
	attrs     []attr
	stop      chan struct{}
	stopped   chan struct{} // closed once the ticker's goroutine has ended
	closeOnce sync.Once
	closed    error

	// sampling is held by one Sample, Register or unregister at a time, and
	// guards what belongs to the producers' side.
	sampling sync.Mutex
	sources  []*source
	seq      uint64 // of samples
	staged   []*ref // with something for the next commit
	refs     int
	scratch  []byte
	warned   map[string]bool
	done     bool
	files    *historyFiles // nil: memory

	// mu guards what readers see. It is held for a moment, never while code of
	// others runs.
	mu    sync.Mutex
	state state

	hooksMu sync.Mutex
	hooks   []*hook
}

// NewRegistry makes a Registry and, unless Manual, starts its ticker. A Dir
// that cannot be used is warned of, and the history is in memory then.
func NewRegistry(c Config) (*Registry, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("new registry: %w", err)
	}
	if c.Step == 0 {
		c.Step = defaultStep
	}
	if c.MaxSeries == 0 {
		c.MaxSeries = defaultMaxSeries
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	r := &Registry{config: c, stop: make(chan struct{}), stopped: make(chan struct{}), warned: make(map[string]bool)}
	r.Logger = c.Logger
	for _, k := range slices.Sorted(maps.Keys(c.Attrs)) {
		r.attrs = append(r.attrs, attr{k, clean(c.Attrs[k])})
	}
	r.state.init(c, c.Now())
	r.Counter(DroppedDesc) // so that no loss reads 0, not no data
	if err := r.Define(DroppedIndicator); err != nil {
		return nil, fmt.Errorf("new registry: %w", err)
	}
	r.sources = append(r.sources, newSource(&r.Set))
	r.openHistory()
	if c.Manual {
		close(r.stopped)
	} else {
		go r.run(time.NewTicker(c.Step))
	}
	return r, nil
}

func (r *Registry) run(ticker *time.Ticker) {
	defer close(r.stopped)
	defer ticker.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-ticker.C:
			r.Sample(r.config.Now())
		}
	}
}

// Register adds a producer. What it counted before is the baseline: only what
// it counts from now on is read here. It returns [ErrConflict], and adds
// nothing, if a family has another kind or other keys than one of its name, if
// an indicator is defined in another way, or if the producer is here already.
//
// unregister takes it off and keeps what it counted; it may be called twice.
func (r *Registry) Register(p Producer) (unregister func(), err error) {
	nothing := func() {}
	if p == nil {
		return nothing, fmt.Errorf("register: %w: no producer", ErrInvalid)
	}
	if own, ok := p.(*Registry); ok && own == r {
		return nothing, fmt.Errorf("register: %w: a registry does not sample itself", ErrInvalid)
	}
	r.sampling.Lock()
	defer r.sampling.Unlock()
	comparable := reflect.TypeOf(p).Comparable()
	for _, s := range r.sources {
		if comparable && reflect.TypeOf(s.producer).Comparable() && s.producer == p {
			return nothing, fmt.Errorf("register: %w: registered already", ErrConflict)
		}
	}
	s := newSource(p)
	if err := r.admissible(s); err != nil {
		return nothing, fmt.Errorf("register: %w", err)
	}
	staged := len(r.staged)
	r.seq++
	r.collect(s)
	for _, f := range r.staged[staged:] {
		f.rebase()
	}
	r.staged = r.staged[:staged]
	r.sources = append(r.sources, s)
	var once sync.Once
	return func() { once.Do(func() { r.unregister(s) }) }, nil
}

// admissible checks s against what is here, and defines its indicators.
func (r *Registry) admissible(s *source) error {
	var conflict error
	s.produce(r, func(f Family) {
		if conflict == nil {
			r.mu.Lock()
			conflict = r.state.conflict(f)
			r.mu.Unlock()
		}
	})
	if conflict != nil {
		return conflict
	}
	indicators := s.indicators(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, i := range indicators {
		if err := i.check(); err != nil {
			return fmt.Errorf("indicator %q: %w", i.Name, err)
		}
		if err := r.state.definable(i); err != nil {
			return err
		}
	}
	for _, i := range indicators {
		r.state.define(i, s)
	}
	s.defined = len(indicators)
	return nil
}

func (r *Registry) unregister(s *source) {
	r.sampling.Lock()
	defer r.sampling.Unlock()
	i := slices.Index(r.sources, s)
	if i < 0 || r.done {
		return
	}
	// What was counted since the last sample is staged for the next one. A
	// gauge's value is gone with its producer.
	staged := len(r.staged)
	r.seq++
	r.collect(s)
	r.staged = append(r.staged[:staged], slices.DeleteFunc(r.staged[staged:], func(f *ref) bool {
		return f.stream.kind == KindGauge
	})...)
	r.mu.Lock()
	for _, in := range s.families {
		r.refs -= len(in.refs)
		for _, f := range in.refs {
			if f.stream.kind == KindHistogram {
				f.stream.retire(f)
				f.stream.refs = slices.DeleteFunc(f.stream.refs, func(o *ref) bool { return o == f })
			}
		}
	}
	r.mu.Unlock()
	r.sources = slices.Delete(r.sources, i, i+1)
	r.mu.Lock()
	r.state.orphan(s)
	r.mu.Unlock()
}

// Define declares an indicator of the Registry's own Set. Another one of the
// name, of whichever producer, is [ErrConflict].
func (r *Registry) Define(i Indicator) error {
	if err := i.check(); err != nil {
		return fmt.Errorf("define indicator %q: %w", i.Name, err)
	}
	r.mu.Lock()
	err := r.state.definable(i)
	r.mu.Unlock()
	if err != nil {
		return fmt.Errorf("define: %w", err)
	}
	if err := r.Set.Define(i); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.define(i.clone(), nil)
	return nil
}

// Lookup finds an indicator's definition, its zero fields filled with their
// defaults.
func (r *Registry) Lookup(indicator string) (Indicator, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.state.indicators[indicator]
	if d == nil {
		return Indicator{}, false
	}
	return d.clone(), true
}

// Indicators are those of all producers, in the order they were defined.
func (r *Registry) Indicators() []Indicator {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Indicator, 0, len(r.state.order))
	for _, d := range r.state.order {
		all = append(all, d.clone())
	}
	return all
}

// grace is what Close gives a sample that is being taken when ctx ends.
const grace = 50 * time.Millisecond

// Close stops the ticker, waits for it, and writes the history out. What was
// sampled can still be read; Sample does nothing any more. ctx bounds the wait
// for a function of [Registry.OnSample] that hangs. It may come twice, but not
// from such a function.
func (r *Registry) Close(ctx context.Context) error {
	r.closeOnce.Do(func() { close(r.stop) })
	select {
	case <-r.stopped:
	case <-ctx.Done():
		select {
		case <-r.stopped:
		case <-time.After(grace):
			return fmt.Errorf("close registry: a sample has not ended: %w", ctx.Err())
		}
	}
	r.sampling.Lock()
	defer r.sampling.Unlock()
	if !r.done {
		r.done = true
		r.closed = r.closeHistory()
	}
	return r.closed
}
