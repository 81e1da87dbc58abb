package metric

import (
	"math"
	"sync/atomic"
)

// Gauge goes up and down. A nil Gauge is a no-op. Safe for concurrent use.
type Gauge struct {
	bits  atomic.Uint64
	owner *Set // counts what is no number; nil outside a Set
}

// Set sets the value. NaN means that there is none, until the next Set or Add.
// An infinite value is counted as dropped and means the same.
func (g *Gauge) Set(v float64) {
	if g == nil {
		return
	}
	if math.IsInf(v, 0) {
		g.owner.lost(reasonNotFinite, 1)
		v = math.NaN()
	}
	g.bits.Store(math.Float64bits(v))
}

// Add adds v, to 0 if there is no value. A v that is no finite number, or that
// would make the value infinite, is counted as dropped.
func (g *Gauge) Add(v float64) {
	if g == nil {
		return
	}
	for {
		old := g.bits.Load()
		sum := math.Float64frombits(old)
		if math.IsNaN(sum) {
			sum = 0
		}
		sum += v
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			g.owner.lost(reasonNotFinite, 1)
			return
		}
		if g.bits.CompareAndSwap(old, math.Float64bits(sum)) {
			return
		}
	}
}

func (g *Gauge) value() float64 { return math.Float64frombits(g.bits.Load()) }
