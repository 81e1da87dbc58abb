package metric

import (
	"slices"
	"sort"
)

// stream is a series of a family, added up over the producers. Guarded by
// Registry.mu.
//
// Its past is sparse: a mark for each slot in which it grew, with what it had
// grown to. So the increase over a window is one subtraction, and what does
// not change costs nothing.
type stream struct {
	family *aggregate
	kind   Kind
	place  int      // among the family's streams
	values []string // of the family's Keys

	cum   float64 // a counter's count or a histogram's number of observations
	base  float64 // cum before the first mark, at slot begin
	begin int64
	marks []mark
	parts []delta // of a histogram, beside the marks
	bytes int     // of parts

	// What a histogram has in all is what its producers' parts hold, less their
	// baselines, and what parts held that are gone. Guarded by
	// Registry.sampling.
	refs    []*ref
	retired dense

	value float64 // a gauge's
	seq   uint64  // the sample it is from
}

type mark struct {
	slot int64
	cum  float64
}

// maxStreamBytes bounds what a histogram's past takes.
const maxStreamBytes = 100 << 10

// The cost of a mark with its part, beside the encoded buckets.
const partBytes = 16 + 48

// grow adds a counter's increase in slot; keep is how many slots are kept.
func (s *stream) grow(by float64, slot, keep int64) {
	s.cum += by
	s.mark(slot, keep, nil)
}

// observe adds what came to a histogram in slot.
func (s *stream) observe(d *delta, slot, keep int64) {
	s.cum += float64(d.count)
	s.mark(slot, keep, d)
	if s.bytes <= maxStreamBytes/4 {
		return
	}
	if limit := max(maxStreamBytes-s.held(), maxStreamBytes/4); s.bytes > limit {
		s.squeeze(limit * 3 / 4) // well below, so that it is rare
		s.family.reshaped()
	}
}

// held is what a histogram takes beside its past.
func (s *stream) held() int {
	n := s.retired.bytes()
	for _, f := range s.refs {
		n += f.hist.bytes() + f.baseline.bytes()
	}
	return n
}

// total is a histogram in all. The caller holds Registry.sampling.
func (s *stream) total() Snapshot {
	var d dense
	d.plus(&s.retired)
	for _, f := range s.refs {
		d.plus(&f.hist)
		d.minus(&f.baseline)
	}
	return d.snapshot()
}

// retire keeps what a part has counted after the part itself is gone, or
// begins anew. The caller holds Registry.sampling.
func (s *stream) retire(f *ref) {
	s.retired.plus(&f.hist)
	s.retired.minus(&f.baseline)
	f.hist, f.baseline = dense{}, dense{}
}

func (s *stream) mark(slot, keep int64, d *delta) {
	if keep == 0 {
		s.forget(len(s.marks))
		s.base = s.cum
		return
	}
	s.expire(slot - keep)
	if n := len(s.marks); n > 0 && s.marks[n-1].slot == slot {
		s.marks[n-1].cum = s.cum
		if d != nil {
			was := len(s.parts[n-1].buckets)
			s.parts[n-1].merge(d)
			s.bytes += len(s.parts[n-1].buckets) - was
		}
		return
	}
	if len(s.marks) == 0 {
		s.begin = slot - 1
	}
	s.marks = append(s.marks, mark{slot, s.cum})
	if d != nil {
		s.parts = append(s.parts, *d)
		s.bytes += partBytes + len(d.buckets)
	}
	if len(s.marks)&15 == 0 {
		s.thin(slot)
	}
}

// expire forgets the marks up to edge, some at once, so that moving the rest
// costs little.
func (s *stream) expire(edge int64) {
	const some = 16
	n := 0
	for n < len(s.marks) && s.marks[n].slot <= edge {
		n++
	}
	if n >= some || n == len(s.marks) {
		s.forget(n)
	}
}

func (s *stream) forget(n int) {
	if n == 0 {
		return
	}
	s.base, s.begin = s.marks[n-1].cum, s.marks[n-1].slot
	s.marks = slices.Delete(s.marks, 0, n)
	if s.kind == KindHistogram {
		for _, p := range s.parts[:n] {
			s.bytes -= partBytes + len(p.buckets)
		}
		s.parts = slices.Delete(s.parts, 0, n)
	}
}

// Marks older than exact slots may be put together as long as they span at
// most a sixtieth of their age: a window of up to 20 minutes is exact to the
// slot, a longer one to 1.7 % of its length, and one of days takes a few
// hundred marks.
const exact = 120

func (s *stream) thin(now int64) {
	if len(s.marks) < 2 || s.marks[0].slot > now-exact {
		return
	}
	kept := 1
	start := s.begin // of the one kept last
	for i := 1; i < len(s.marks); i++ {
		m := s.marks[i]
		if (m.slot-start)*60 <= now-m.slot {
			s.join(kept-1, i)
			continue
		}
		start = s.marks[kept-1].slot
		s.move(kept, i)
		kept++
	}
	s.truncate(kept)
}

// squeeze puts neighbours together, the oldest first, until the parts take no
// more than limit: such a histogram's longer windows are exact to two slots.
func (s *stream) squeeze(limit int) {
	for s.bytes > limit && len(s.marks) > 1 {
		kept := 0
		for i := 0; i < len(s.marks); i++ {
			s.move(kept, i)
			if s.bytes > limit && i+1 < len(s.marks) {
				s.join(kept, i+1)
				i++
			}
			kept++
		}
		s.truncate(kept)
	}
}

// join puts mark i, which is next, into mark k.
func (s *stream) join(k, i int) {
	s.marks[k] = s.marks[i]
	if s.kind != KindHistogram {
		return
	}
	was := len(s.parts[k].buckets) + len(s.parts[i].buckets) + partBytes
	s.parts[k].merge(&s.parts[i])
	s.bytes += len(s.parts[k].buckets) - was
}

func (s *stream) move(k, i int) {
	s.marks[k] = s.marks[i]
	if s.kind == KindHistogram {
		s.parts[k] = s.parts[i]
	}
}

func (s *stream) truncate(n int) {
	s.marks = s.marks[:n]
	if s.kind == KindHistogram {
		clear(s.parts[n:])
		s.parts = s.parts[:n]
	}
}

// since is the first mark after edge.
func (s *stream) since(edge int64) int {
	if len(s.marks) == 0 || s.marks[0].slot > edge {
		return 0
	}
	// Where no slot was left out, it is this far.
	if i := edge - s.marks[0].slot; i < int64(len(s.marks)) && s.marks[i].slot == edge {
		return int(i) + 1
	}
	return sort.Search(len(s.marks), func(i int) bool { return s.marks[i].slot > edge })
}

// increase is by how much it grew after slot edge.
func (s *stream) increase(edge int64) float64 {
	i := s.since(edge)
	if i == 0 {
		return s.cum - s.base
	}
	return s.cum - s.marks[i-1].cum
}

// addTo adds to d what was observed after slot edge.
func (s *stream) addTo(d *dense, edge int64) {
	for i := s.since(edge); i < len(s.parts); i++ {
		d.add(&s.parts[i])
	}
}
