package metric

import (
	"math"
	"slices"
	"strings"
)

// source is a producer with what it said last. Guarded by Registry.sampling.
type source struct {
	producer Producer
	families map[string]*intake
	defined  int // indicators taken over
}

// intake is one producer's part of a family.
type intake struct {
	family *aggregate // nil: refused
	refs   []*ref     // in the order in which they came first
	index  map[string]*ref
	cursor int // the ref that comes next if all come as before
	seq    uint64
}

// ref is one producer's part of a stream: the identity is producer, name and
// values. Its increase is what the stream adds up.
type ref struct {
	values []string
	stream *stream
	seq    uint64 // of the sample that cur is from
	cur    float64
	last   float64

	hist     dense // as of the last sample
	baseline dense // as of the registration
	delta    delta // since the last sample
}

func newSource(p Producer) *source {
	return &source{producer: p, families: make(map[string]*intake)}
}

// produce calls the producer, which may panic.
func (s *source) produce(r *Registry, emit func(Family)) {
	defer r.survive("a producer panicked")
	s.producer.Produce(emit)
}

func (s *source) indicators(r *Registry) []Indicator {
	defer r.survive("a producer's indicators panicked")
	return s.producer.Indicators()
}

func (r *Registry) survive(what string) {
	if p := recover(); p != nil {
		r.warnOnce(what, "metric: "+what, "panic", p)
	}
}

// warnOnce warns once per key. The caller holds sampling.
func (r *Registry) warnOnce(key, msg string, args ...any) {
	if !r.warned[key] {
		r.warned[key] = true
		r.warn(warning{msg, args})
	}
}

// collect asks s for its families and leaves the figures in its refs.
func (r *Registry) collect(s *source) {
	s.produce(r, func(f Family) {
		in := s.families[f.Name]
		if in == nil {
			in = r.intake(f)
			s.families[strings.Clone(f.Name)] = in
		}
		if in.family == nil {
			return
		}
		if f.Kind != in.family.kind || len(f.Keys) != in.family.keys {
			r.lost(reasonConflict, uint64(len(f.Points)))
			return
		}
		if in.seq != r.seq {
			in.seq, in.cursor = r.seq, 0
		}
		for i := range f.Points {
			p := &f.Points[i]
			if len(p.Values) != len(f.Keys) {
				r.lost(reasonConflict, 1)
				continue
			}
			if ref := r.ref(in, p.Values); ref != nil {
				r.take(in, ref, p)
			}
		}
	})
}

// intake opens a family for a producer.
func (r *Registry) intake(f Family) *intake {
	in := &intake{index: make(map[string]*ref)}
	if err := r.join(in, f); err != nil {
		r.lost(reasonConflict, 1)
		r.warnOnce("conflict "+f.Name, "metric: a family is left out", "metric", f.Name, "error", err)
	}
	return in
}

func (r *Registry) join(in *intake, f Family) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.state.conflict(f); err != nil {
		return err
	}
	in.family = r.state.family(f, r.attrs)
	return nil
}

// ref finds the part that values are; mostly it is the next one.
func (r *Registry) ref(in *intake, values []string) *ref {
	if in.cursor < len(in.refs) {
		if f := in.refs[in.cursor]; slices.Equal(f.values, values) {
			in.cursor++
			return f
		}
	}
	key := joined(values)
	if f := in.index[key]; f != nil {
		if in.cursor+1 < len(in.refs) && in.refs[in.cursor+1] == f {
			in.cursor += 2 // one was left out
		}
		return f
	}
	if r.refs >= 10*r.config.MaxSeries {
		r.lost(reasonMaxSeries, 1)
		return nil
	}
	f := &ref{values: make([]string, len(values))}
	for i, v := range values {
		f.values[i] = clean(v)
	}
	r.mu.Lock()
	stream, folded := r.state.stream(in.family, f.values)
	if in.family.kind == KindHistogram {
		stream.refs = append(stream.refs, f)
	}
	r.mu.Unlock()
	f.stream = stream
	if folded {
		r.lost(reasonMaxSeries, 1)
		r.warnOnce("max series", "metric: too many series, new ones become \"other\"",
			"metric", in.family.Name, "limit", r.config.MaxSeries)
	}
	if in.cursor == len(in.refs) {
		in.cursor++
	}
	in.refs = append(in.refs, f)
	in.index[key] = f
	r.refs++
	return f
}

// joined is values as one string that no other values give.
func joined(values []string) string {
	switch len(values) {
	case 0:
		return ""
	case 1:
		return values[0]
	}
	var b strings.Builder
	for _, v := range values {
		for len(v) >= 255 {
			b.WriteByte(255)
			b.WriteString(v[:255])
			v = v[255:]
		}
		b.WriteByte(byte(len(v)))
		b.WriteString(v)
	}
	return b.String()
}

// take notes a point.
func (r *Registry) take(in *intake, f *ref, p *Point) {
	if in.family.kind == KindHistogram {
		if p.Hist == nil || f.seq == r.seq {
			r.lost(reasonConflict, 1)
			return
		}
		f.seq = r.seq
		var changed bool
		if r.scratch, changed = f.advance(p.Hist, r.scratch[:0]); changed {
			r.staged = append(r.staged, f)
		}
		return
	}
	v := p.Value
	switch {
	case in.family.kind == KindGauge && math.IsNaN(v):
		return
	case math.IsNaN(v) || math.IsInf(v, 0) || in.family.kind == KindCounter && v < 0:
		r.lost(reasonNotFinite, 1)
		return
	}
	if f.seq != r.seq {
		f.seq, f.cur = r.seq, 0
		r.staged = append(r.staged, f)
	}
	f.cur += v // a series may come twice in one sample
}

// rebase makes what was collected the baseline.
func (f *ref) rebase() {
	f.last = f.cur
	f.delta = delta{}
	f.baseline = dense{}
	f.baseline.plus(&f.hist)
}
