package metric

import (
	"math"
	"sync"
	"sync/atomic"
)

// Histogram counts values in base-2 exponential buckets at scale 6, from 5e-20
// to 2e19. A nil Histogram is a no-op, the zero value is ready. Safe for
// concurrent use.
//
// An octave's 64 buckets are allocated when its first value comes: a histogram
// of typical latencies takes 4 to 8 KiB, and none more than 32 KiB. Once 40
// octaves are in use (a range of one to 10^12), a value outside of them counts
// in the nearest octave that is.
//
// Values that are not above 5e-20, negative ones too, count as zero, in the
// sum as well: a clock that was set back must not make a sum go down. NaN and
// the infinities are counted as dropped.
type Histogram struct {
	octaves [octaves]atomic.Pointer[page]
	zero    atomic.Uint64

	mu      sync.Mutex // of carry, of allocation, and of a snapshot
	used    int        // pages
	first   int        // octave in use
	last    int
	carried float64       // sum of what was taken out of the cells
	carries [octaves]bool // whether a page has a carry
	owner   *Set          // counts what is no number; nil outside a Set
}

const maxPages = 40

// A cell is a bucket's count in its upper 16 bits and, below, the sum of the
// distances of its values from the bucket's reference, in units of 2^-37 of the
// octave. So that one atomic addition does both, the sum is exact to 2e-12 (and
// exact for numbers of up to 37 significant bits), and observers of different
// values do not meet. A cell that is half full is emptied into the carry.
type page struct {
	cells [perOctave]atomic.Uint64
	carry [perOctave]uint32 // in units of half a cell
}

const (
	countShift = 48
	oneCount   = 1 << countShift
	halfCount  = 1 << (64 - countShift - 1)
	sumMask    = oneCount - 1

	unitShift = 15
	halfUnit  = 1 << (unitShift - 1)
	oneUnits  = 1 << (mantissaBits - unitShift) // an octave's lower end
)

// refUnits are the references, in units from zero. toUnits turns a mantissa
// into its distance from the reference, rounded, and makes good for the one
// that locate takes off.
var refUnits, toUnits = func() (r, u [perOctave]uint64) {
	for j := range r {
		r[j] = oneUnits + bounds[j]>>unitShift
		u[j] = 1 + halfUnit - bounds[j]>>unitShift<<unitShift
	}
	return r, u
}()

// Observe counts v.
func (h *Histogram) Observe(v float64) {
	if h == nil {
		return
	}
	b := math.Float64bits(v) - 1
	octave, sub := locate(b)
	if octave < octaves {
		if p := h.octaves[octave].Load(); p != nil {
			n := p.cells[sub&(perOctave-1)].Add(oneCount + (b&mantissaMask+toUnits[sub&(perOctave-1)])>>unitShift)
			if int64(n) < 0 {
				h.empty(octave, sub)
			}
			return
		}
	}
	h.observeRare(v)
}

// observeRare takes the first value of an octave and what is in none.
func (h *Histogram) observeRare(v float64) {
	const tiny, huge = 0x1p-64, 0x1p64
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		h.owner.lost(reasonNotFinite, 1)
		return
	case v <= tiny:
		h.zero.Add(1)
		return
	case v > huge:
		v = huge
	}
	b := math.Float64bits(v) - 1
	octave, sub := locate(b)
	h.mu.Lock()
	p := h.octaves[octave].Load()
	if p == nil && h.used < maxPages {
		p = new(page)
		h.octaves[octave].Store(p)
		if h.used == 0 {
			h.first, h.last = int(octave), int(octave)
		}
		h.first, h.last = min(h.first, int(octave)), max(h.last, int(octave))
		h.used++
	}
	h.mu.Unlock()
	if p == nil {
		octave, sub = h.nearest(octave)
		b = (octave+(exponentBias+minOctave))<<mantissaBits + bounds[sub] // just in it
		p = h.octaves[octave].Load()
	}
	n := p.cells[sub].Add(oneCount + (b&mantissaMask+toUnits[sub])>>unitShift)
	if int64(n) < 0 {
		h.empty(octave, sub)
	}
}

// nearest is the end of the octave in use that is closest to one that is not.
func (h *Histogram) nearest(octave uint64) (uint64, uint64) {
	for d := uint64(1); ; d++ {
		if octave >= d && h.octaves[octave-d].Load() != nil {
			return octave - d, perOctave - 1
		}
		if octave+d < octaves && h.octaves[octave+d].Load() != nil {
			return octave + d, 0
		}
	}
}

// empty moves half a cell's count, and all of its sum, to the carry. It is
// rare: once in 32,768 observations of a bucket.
func (h *Histogram) empty(octave, sub uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.octaves[octave].Load()
	n := p.cells[sub].Load()
	if int64(n) >= 0 {
		return // another observer was first
	}
	units := n & sumMask
	p.cells[sub].Add(-(halfCount<<countShift + units))
	p.carry[sub]++
	h.carries[octave] = true
	h.carried += float64(halfCount*refUnits[sub]+units) * unit(octave)
}

func unit(octave uint64) float64 {
	return math.Ldexp(1, int(octave)+minOctave-mantissaBits+unitShift)
}

// Snapshot copies it. No observation that returned before is missing.
func (h *Histogram) Snapshot() Snapshot {
	var s Snapshot
	h.snapshot(&s)
	s.trim()
	return s
}

// snapshot is Snapshot into s, whose Buckets are used again. Empty buckets at
// the ends stay, else the next use would have less room.
func (h *Histogram) snapshot(s *Snapshot) {
	*s = Snapshot{Scale: scale, Buckets: s.Buckets[:0]}
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Zero = h.zero.Load()
	s.Count = s.Zero
	if h.used == 0 {
		return
	}
	first, last := h.first, h.last
	s.Sum = h.carried
	s.Offset = (first + minOctave) * perOctave
	if n := (last - first + 1) * perOctave; cap(s.Buckets) < n {
		s.Buckets = make([]uint64, n)
	} else {
		s.Buckets = s.Buckets[:n]
	}
	for o := first; o <= last; o++ {
		out := (*[perOctave]uint64)(s.Buckets[(o-first)*perOctave:])
		p := h.octaves[o].Load()
		if p == nil {
			clear(out[:])
			continue
		}
		var units, count uint64
		for j := range out {
			n := p.cells[j].Load()
			c := n >> countShift
			out[j] = c
			count += c
			units += c*refUnits[j] + n&sumMask
		}
		s.Sum += float64(units) * unit(uint64(o))
		if h.carries[o] {
			for j, c := range p.carry {
				out[j] += uint64(c) * halfCount
				count += uint64(c) * halfCount
			}
		}
		s.Count += count
	}
}
