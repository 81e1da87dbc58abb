package metric

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Reading is an indicator's value over its window.
type Reading struct {
	Values []string // of by; shared, read only
	Value  float64  // NaN: no data
	// Low and High are the 99 % bounds (Wilson, z = 2.58) of a share of counts;
	// else both are Value.
	Low, High float64
	Samples   uint64    // events, or series of a gauge, that the value is of
	At        time.Time // of the sample
}

// readKey and result are the cache of one sample: many viewers, one reading.
type readKey struct {
	indicator string
	window    time.Duration
	by        string
}

type result struct {
	readings []Reading
	err      error
}

// Read answers from the last sample, over the indicator's window. Without by
// it is exactly one reading. With by it is one for each combination of values
// that there is, sorted; any keys of the metric will do.
//
// Where there are fewer samples than MinSamples the Value is NaN, and without
// by the error is [ErrNoData], too. [ErrUnknown] is for an indicator that
// nobody has defined.
func (r *Registry) Read(indicator string, by ...string) ([]Reading, error) {
	return r.ReadWindow(indicator, 0, by...)
}

// ReadWindow is Read over another window than the indicator's own; 0 is its
// own. The past for a window longer than any that was read before is kept from
// now on: until then it covers what there is.
func (r *Registry) ReadWindow(indicator string, window time.Duration, by ...string) ([]Reading, error) {
	if window < 0 || window > maxWindow {
		return nil, fmt.Errorf("read %q: %w: a window is 0 to 31 days, not %v", indicator, ErrInvalid, window)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.state.indicators[indicator]
	if d == nil {
		return nil, fmt.Errorf("read: %w %q", ErrUnknown, indicator)
	}
	res := r.state.read(d, window, by)
	return slices.Clone(res.readings), res.err
}

func (s *state) read(d *definition, window time.Duration, by []string) result {
	if window == 0 {
		window = d.Window
	}
	key := readKey{d.Name, window, joined(by)}
	if res, ok := s.readings[key]; ok {
		return res
	}
	if window > d.Window {
		s.want(d.Of.Metric, window)
		s.want(d.Per.Metric, window)
	}
	res := result{readings: s.evaluate(d, window, by)}
	if len(by) == 0 && math.IsNaN(res.readings[0].Value) {
		res.err = fmt.Errorf("read %q: %w", d.Name, ErrNoData)
	}
	if len(s.readings) >= maxPlans {
		clear(s.readings)
	}
	s.readings[key] = res
	return res
}

// evaluate is the indicator's meaning.
func (s *state) evaluate(d *definition, window time.Duration, by []string) []Reading {
	var out []Reading
	switch {
	case s.slot < 0:
	case d.distribution():
		out = s.distribution(d, window, by)
	case d.Per.Metric != "":
		out = s.ratio(d, window, by)
	default:
		out = s.sum(d, window, by)
	}
	if len(by) == 0 && len(out) == 0 {
		out = []Reading{noData(nil, 0)}
	}
	for i := range out {
		o := &out[i]
		o.At = s.at
		o.Value *= d.Scale
		o.Low *= d.Scale
		o.High *= d.Scale
		if d.Scale < 0 {
			o.Low, o.High = o.High, o.Low
		}
		if math.IsInf(o.Value, 0) {
			*o = Reading{Values: o.Values, Value: math.NaN(), Low: math.NaN(), High: math.NaN(), Samples: o.Samples, At: o.At}
		}
	}
	return out
}

func noData(values []string, samples uint64) Reading {
	return Reading{Values: values, Value: math.NaN(), Low: math.NaN(), High: math.NaN(), Samples: samples}
}

func exactly(values []string, v float64, samples uint64) Reading {
	return Reading{Values: values, Value: v, Low: v, High: v, Samples: samples}
}

// edge is the slot after which a window of the family begins.
func (s *state) edge(a *aggregate, window time.Duration) int64 {
	return max(s.slot-s.slotsOf(window), a.from)
}

// sum is an increase, a rate, or a gauge.
func (s *state) sum(d *definition, window time.Duration, by []string) []Reading {
	p, _ := s.plan(d.Of, by)
	if p == nil {
		return nil
	}
	gauge := p.family.kind == KindGauge
	edge := s.edge(p.family, window)
	per := 1.0
	if d.rate() && !gauge {
		// Right after the start a stretch counts as a whole step at least: a few
		// events within milliseconds are no high rate.
		per = max(s.covered(edge), s.step).Seconds()
	}
	out := make([]Reading, len(p.groups))
	for i, a := range s.amounts(p, edge) {
		switch {
		case gauge && a.samples == 0, !gauge && a.samples < d.MinSamples:
			out[i] = noData(p.groups[i], a.samples)
		default:
			out[i] = exactly(p.groups[i], a.value/per, a.samples)
		}
	}
	return out
}

// ratio is a share of counts, of gauges, or any other ratio.
func (s *state) ratio(d *definition, window time.Duration, by []string) []Reading {
	of, _ := s.plan(d.Of, by)
	per, _ := s.plan(d.Per, by)
	if per == nil {
		return nil
	}
	parts := make(map[string]amount)
	counts := per.family.kind != KindGauge
	if of != nil {
		counts = counts && of.family.kind != KindGauge
		for i, a := range s.amounts(of, s.edge(of.family, window)) {
			parts[joined(of.groups[i])] = a
		}
	}
	out := make([]Reading, len(per.groups))
	for i, whole := range s.amounts(per, s.edge(per.family, window)) {
		values := per.groups[i]
		part := parts[joined(values)]
		enough := whole.samples >= d.MinSamples
		if per.family.kind == KindGauge {
			enough = whole.samples > 0
		}
		if of != nil && of.family.kind == KindGauge && part.samples == 0 {
			enough = false // a gauge that is away is not 0
		}
		switch {
		case !enough || whole.value == 0:
			out[i] = noData(values, whole.samples)
		case counts && part.value <= whole.value:
			out[i] = share(values, part.value, whole.value)
		default:
			out[i] = exactly(values, part.value/whole.value, whole.samples)
		}
	}
	return out
}

// distribution is a quantile, a share or a mean of a histogram.
func (s *state) distribution(d *definition, window time.Duration, by []string) []Reading {
	p, key := s.plan(d.Of, by)
	if p == nil || p.family.kind != KindHistogram {
		return nil
	}
	out := make([]Reading, len(p.groups))
	merged := s.distributions(p, key, s.slotsOf(window))
	for i := range merged {
		h, values := merged[i].snapshot(), p.groups[i]
		switch {
		case h.Count < d.MinSamples || h.Count == 0:
			out[i] = noData(values, h.Count)
		case d.Below != 0:
			out[i] = share(values, h.below(d.Below), float64(h.Count))
		case d.Mean:
			out[i] = exactly(values, h.Sum/float64(h.Count), h.Count)
		default:
			out[i] = exactly(values, h.Quantile(d.Quantile), h.Count)
		}
	}
	return out
}

const z99 = 2.58

// share is k of n with its Wilson score interval (Wilson 1927): the shares
// from which k of n is z deviations away at most. Unlike the normal one it
// holds for few events and for shares near 0 and 1.
func share(values []string, k, n float64) Reading {
	p := k / n
	center := (p + z99*z99/(2*n)) / (1 + z99*z99/n)
	half := z99 / (1 + z99*z99/n) * math.Sqrt(p*(1-p)/n+z99*z99/(4*n*n))
	low, high := max(0, center-half), min(1, center+half)
	switch k { // exact there, but for rounding
	case 0:
		low = 0
	case n:
		high = 1
	}
	return Reading{Values: values, Value: p, Low: low, High: high, Samples: uint64(n)}
}

// Produce emits the families of all producers as of the last sample, added up
// since the Registry's start. What a producer counted before it was registered
// is not in it. Call [Registry.Sample] before for figures of this moment.
func (r *Registry) Produce(emit func(Family)) {
	for _, f := range r.snapshot() {
		emit(f)
	}
}

func (r *Registry) snapshot() []Family {
	r.sampling.Lock()
	defer r.sampling.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.state
	all := make([]Family, 0, len(s.names))
	for _, name := range s.names {
		a := s.families[name]
		f := Family{Desc: a.Desc, Kind: a.kind, Start: a.start, Points: make([]Point, 0, len(a.streams))}
		for _, st := range a.streams {
			p := Point{Values: st.values, Value: st.cum}
			switch a.kind {
			case KindGauge:
				if st.seq != s.seq {
					continue
				}
				p.Value = st.value
			case KindHistogram:
				h := st.total()
				p.Value, p.Hist = 0, &h
			}
			f.Points = append(f.Points, p)
		}
		all = append(all, f)
	}
	return all
}
