package bizmetrics

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// sum is an exact total of int64 values, 128 bits wide in two's complement: no
// number of events makes it overflow, and a total that does not fit Money is
// found out when it is read.
type sum struct {
	hi int64
	lo uint64
}

func sumOf(v int64) sum { return sum{hi: v >> 63, lo: uint64(v)} }

func (s sum) plus(o sum) sum {
	lo, carry := bits.Add64(s.lo, o.lo, 0)
	return sum{hi: s.hi + o.hi + int64(carry), lo: lo}
}

func (s sum) minus() sum {
	lo, borrow := bits.Sub64(0, s.lo, 0)
	return sum{hi: -s.hi - int64(borrow), lo: lo}
}

func (s sum) isZero() bool { return s == sum{} }

// int64 is the total, if it fits.
func (s sum) int64() (int64, error) {
	if s.hi != int64(s.lo)>>63 {
		return 0, ErrOverflow
	}
	return int64(s.lo), nil
}

// mean is s/n, halves away from zero. n must be positive.
func (s sum) mean(n int64) (int64, error) {
	negative := s.hi < 0
	if negative {
		s = s.minus()
	}
	d := uint64(n)
	if uint64(s.hi) >= d {
		return 0, ErrOverflow
	}
	quotient, rest := bits.Div64(uint64(s.hi), s.lo, d)
	if rest >= d-rest {
		quotient++
	}
	if negative && quotient <= 1<<63 {
		return -int64(quotient), nil
	}
	if negative || quotient > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return int64(quotient), nil
}

// float is the total for a mean of durations and for charts.
func (s sum) float() float64 {
	if s.hi < 0 {
		return -s.minus().float()
	}
	return float64(s.hi)*(1<<64) + float64(s.lo)
}

// MarshalText writes the total in decimal, for the journal.
func (s sum) MarshalText() ([]byte, error) {
	n := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	return n.Add(n, new(big.Int).SetUint64(s.lo)).Append(nil, 10), nil
}

// UnmarshalText reads what MarshalText wrote.
func (s *sum) UnmarshalText(text []byte) error {
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok || n.BitLen() > 127 {
		return fmt.Errorf("total %q: %w", text, ErrInvalid)
	}
	low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64))
	s.lo = low.Uint64()
	s.hi = new(big.Int).Rsh(n, 64).Int64()
	return nil
}
