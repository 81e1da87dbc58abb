package metric

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Set holds the metrics of one instrument. The zero value is ready. It is a
// [Producer]. Safe for concurrent use; not to be copied.
type Set struct {
	// Logger gets the warnings: a conflicting Desc, an attribute past its
	// limit. nil: slog.Default(). Set it before the first use.
	Logger *slog.Logger

	mu         sync.Mutex
	start      time.Time
	families   []family
	byName     map[string]family
	refused    map[string]bool // names warned of
	indicators []Indicator     // only appended to
	buffers    sync.Pool       // *buffer
}

// family is a Vec of any kind.
type family interface {
	describe() (Desc, Kind)
	produce(start time.Time, b *buffer, emit func(Family))
}

// Counter declares or finds a counter. A Desc that is wrong, or that has
// another kind or other keys than before, gives nil and one warning.
func (s *Set) Counter(d Desc) *Vec[Counter] { return declare[Counter](s, d, KindCounter) }

// Gauge declares or finds a gauge, as Counter does.
func (s *Set) Gauge(d Desc) *Vec[Gauge] { return declare[Gauge](s, d, KindGauge) }

// Histogram declares or finds a histogram, as Counter does.
func (s *Set) Histogram(d Desc) *Vec[Histogram] { return declare[Histogram](s, d, KindHistogram) }

func declare[M interface{ Counter | Gauge | Histogram }](s *Set, d Desc, k Kind) *Vec[M] {
	if s == nil {
		return nil
	}
	v, err := find[M](s, d, k)
	if err != nil {
		s.mu.Lock()
		known := s.refused[d.Name]
		if s.refused == nil {
			s.refused = make(map[string]bool)
		}
		s.refused[d.Name] = true
		s.mu.Unlock()
		if !known {
			s.warn(warning{"metric: declaration refused, nothing will be measured", []any{"metric", d.Name, "error", err}})
		}
		return nil
	}
	return v
}

func find[M interface{ Counter | Gauge | Histogram }](s *Set, d Desc, k Kind) (*Vec[M], error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("declare %q: %w", d.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.byName[d.Name]; ok {
		was, kind := f.describe()
		v, ok := f.(*Vec[M])
		if !ok || !slices.Equal(was.Keys, d.Keys) {
			return nil, fmt.Errorf("%w: %q is a %v of %q, not a %v of %q", ErrConflict, d.Name, kind, was.Keys, k, d.Keys)
		}
		return v, nil
	}
	v := newVec[M](s, d, k)
	if s.byName == nil {
		s.byName = make(map[string]family)
		s.start = time.Now()
	}
	s.byName[d.Name] = v
	s.families = append(s.families, v)
	return v, nil
}

// Define declares an indicator. The same again is fine; another one of the
// name is [ErrConflict]. Its metrics may be declared later.
func (s *Set) Define(i Indicator) error {
	if err := i.check(); err != nil {
		return fmt.Errorf("define indicator %q: %w", i.Name, err)
	}
	i = i.clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.indicators {
		if known.Name == i.Name {
			if !known.same(i) {
				return fmt.Errorf("define indicator %q: %w", i.Name, ErrConflict)
			}
			return nil
		}
	}
	s.indicators = append(s.indicators, i)
	return nil
}

// Indicators are those defined.
func (s *Set) Indicators() []Indicator {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clip(s.indicators)
}

// Produce emits the families, in parts.
func (s *Set) Produce(emit func(Family)) {
	s.mu.Lock()
	families, start := slices.Clip(s.families), s.start
	s.mu.Unlock()
	b, _ := s.buffers.Get().(*buffer)
	if b == nil {
		b = &buffer{points: make([]Point, 0, partPoints), snaps: make([]Snapshot, partHistograms)}
	}
	defer s.buffers.Put(b)
	for _, f := range families {
		f.produce(start, b, emit)
	}
}

// buffer holds one part of a family while it is emitted.
type buffer struct {
	points []Point
	snaps  []Snapshot
}

const (
	partPoints     = 256
	partHistograms = 8 // small: their buckets stay in the cache until they are read
)

func (v *Vec[M]) produce(start time.Time, b *buffer, emit func(Family)) {
	all := v.all()
	part := partPoints
	if v.kind == KindHistogram {
		part = partHistograms
	}
	f := Family{Desc: v.desc, Kind: v.kind, Start: start}
	for first := true; first || len(all) > 0; first = false { // a family without a series is emitted too
		n := min(part, len(all))
		b.points = b.points[:0]
		for i, s := range all[:n] {
			p := Point{Values: s.values}
			switch m := any(&s.metric).(type) {
			case *Counter:
				p.Value = float64(m.n.Load())
			case *Gauge:
				p.Value = m.value()
			case *Histogram:
				p.Hist = &b.snaps[i]
				m.snapshot(p.Hist)
			}
			b.points = append(b.points, p)
		}
		f.Points = b.points
		emit(f)
		all = all[n:]
	}
}

// lost counts n under component "metric". A nil Set is a no-op.
func (s *Set) lost(reason string, n uint64) {
	if s != nil && n > 0 {
		s.Counter(DroppedDesc).With(component, reason).Add(n)
	}
}

type warning struct {
	msg  string
	args []any
}

func (s *Set) warn(w warning) {
	l := s.Logger
	if l == nil {
		l = slog.Default()
	}
	l.Warn(w.msg, w.args...)
}
