package metric

import (
	"math"
	"math/big"
)

// The buckets are those of OpenTelemetry's exponential histogram and of
// Prometheus' native one: at scale s, bucket i holds the values in
// (2^(i/2^s), 2^((i+1)/2^s)].
const (
	scale     = 6
	perOctave = 1 << scale

	// Octaves in which a value is told apart: 2^-64 (5e-20) to 2^64 (2e19).
	minOctave = -64
	octaves   = 128

	minIndex = minOctave * perOctave
	maxIndex = minIndex + octaves*perOctave - 1

	mantissaBits = 52
	mantissaMask = 1<<mantissaBits - 1
	exponentBias = 1023
)

// An octave's mantissas are cut into slots of equal width. A bucket is at
// least 0.0109 of the octave's lower end wide and a slot 0.0078, so a slot
// has at most one bound in it: one look-up and one comparison find the bucket.
const (
	slotBits  = 7
	slotShift = mantissaBits - slotBits
)

type slot struct {
	bound uint64 // a mantissa from here on is in bucket+1
	sub   uint64 // bucket within the octave, of mantissas below bound
}

var (
	// bounds holds floor(2^52 (2^(j/64) - 1)), exact. The floor of an irrational
	// bound is below it and the next mantissa is above it.
	bounds = exactBounds()
	slots  = slotTable()
)

// exactBounds takes six square roots of two and multiplies them up, with 200
// bits: log2 and exp2 in float64 err at a third of the bounds.
func exactBounds() (b [perOctave + 1]uint64) {
	const precision = 200
	root := big.NewFloat(2).SetPrec(precision)
	for range scale {
		root.Sqrt(root)
	}
	x := big.NewFloat(1).SetPrec(precision)
	for j := range b {
		m := new(big.Float).SetPrec(precision).Sub(x, big.NewFloat(1))
		m.SetMantExp(m, mantissaBits)
		b[j], _ = m.Uint64()
		x.Mul(x, root)
	}
	b[perOctave] = 1 << mantissaBits
	return b
}

func slotTable() (t [1 << slotBits]slot) {
	sub := 0
	for k := range t {
		last := uint64(k+1)<<slotShift - 1
		t[k] = slot{bound: math.MaxInt64, sub: uint64(sub)}
		if next := bounds[sub+1]; next <= last {
			t[k].bound = next
			sub++
		}
	}
	return t
}

// locate finds the octave (from minOctave) and the bucket in it of the value
// whose bits less one are b. Less one, because a bucket includes its upper
// bound: a power of two belongs to the octave below. A value that is not
// positive, not finite or too small or large has an octave >= octaves.
func locate(b uint64) (octave, sub uint64) {
	octave = b>>mantissaBits - (exponentBias + minOctave)
	m := b & mantissaMask
	s := &slots[m>>slotShift]
	// The sign of the difference saves a branch that is a coin toss.
	return octave, s.sub + ((m-s.bound)>>63 ^ 1)
}

// lowerBound of bucket i at a scale.
func lowerBound(i, scale int) float64 {
	if scale <= 0 {
		return math.Ldexp(1, i<<-scale)
	}
	octave := i >> scale
	return math.Ldexp(math.Exp2(float64(i-octave<<scale)/float64(int(1)<<scale)), octave)
}
