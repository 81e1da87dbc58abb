package errortracking

import (
	"math"
	"math/bits"
)

const (
	exactUsers  = 64
	sketchIndex = 10 // bits
	sketchSize  = 1 << sketchIndex
)

// userSet counts distinct hashes: exactly up to 64, then by HyperLogLog
// (Flajolet et al., 2007) with 1,024 registers, whose standard error is 3 %.
type userSet struct {
	few    []uint64
	sketch *[sketchSize]uint8
}

func (s *userSet) add(hash uint64) {
	if s.sketch != nil {
		s.register(hash)
		return
	}
	for _, h := range s.few {
		if h == hash {
			return
		}
	}
	if len(s.few) < exactUsers {
		s.few = append(s.few, hash)
		return
	}
	s.sketch = &[sketchSize]uint8{}
	for _, h := range s.few {
		s.register(h)
	}
	s.few = nil
	s.register(hash)
}

func (s *userSet) register(hash uint64) {
	r := &s.sketch[hash>>(64-sketchIndex)]
	rank := bits.LeadingZeros64(hash<<sketchIndex|1<<(sketchIndex-1)) + 1
	*r = max(*r, uint8(rank)) //nolint:gosec // at most 55
}

func (s *userSet) count() int {
	if s.sketch == nil {
		return len(s.few)
	}
	const m = float64(sketchSize)
	sum, empty := 0.0, 0.0
	for _, r := range s.sketch {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(m/empty)
	}
	return max(exactUsers+1, int(math.Round(estimate)))
}
