package alerting

import (
	"math"

	"github.com/distri-night/monitoring/metric"
)

// leastBad is how many events must be bad before a share of counted events
// raises an alert: 1 failure of 1 is 100 %, and says nothing.
const leastBad = 5

// noiseGuard tells a share that is out of bounds from one that chance made.
// The registry gives the 99 % Wilson bounds of a share of counts (z = 2.58;
// E. B. Wilson, 1927) as Low and High; of anything else both are the value,
// and then nil is returned: nothing to guard.
func noiseGuard(below bool, r metric.Reading, scale float64) func(float64, Level) bool {
	if r.Low == r.High || math.IsNaN(r.Low) || math.IsNaN(r.High) {
		return nil
	}
	if scale == 0 {
		scale = 1
	}
	share := r.Value / scale
	if below { // the indicator is the good share
		share = 1 - share
	}
	if math.Round(share*float64(r.Samples)) < leastBad {
		return func(float64, Level) bool { return false }
	}
	return func(_ float64, l Level) bool {
		if below {
			return r.High < l.Threshold
		}
		return r.Low > l.Threshold
	}
}
