package metric

import (
	"encoding/binary"
	"math"
)

// dense holds a histogram's buckets at scale 6 from an index on, and what is
// beside them.
type dense struct {
	from    int // index of buckets[0]
	buckets []uint64
	zero    uint64
	sum     float64
}

// delta is what came to a histogram within some slots, its buckets encoded.
type delta struct {
	count, zero uint64
	sum         float64
	buckets     []byte
}

// cover makes room for the indexes from first to last.
func (d *dense) cover(first, last int) {
	if len(d.buckets) == 0 {
		d.from = first
		d.buckets = make([]uint64, last-first+1)
		return
	}
	if n := d.from - first; n > 0 {
		grown := make([]uint64, n+len(d.buckets))
		copy(grown[n:], d.buckets)
		d.from, d.buckets = first, grown
	}
	if n := last - d.from + 1; n > len(d.buckets) {
		d.buckets = append(d.buckets, make([]uint64, n-len(d.buckets))...)
	}
}

// advance makes f's histogram s and leaves in f.delta what came since. A count
// that went down means that the producer began anew. scratch is for its use.
func (f *ref) advance(s *Snapshot, scratch []byte) (_ []byte, changed bool) {
	from, buckets := s.Offset, s.Buckets
	if s.Scale != scale || from < minIndex || from+len(buckets)-1 > maxIndex {
		from, buckets = rescaled(s)
	}
	d, to := &f.hist, &f.delta
	sum := s.Sum
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		sum = d.sum
	}
	scratch, ok := d.difference(from, buckets, scratch, to)
	if !ok || s.Zero < d.zero {
		d.subtract(&delta{buckets: scratch})
		f.stream.retire(f)
		scratch, _ = d.difference(from, buckets, scratch[:0], to)
	}
	to.zero, to.sum = s.Zero-d.zero, sum-d.sum
	to.count += to.zero
	d.zero, d.sum = s.Zero, sum
	if to.count == 0 {
		return scratch, false
	}
	to.buckets = append([]byte(nil), scratch...)
	return scratch, true
}

// difference makes d's buckets those given and encodes by how much they grew;
// not ok, if one went down.
func (d *dense) difference(from int, buckets []uint64, out []byte, to *delta) (_ []byte, ok bool) {
	*to = delta{}
	if len(buckets) == 0 {
		return out, onlyZeros(d.buckets)
	}
	d.cover(from&^(perOctave-1), (from+len(buckets)-1)|(perOctave-1))
	at := from - d.from
	mine := d.buckets[at:][:len(buckets)]
	if !onlyZeros(d.buckets[:at]) || !onlyZeros(d.buckets[at+len(buckets):]) {
		return out, false
	}
	last := 0
	for i, n := range buckets {
		was := mine[i]
		if n == was {
			continue
		}
		if n < was {
			return out, false
		}
		mine[i] = n
		to.count += n - was
		out = appendBucket(out, &last, from+i, n-was)
	}
	return out, true
}

func onlyZeros(b []uint64) bool {
	for _, n := range b {
		if n != 0 {
			return false
		}
	}
	return true
}

// add adds what came.
func (d *dense) add(t *delta) {
	d.zero += t.zero
	d.sum += t.sum
	for b, i, n := next(t.buckets, 0); n > 0; b, i, n = next(b, i) {
		if i < d.from || i >= d.from+len(d.buckets) {
			// By whole octaves, so that it grows seldom.
			d.cover(i&^(perOctave-1), i|(perOctave-1))
		}
		d.buckets[i-d.from] += n
	}
}

// subtract takes off what was added before.
func (d *dense) subtract(t *delta) {
	d.zero -= t.zero
	d.sum -= t.sum
	for b, i, n := next(t.buckets, 0); n > 0; b, i, n = next(b, i) {
		d.buckets[i-d.from] -= n
	}
}

// plus adds o.
func (d *dense) plus(o *dense) {
	d.zero += o.zero
	d.sum += o.sum
	if len(o.buckets) > 0 {
		d.cover(o.from, o.from+len(o.buckets)-1)
		for i, n := range o.buckets {
			d.buckets[o.from-d.from+i] += n
		}
	}
}

// minus takes off o, which was added before.
func (d *dense) minus(o *dense) {
	d.zero -= o.zero
	d.sum -= o.sum
	for i, n := range o.buckets {
		if n > 0 {
			d.buckets[o.from-d.from+i] -= n
		}
	}
}

// snapshot shares d's buckets.
func (d *dense) snapshot() Snapshot {
	s := Snapshot{Count: d.zero, Zero: d.zero, Sum: d.sum, Scale: scale, Offset: d.from, Buckets: d.buckets}
	for _, n := range d.buckets {
		s.Count += n
	}
	if s.trim(); len(s.Buckets) == 0 {
		s.Buckets = nil
	}
	return s
}

func (d *dense) bytes() int { return 8 * cap(d.buckets) }

// merge adds what came before t.
func (t *delta) merge(before *delta) {
	var d dense
	d.add(before)
	d.add(t)
	t.count += before.count
	t.zero, t.sum = d.zero, d.sum
	t.buckets = t.buckets[:0:0]
	last := 0
	for i, n := range d.buckets {
		if n > 0 {
			t.buckets = appendBucket(t.buckets, &last, d.from+i, n)
		}
	}
}

// appendBucket appends a bucket's distance from the one before, and its count.
func appendBucket(b []byte, last *int, index int, n uint64) []byte {
	b = binary.AppendVarint(b, int64(index-*last))
	*last = index
	return binary.AppendUvarint(b, n)
}

// next decodes the bucket after last; n is 0 at the end.
func next(b []byte, last int) (rest []byte, index int, n uint64) {
	if len(b) > 1 && b[0] < 0x80 && b[1] < 0x80 { // near and few: most of them
		step := int(b[0]>>1) ^ -int(b[0]&1)
		return b[2:], last + step, uint64(b[1])
	}
	step, k := binary.Varint(b)
	if k <= 0 {
		return nil, 0, 0
	}
	n, m := binary.Uvarint(b[k:])
	if m <= 0 {
		return nil, 0, 0
	}
	return b[k+m:], last + int(step), n
}

// rescaled gives the buckets at scale 6: those of a finer histogram are put
// together, those of a coarser one are put in the middle of where they are.
// What is out of range counts at its ends.
func rescaled(s *Snapshot) (from int, buckets []uint64) {
	index := func(i int) int {
		j := s.Offset + i
		if s.Scale >= scale {
			j >>= min(s.Scale-scale, 62)
		} else {
			shift := min(scale-s.Scale, 20)
			j = max(min(j, maxIndex), minIndex-1)
			j = j<<shift + 1<<(shift-1)
		}
		return max(minIndex, min(j, maxIndex))
	}
	first, last := -1, -1
	for i, n := range s.Buckets {
		if n > 0 {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return 0, nil
	}
	from = index(first)
	buckets = make([]uint64, index(last)-from+1)
	for i, n := range s.Buckets {
		if n > 0 {
			buckets[index(i)-from] += n
		}
	}
	return from, buckets
}
