package metric

import (
	"errors"
	"slices"

	"github.com/distri-night/monitoring/internal/config"
)

var (
	// ErrInvalid is what a wrong Desc, Indicator or Config Is.
	ErrInvalid = config.ErrInvalid
	// ErrConflict is returned for a name that is taken with another kind, other
	// keys or another definition.
	ErrConflict = errors.New("metric: conflicting definition")
	// ErrUnknown is returned for an indicator that nobody has defined.
	ErrUnknown = errors.New("metric: unknown indicator")
	// ErrNoData is returned where there are too few samples to say anything.
	ErrNoData = errors.New("metric: no data")
)

// Desc declares a metric. Two declarations of one name agree if their kind and
// Keys do; of Unit, Help and Limit the first counts.
type Desc struct {
	Name string   // OpenTelemetry's name where it has one: "http.server.request.duration"
	Unit string   // UCUM: "s", "By", "{request}"
	Help string   // one sentence, for people
	Keys []string // attributes, in the order of [Vec.With]
	// Limit bounds the values of each key: past it a value becomes "other" and
	// one warning names the key. 0: 200.
	Limit int
}

const (
	defaultLimit = 200
	other        = "other" // what a value past a limit becomes
)

// Kind is what a metric measures.
type Kind uint8

// The kinds of metric.
const (
	KindCounter   Kind = 1 // only goes up
	KindGauge     Kind = 2 // goes up and down
	KindHistogram Kind = 3 // a distribution
)

// String is the kind's name.
func (k Kind) String() string {
	switch k {
	case KindCounter:
		return "counter"
	case KindGauge:
		return "gauge"
	case KindHistogram:
		return "histogram"
	default:
		return "unknown"
	}
}

func (k Kind) valid() bool { return k >= KindCounter && k <= KindHistogram }

// limit is Limit with its default.
func (d Desc) limit() int {
	if d.Limit == 0 {
		return defaultLimit
	}
	return d.Limit
}

// check finds what is wrong with d.
func (d Desc) check() error {
	var f config.Faults
	if d.Name == "" {
		f.Add("Name", "a name", nil)
	}
	if d.Limit < 0 {
		f.Add("Limit", "0 or more", d.Limit)
	}
	for i, k := range d.Keys {
		if k == "" || slices.Contains(d.Keys[:i], k) {
			f.Add("Keys", "names, each once", k)
		}
	}
	return f.Err()
}

// clone keeps nothing of the caller's.
func (d Desc) clone() Desc {
	d.Keys = slices.Clone(d.Keys)
	return d
}
