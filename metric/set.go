package metric

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Set holds the metrics of one instrument. The zero value is ready.
type Set struct {
	mu         sync.Mutex
	families   []any
	indicators []Indicator
}

// Counter declares or finds a counter.
func (s *Set) Counter(d Desc) *Vec[Counter] { return &Vec[Counter]{desc: d} }

// Gauge declares or finds a gauge.
func (s *Set) Gauge(d Desc) *Vec[Gauge] { return &Vec[Gauge]{desc: d} }

// Histogram declares or finds a histogram.
func (s *Set) Histogram(d Desc) *Vec[Histogram] { return &Vec[Histogram]{desc: d} }

// Define declares an indicator.
func (s *Set) Define(i Indicator) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indicators = append(s.indicators, i)
	return nil
}

// Produce emits the families.
func (s *Set) Produce(emit func(Family)) {}

// Indicators are those defined.
func (s *Set) Indicators() []Indicator { return s.indicators }

// Vec is a metric with attributes.
type Vec[M interface{ Counter | Gauge | Histogram }] struct {
	desc Desc
	m    sync.Map
}

// With finds or makes the series of values. No allocation for a known one.
func (v *Vec[M]) With(values ...string) *M {
	if v == nil {
		return nil
	}
	m, _ := v.m.LoadOrStore(strings.Join(values, "\xff"), new(M))
	return m.(*M)
}

// Counter only goes up.
type Counter struct{ n atomic.Uint64 }

// Add adds n.
func (c *Counter) Add(n uint64) {
	if c != nil {
		c.n.Add(n)
	}
}

// Gauge goes up and down.
type Gauge struct{ bits atomic.Uint64 }

// Set sets the value.
func (g *Gauge) Set(v float64) {}

// Add adds v.
func (g *Gauge) Add(v float64) {}

// Histogram has base-2 exponential buckets at scale 6.
type Histogram struct{}

// Observe counts v.
func (h *Histogram) Observe(v float64) {}

// Snapshot copies it.
func (h *Histogram) Snapshot() Snapshot { return Snapshot{} }

// Snapshot is a histogram at one moment.
type Snapshot struct {
	Count, Zero   uint64
	Sum           float64
	Scale, Offset int
	Buckets       []uint64 // base 2^(2^-Scale)
}

// Quantile is the q-quantile, q from 0 to 1; NaN if empty.
func (s Snapshot) Quantile(q float64) float64 { return 0 }

// Merge adds o.
func (s *Snapshot) Merge(o Snapshot) {}
