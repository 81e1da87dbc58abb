package metric

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
)

// Selector picks series of a metric.
type Selector struct {
	Metric string
	// Where gives for a key the value that a series must have, or several:
	// "a|b". A key that the family lacks is "".
	Where map[string]string
}

// Indicator is what people and rules speak of, as data. What Of and Per pick
// is added up over the window: a counter's increase, a histogram's number of
// observations, a gauge's last sample.
//
//   - Of alone: that sum; a second if Unit ends in "/s".
//   - Of and Per: the one divided by the other, a share or a ratio.
//   - Of a histogram with Quantile, Below or Mean: that figure of the
//     observations of all series together.
//
// A window that began before the process means since its start.
type Indicator struct {
	Name, Unit, Help string
	Of, Per          Selector
	Quantile         float64  // 0..1
	Below            float64  // the share of observations at or below
	Mean             bool     // of the observations
	Scale            float64  // multiplies the value; 0: 1, and 100 for "%"; seconds to ms: 1000
	By               []string // keys by each of which the history is kept too
	// Count makes the history hold what came in each step, so that its points
	// add up to what came in a span, across restarts too: see [Registry.Sum].
	// Where nothing came there is no point. It takes Of alone, of a counter or a
	// histogram, and no "/s".
	Count  bool
	Window time.Duration // 0: 5 min
	// MinSamples is how many events a share, quantile or mean needs: fewer are
	// ErrNoData, and with by a NaN. 0: 1. A plain sum or rate of none is 0, so
	// it needs none unless MinSamples says so. A gauge needs one series only.
	MinSamples uint64
}

const defaultWindow = 5 * time.Minute

// filled is i with its defaults.
func (i Indicator) filled() Indicator {
	if i.Window == 0 {
		i.Window = defaultWindow
	}
	if i.Scale == 0 {
		i.Scale = 1
		if i.Unit == "%" {
			i.Scale = 100
		}
	}
	if i.MinSamples == 0 && !i.plain() {
		i.MinSamples = 1
	}
	return i
}

// plain reports whether the value is a sum or a rate, for which none is 0.
func (i Indicator) plain() bool { return i.Per.Metric == "" && !i.distribution() }

// distribution reports whether the value needs a histogram's buckets or sum.
func (i Indicator) distribution() bool { return i.Quantile != 0 || i.Below != 0 || i.Mean }

func (i Indicator) rate() bool { return i.plain() && strings.HasSuffix(i.Unit, "/s") }

// same reports whether i and o mean the same, defaults filled.
func (i Indicator) same(o Indicator) bool {
	a, b := i.filled().clone(), o.filled().clone()
	return reflect.DeepEqual(a, b)
}

// clone keeps nothing of the caller's, and makes empty and nil the same.
func (i Indicator) clone() Indicator {
	i.By = append([]string(nil), i.By...)
	i.Of.Where = cloneMap(i.Of.Where)
	i.Per.Where = cloneMap(i.Per.Where)
	return i
}

func cloneMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}

// check finds all that is wrong with i.
func (i Indicator) check() error {
	var f config.Faults
	if i.Name == "" {
		f.Add("Name", "a name", nil)
	}
	if i.Of.Metric == "" {
		f.Add("Of.Metric", "the name of a metric", nil)
	}
	if i.Per.Metric == "" && len(i.Per.Where) > 0 {
		f.Add("Per.Metric", "the name of a metric", nil)
	}
	f.Share("Quantile", &i.Quantile)
	if !(i.Below >= 0) || math.IsInf(i.Below, 0) {
		f.Add("Below", "a finite number of 0 or more", i.Below)
	}
	f.Finite("Scale", i.Scale)
	figures := 0
	for _, set := range []bool{i.Quantile != 0, i.Below != 0, i.Mean, i.Per.Metric != ""} {
		if set {
			figures++
		}
	}
	if figures > 1 {
		f.Add("Of", "at most one of Per, Quantile, Below and Mean", nil)
	}
	if i.Count && (!i.plain() || i.rate()) {
		f.Add("Count", "Of alone, not a second", nil)
	}
	if i.Window < 0 || i.Window > maxWindow {
		f.Add("Window", "0 to 31 days", i.Window)
	}
	for n, k := range i.By {
		if k == "" || slices.Contains(i.By[:n], k) {
			f.Add("By", "keys, each once", k)
		}
	}
	return f.Err()
}

// maxWindow bounds what is kept for windows.
const maxWindow = 31 * 24 * time.Hour
