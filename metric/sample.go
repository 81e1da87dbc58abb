package metric

import (
	"sort"
	"time"
)

// Sample asks all producers, then calls the functions of [Registry.OnSample].
// It is what the ticker does; a call in the slot of the last sample replaces
// that sample. A process that was frozen has one sample for all that time, in
// the slot in which it thawed.
func (r *Registry) Sample(now time.Time) {
	if !r.sample(now) {
		return
	}
	r.callHooks(now)
}

func (r *Registry) sample(now time.Time) bool {
	r.sampling.Lock()
	defer r.sampling.Unlock()
	if r.done {
		return false
	}
	defer func() { // a fault of ours must not end the service
		if p := recover(); p != nil {
			r.mu.Lock()
			clear(r.state.rollings) // they may have been left halfway
			r.mu.Unlock()
			r.warnOnce("sample", "metric: a sample panicked", "panic", p)
		}
	}()
	r.takeIndicators()
	r.seq++
	for _, s := range r.sources {
		r.collect(s)
	}
	r.writeHistory(r.commit(now))
	return true
}

// commit makes what was collected visible, all at once.
func (r *Registry) commit(now time.Time) batch {
	defer func() {
		clear(r.staged)
		r.staged = r.staged[:0]
	}()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.advance(now, r.seq)
	for _, f := range r.staged {
		r.state.commit(f)
	}
	return r.state.record()
}

// takeIndicators takes over what producers have defined since.
func (r *Registry) takeIndicators() {
	for _, s := range r.sources {
		all := s.indicators(r)
		if len(all) == s.defined {
			continue
		}
		s.defined = len(all)
		for _, i := range all {
			err := i.check()
			r.mu.Lock()
			if err == nil {
				err = r.state.definable(i)
			}
			if err == nil {
				r.state.define(i, s)
			}
			r.mu.Unlock()
			if err != nil {
				r.warnOnce("indicator "+i.Name, "metric: an indicator is left out", "indicator", i.Name, "error", err)
			}
		}
	}
}

// advance opens the slot of now.
func (s *state) advance(now time.Time, seq uint64) {
	if s.slot < 0 && now.Before(s.start) {
		s.start = now // a clock of the caller's own
	}
	elapsed := max(now.Sub(s.start), s.elapsed)
	slot := int64(elapsed / s.step)
	s.slot, s.elapsed, s.at, s.seq = slot, elapsed, now, seq
	if n := len(s.stamps); n > 0 && s.stamps[n-1].slot == slot {
		s.stamps[n-1].elapsed = elapsed
	} else {
		s.stamps = append(s.stamps, stamp{slot, elapsed})
	}
	var longest int64
	for _, keep := range s.wanted {
		longest = max(longest, keep)
	}
	for len(s.stamps) > 1 && s.stamps[1].slot <= slot-longest {
		s.stamps = s.stamps[1:]
	}
	for _, a := range s.families {
		a.from = max(a.from, slot-a.keep)
		if a.keep == 0 {
			a.from = slot
		}
	}
	clear(s.readings)
	s.roll()
}

// commit adds what a producer's part has grown by.
func (s *state) commit(f *ref) {
	st := f.stream
	keep := st.family.keep
	switch st.kind {
	case KindGauge:
		if st.seq != s.seq {
			st.seq, st.value = s.seq, 0
		}
		st.value += f.cur
	case KindHistogram:
		st.observe(&f.delta, s.slot, keep)
		st.family.came(st, &f.delta)
		f.delta = delta{}
	default:
		by := f.cur - f.last
		if by < 0 {
			by = f.cur // it began anew
		}
		f.last = f.cur
		if by > 0 {
			st.grow(by, s.slot, keep)
		}
	}
}

// covered is how long the increase after slot edge took.
func (s *state) covered(edge int64) time.Duration {
	i := sort.Search(len(s.stamps), func(i int) bool { return s.stamps[i].slot > edge })
	if i == 0 {
		return s.elapsed
	}
	return s.elapsed - s.stamps[i-1].elapsed
}
