package ledger

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"

	"github.com/distri-night/monitoring/internal/config"
)

// Sum is an exact total of int64 values, 128 bits wide in two's complement: no
// number of events makes it overflow, and a total that does not fit Money is
// found out when it is read.
type Sum struct {
	hi int64
	lo uint64
}

// SumOf is v.
func SumOf(v int64) Sum { return Sum{hi: v >> 63, lo: uint64(v)} }

// Plus is s and o together.
func (s Sum) Plus(o Sum) Sum {
	lo, carry := bits.Add64(s.lo, o.lo, 0)
	return Sum{hi: s.hi + o.hi + int64(carry), lo: lo}
}

// Minus is the negative of s.
func (s Sum) Minus() Sum {
	lo, borrow := bits.Sub64(0, s.lo, 0)
	return Sum{hi: -s.hi - int64(borrow), lo: lo}
}

// IsZero reports whether s is 0.
func (s Sum) IsZero() bool { return s == Sum{} }

// Int64 is the total, if it fits.
func (s Sum) Int64() (int64, error) {
	if s.hi != int64(s.lo)>>63 {
		return 0, ErrOverflow
	}
	return int64(s.lo), nil
}

// Mean is s/n, halves away from zero. n must be positive.
func (s Sum) Mean(n int64) (int64, error) {
	negative := s.hi < 0
	if negative {
		s = s.Minus()
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

// Float is the total for a mean of durations and for charts.
func (s Sum) Float() float64 {
	if s.hi < 0 {
		return -s.Minus().Float()
	}
	return float64(s.hi)*(1<<64) + float64(s.lo)
}

// MarshalText writes the total in decimal, for the journal.
func (s Sum) MarshalText() ([]byte, error) {
	n := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	return n.Add(n, new(big.Int).SetUint64(s.lo)).Append(nil, 10), nil
}

// UnmarshalText reads what MarshalText wrote.
func (s *Sum) UnmarshalText(text []byte) error {
	n, ok := new(big.Int).SetString(string(text), 10)
	if !ok || n.BitLen() > 127 {
		return fmt.Errorf("total %q: %w", text, config.ErrInvalid)
	}
	low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64))
	s.lo = low.Uint64()
	s.hi = new(big.Int).Rsh(n, 64).Int64()
	return nil
}
