package metric

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// indexOf is the bucket that Observe counts v in.
func indexOf(v float64) int {
	octave, sub := locate(math.Float64bits(v) - 1)
	return (int(octave)+minOctave)*perOctave + int(sub)
}

// exactIndex is the bucket by the definition alone, in whole numbers: the least
// i for which v^64 <= 2^(i+1).
func exactIndex(v float64) int {
	frac, exp := math.Frexp(v)
	m := new(big.Int).SetUint64(uint64(math.Ldexp(frac, 53))) // v = m 2^(exp-53)
	p := new(big.Int).Exp(m, big.NewInt(perOctave), nil)
	bits := p.BitLen() // 2^(bits-1) <= p
	if p.TrailingZeroBits() == uint(bits-1) {
		bits-- // a power of two: its own ceiling
	}
	return bits + (exp-53)*perOctave - 1
}

func TestEveryBoundAndItsNeighboursAreMappedExactly(t *testing.T) {
	for _, octave := range []int{minOctave, -31, -10, -1, 0, 1, 9, 30, minOctave + octaves - 1} {
		for sub := range perOctave {
			v := math.Ldexp(1+float64(bounds[sub])/(1<<mantissaBits), octave)
			for _, v := range []float64{math.Nextafter(v, 0), v, math.Nextafter(v, math.Inf(1)), math.Nextafter(math.Nextafter(v, math.Inf(1)), math.Inf(1))} {
				if v > 0x1p-64 {
					require.Equal(t, exactIndex(v), indexOf(v), "%x", v)
				}
			}
		}
	}
	assert.Equal(t, maxIndex, indexOf(0x1p64))
	assert.Equal(t, minIndex, indexOf(math.Nextafter(0x1p-64, 1)))
}

func TestEverySlotHasOneBoundAtMost(t *testing.T) {
	perSlot := make(map[uint64]int)
	for _, b := range bounds[1:perOctave] {
		perSlot[b>>slotShift]++
	}
	for s, n := range perSlot {
		assert.Equal(t, 1, n, "slot %d", s)
	}
}

func TestWhatIsInNoOctaveIsSeenAsSuch(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), -1, -math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1),
		math.SmallestNonzeroFloat64, 0x1p-64, math.Nextafter(0x1p64, math.Inf(1)), math.MaxFloat64} {
		octave, _ := locate(math.Float64bits(v) - 1)
		assert.GreaterOrEqual(t, octave, uint64(octaves), "%v", v)
	}
}

func FuzzIndex(f *testing.F) {
	f.Add(1.0)
	f.Add(math.Exp2(1. / 64))
	f.Add(.1)
	f.Fuzz(func(t *testing.T, v float64) {
		if v > 0x1p-64 && v <= 0x1p64 {
			require.Equal(t, exactIndex(v), indexOf(v), "%x", v)
		}
	})
}
