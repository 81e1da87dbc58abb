package metric

import (
	"fmt"
	"slices"
	"time"
)

// state is what readers see: families as of the last sample. Guarded by
// Registry.mu.
type state struct {
	step      time.Duration
	maxSeries int

	start    time.Time
	slot     int64 // of the last sample, -1: none
	elapsed  time.Duration
	at       time.Time // of the last sample
	seq      uint64
	stamps   []stamp // of the slots that are in some window
	families map[string]*aggregate
	names    []string // in the order they came
	streams  int

	indicators map[string]*definition
	order      []*definition
	wanted     map[string]int64 // slots kept of each metric

	plans    map[planKey]*plan
	readings map[readKey]result
	rollings map[rollingKey]*rolling

	history *history
}

type stamp struct {
	slot    int64
	elapsed time.Duration
}

// attr is one of Config.Attrs.
type attr struct{ key, value string }

// aggregate is a family added up over its producers.
type aggregate struct {
	Desc
	kind    Kind
	keys    int      // of the producers; then come those of Config.Attrs
	attrs   []string // their values
	start   time.Time
	streams []*stream
	index   map[string]*stream
	keep    int64 // slots
	from    int64 // increases after this slot are complete

	rollings []*rolling // of the sample that is taken
}

// definition is an indicator with who defined it; nil: the Registry's own Set.
type definition struct {
	Indicator
	by     *source
	orphan bool // its producer has gone: it may be defined anew
}

func (s *state) init(c Config, now time.Time) {
	*s = state{
		step: c.Step, maxSeries: c.MaxSeries, start: now, slot: -1,
		families: make(map[string]*aggregate), indicators: make(map[string]*definition),
		wanted: make(map[string]int64), plans: make(map[planKey]*plan),
		readings: make(map[readKey]result), rollings: make(map[rollingKey]*rolling),
		history: newHistory(),
	}
}

// conflict says why f cannot be added to the family of its name.
func (s *state) conflict(f Family) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("family %q: %w", f.Name, err)
	}
	if !f.Kind.valid() {
		return fmt.Errorf("family %q: %w: no kind", f.Name, ErrInvalid)
	}
	known := s.families[f.Name]
	if known != nil && (known.kind != f.Kind || !slices.Equal(known.Keys[:known.keys], f.Keys)) {
		return fmt.Errorf("%w: %q is a %v of %q, not a %v of %q",
			ErrConflict, f.Name, known.kind, known.Keys[:known.keys], f.Kind, f.Keys)
	}
	return nil
}

// family finds or makes the family that f is part of.
func (s *state) family(f Family, attrs []attr) *aggregate {
	if known := s.families[f.Name]; known != nil {
		return known
	}
	a := &aggregate{
		Desc: f.clone(), kind: f.Kind, keys: len(f.Keys), start: s.start,
		index: make(map[string]*stream), keep: s.wanted[f.Name], from: -1,
	}
	for _, at := range attrs {
		if !slices.Contains(a.Keys, at.key) { // what a producer says of itself prevails
			a.Keys = append(a.Keys, at.key)
			a.attrs = append(a.attrs, at.value)
		}
	}
	s.families[a.Name] = a
	s.names = append(s.names, a.Name)
	return a
}

// stream finds or makes the series of a family; folded says that it is the one
// of "other" because there are too many.
func (s *state) stream(a *aggregate, values []string) (_ *stream, folded bool) {
	key := joined(values)
	if known := a.index[key]; known != nil {
		return known, false
	}
	if s.streams >= s.maxSeries && len(values) > 0 && !a.exempt() {
		folded = true
		values = slices.Repeat([]string{other}, len(values))
		key = joined(values)
		if known := a.index[key]; known != nil {
			return known, true
		}
	}
	st := &stream{family: a, kind: a.kind, place: len(a.streams), values: append(slices.Clip(values), a.attrs...)}
	a.index[key] = st
	a.streams = append(a.streams, st)
	s.streams++
	return st, folded
}

// exempt is the family in which losses show: its series are few, and "other"
// would hide what was lost.
func (a *aggregate) exempt() bool {
	return a.Name == DroppedDesc.Name && len(a.streams) < defaultLimit
}

// definable says why i cannot be defined.
func (s *state) definable(i Indicator) error {
	if d := s.indicators[i.Name]; d != nil && !d.orphan && !d.same(i) {
		return fmt.Errorf("%w: indicator %q is defined in another way", ErrConflict, i.Name)
	}
	return nil
}

// define takes i over. It must be definable.
func (s *state) define(i Indicator, by *source) {
	d := s.indicators[i.Name]
	switch {
	case d == nil:
		d = &definition{}
		s.indicators[i.Name] = d
		s.order = append(s.order, d)
	case !d.orphan:
		return // the same
	}
	*d = definition{Indicator: i.filled().clone(), by: by}
	window := max(d.Window, tiers[len(tiers)-1].step)
	s.want(d.Of.Metric, window)
	s.want(d.Per.Metric, window)
	clear(s.readings)
	if d.Count {
		s.history.recount(d.Name)
	}
}

// orphan keeps the indicators of a producer that has gone, until another one
// defines them.
func (s *state) orphan(by *source) {
	for _, d := range s.order {
		if d.by == by {
			d.orphan = true
		}
	}
}

// want keeps the past of a metric for a window from now on.
func (s *state) want(metric string, window time.Duration) {
	if metric == "" {
		return
	}
	slots := s.slotsOf(window)
	if slots <= s.wanted[metric] {
		return
	}
	s.wanted[metric] = slots
	if a := s.families[metric]; a != nil {
		if a.keep == 0 {
			a.from = s.slot
		}
		a.keep = slots
	}
}

func (s *state) slotsOf(window time.Duration) int64 {
	return max(1, int64((window+s.step-1)/s.step))
}
