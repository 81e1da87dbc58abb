package metric

import (
	"math"
	"slices"
)

// Snapshot is a histogram at one moment. Bucket i counts the values in
// (b^(Offset+i), b^(Offset+i+1)], with b = 2^(2^-Scale).
type Snapshot struct {
	Count, Zero   uint64 // Zero: those of Count that were not above zero
	Sum           float64
	Scale, Offset int
	Buckets       []uint64
}

// maxSpan bounds the buckets that a merge spans; past it the scale goes down.
const maxSpan = octaves * perOctave

// Quantile is the q-quantile, q from 0 to 1: the smallest value that at least
// that share of all values does not exceed. It answers with the middle of that
// value's bucket, 2lu/(l+u), which is at most (b-1)/(b+1) = 0.54 % off
// at scale 6; a place within the bucket interpolated by rank could be twice
// that. NaN if the histogram is empty or q is no share.
func (s Snapshot) Quantile(q float64) float64 {
	if !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	total := s.Zero
	for _, n := range s.Buckets {
		total += n
	}
	if total == 0 {
		return math.NaN()
	}
	rank := max(1, uint64(math.Ceil(q*float64(total))))
	if rank <= s.Zero {
		return 0
	}
	seen := s.Zero
	for i, n := range s.Buckets {
		if seen += n; seen >= rank {
			l, u := lowerBound(s.Offset+i, s.Scale), lowerBound(s.Offset+i+1, s.Scale)
			return 2 * l * (u / (l + u))
		}
	}
	return math.NaN() // not reached: rank is at most total
}

// below is how many values are at or below v. Within v's bucket they are
// taken as spread evenly.
func (s Snapshot) below(v float64) float64 {
	if v < 0 {
		return 0
	}
	n := float64(s.Zero)
	for i, c := range s.Buckets {
		if c == 0 {
			continue
		}
		l, u := lowerBound(s.Offset+i, s.Scale), lowerBound(s.Offset+i+1, s.Scale)
		switch {
		case u <= v:
			n += float64(c)
		case l < v:
			return n + float64(c)*(v-l)/(u-l)
		default:
			return n
		}
	}
	return n
}

// Merge adds o. The result has the lower of both scales, or a lower one where
// the buckets would span too many. o is not changed.
func (s *Snapshot) Merge(o Snapshot) {
	s.Buckets = slices.Clone(s.Buckets)
	s.trim()
	o.trim()
	s.Count += o.Count
	s.Zero += o.Zero
	s.Sum += o.Sum
	target := min(s.Scale, o.Scale)
	switch { // the scale of what has no bucket says nothing
	case len(o.Buckets) == 0 && len(s.Buckets) > 0:
		target = s.Scale
	case len(s.Buckets) == 0 && len(o.Buckets) > 0:
		target = o.Scale
	}
	for {
		first, last := math.MaxInt, math.MinInt
		for _, x := range []*Snapshot{s, &o} {
			if n := len(x.Buckets); n > 0 {
				first = min(first, x.Offset>>max(0, x.Scale-target))
				last = max(last, (x.Offset+n-1)>>max(0, x.Scale-target))
			}
		}
		if first > last {
			s.Scale, s.Offset = target, 0
			return
		}
		if last-first >= maxSpan {
			target--
			continue
		}
		merged := make([]uint64, last-first+1)
		for _, x := range []*Snapshot{s, &o} {
			for i, n := range x.Buckets {
				merged[(x.Offset+i)>>(x.Scale-target)-first] += n
			}
		}
		s.Scale, s.Offset, s.Buckets = target, first, merged
		return
	}
}

// trim takes empty buckets off both ends.
func (s *Snapshot) trim() {
	first, last := 0, len(s.Buckets)
	for first < last && s.Buckets[first] == 0 {
		first++
	}
	for last > first && s.Buckets[last-1] == 0 {
		last--
	}
	if first == last {
		s.Offset, s.Buckets = 0, s.Buckets[:0]
		return
	}
	s.Offset += first
	s.Buckets = s.Buckets[first:last]
}
