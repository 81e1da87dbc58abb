package metric

import (
	"errors"
	"time"

	"github.com/distri-night/monitoring/internal/config"
)

var (
	// ErrInvalid is what a wrong Desc, Indicator or Config Is.
	ErrInvalid = config.ErrInvalid
	// ErrConflict is returned for a name that has another kind or other keys.
	ErrConflict = errors.New("metric: conflicting definition")
	// ErrUnknown is returned for an indicator that nobody has defined.
	ErrUnknown = errors.New("metric: unknown indicator")
	// ErrNoData is returned where there are too few samples to say anything.
	ErrNoData = errors.New("metric: no data")
)

// Desc declares a metric: OpenTelemetry's name and UCUM's unit where they have one.
type Desc struct {
	Name, Unit, Help string
	Keys             []string // attributes, in the order of With
	Limit            int      // values of each key, then a value becomes "other"; 0: 200
}

// Kind is what a metric measures.
type Kind uint8

// The kinds of metric.
const (
	KindCounter   Kind = 1
	KindGauge     Kind = 2
	KindHistogram Kind = 3
)

// Point is one series of a Family.
type Point struct {
	Values []string // of the Keys
	Value  float64
	Hist   *Snapshot
}

// Family is a metric with its series, cumulative since Start.
type Family struct {
	Desc
	Kind   Kind
	Start  time.Time
	Points []Point
}

// Producer is what a Registry samples. It does no I/O. A Family is valid
// during emit only, and may come in parts.
type Producer interface {
	Produce(emit func(Family))
	Indicators() []Indicator
}

// Selector picks series of a metric: a value, or "a|b"; a key that the family
// lacks is "".
type Selector struct {
	Metric string
	Where  map[string]string
}

// Indicator is what people and rules speak of, as data.
type Indicator struct {
	Name, Unit, Help string
	Of, Per          Selector      // Of/Per over the window; no Per: Of, a second if Unit ends in "/s"; a gauge: its last sample, added up
	Quantile         float64       // 0..1, of a histogram
	Below            float64       // share of a histogram's observations at or below
	Mean             bool          // of a histogram
	Scale            float64       // 0: 1, and 100 for "%"; seconds to ms: 1000
	By               []string      // breakdowns that the history keeps
	Window           time.Duration // 0: 5 min
	MinSamples       uint64        // fewer: ErrNoData, with by a NaN; 0: 1
}

// Reading is an indicator's value over its window.
type Reading struct {
	Values    []string // of by; shared, read only
	Value     float64
	Low, High float64 // 99 % bounds of a share of counts, else Value
	Samples   uint64
	At        time.Time
}

// Series is an indicator's history.
type Series struct {
	Values []string
	Start  time.Time
	Step   time.Duration
	Points []float64 // NaN: none
}
