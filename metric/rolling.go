package metric

// rolling is what a plan's groups add up to over a window of histograms, kept
// up from sample to sample: what comes is added when it comes and subtracted
// when it leaves. Merging the whole window anew each time costs 30 times that.
type rolling struct {
	plan   *plan
	slots  int64 // the window
	edge   int64 // what came after it is in
	groups []dense
	used   uint64 // the sample that asked for it last
	stale  bool   // marks were put together: what leaves is not what came
}

type rollingKey struct {
	plan  planKey
	slots int64
}

// forgotten is after how many samples a window that nobody asks for goes. The
// coarse tiers of the history ask once a minute.
const forgotten = 30

// distributions merges each group's histograms over the window. Quantiles of
// one metric share the work.
func (s *state) distributions(p *plan, key planKey, slots int64) []dense {
	k := rollingKey{key, slots}
	ro := s.rollings[k]
	if ro == nil || ro.plan != p || ro.stale || ro.edge != s.slot-slots {
		ro = &rolling{plan: p, slots: slots, edge: s.slot - slots, groups: make([]dense, len(p.groups))}
		for i, g := range p.group {
			if g >= 0 {
				p.family.streams[i].addTo(&ro.groups[g], ro.edge)
			}
		}
		if len(s.rollings) >= maxPlans {
			clear(s.rollings)
		}
		s.rollings[k] = ro
	}
	ro.used = s.seq
	return ro.groups
}

// roll takes off what leaves with the new slot, before the streams forget it.
// Windows past the exact marks are merged anew: their marks move.
func (s *state) roll() {
	for _, a := range s.families {
		a.rollings = a.rollings[:0]
	}
	for k, ro := range s.rollings {
		a := ro.plan.family
		if ro.stale || ro.slots > exact || ro.plan.streams != len(a.streams) || s.seq-ro.used > forgotten {
			delete(s.rollings, k)
			continue
		}
		a.rollings = append(a.rollings, ro)
		edge := s.slot - ro.slots
		if edge == ro.edge {
			continue
		}
		for i, g := range ro.plan.group {
			if g >= 0 {
				a.streams[i].subtractFrom(&ro.groups[g], ro.edge, edge)
			}
		}
		ro.edge = edge
	}
}

// came adds what a stream has just observed.
func (a *aggregate) came(st *stream, d *delta) {
	for _, ro := range a.rollings {
		if g := ro.plan.group[st.place]; g >= 0 {
			ro.groups[g].add(d)
		}
	}
}

// reshaped says that marks of a stream were put together.
func (a *aggregate) reshaped() {
	for _, ro := range a.rollings {
		ro.stale = true
	}
}

// subtractFrom takes off d what was observed after slot from, up to slot to.
func (s *stream) subtractFrom(d *dense, from, to int64) {
	for i := s.since(from); i < len(s.parts) && s.marks[i].slot <= to; i++ {
		d.subtract(&s.parts[i])
	}
}
