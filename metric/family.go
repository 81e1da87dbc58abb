package metric

import "time"

// Point is one series of a [Family].
type Point struct {
	Values []string  // of the Keys; never changed by who reads it
	Value  float64   // of a counter or gauge; a gauge's NaN is no data
	Hist   *Snapshot // of a histogram
}

// Family is a metric with its series, cumulative since Start.
type Family struct {
	Desc
	Kind   Kind
	Start  time.Time
	Points []Point
}

// Producer is what a [Registry] samples: a [Set], an instrument that has one,
// or code that reads figures from elsewhere at the moment it is asked.
//
// Produce does no I/O and does not call the Registry. A Family is valid during
// emit only, and may come in parts. Both methods are safe for concurrent use.
type Producer interface {
	Produce(emit func(Family))
	Indicators() []Indicator
}
