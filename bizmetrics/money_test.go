package bizmetrics

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Case 66: nothing divides by 100 because most currencies do.
func TestMoneyHasTheDecimalsOfItsCurrency(t *testing.T) {
	for want, m := range map[string]Money{
		"19.99 EUR": eur(1999), "0.05 EUR": eur(5), "-0.50 EUR": eur(-50), "0.00 EUR": eur(0),
		"10000 JPY": {10000, "JPY"}, "-3 JPY": {-3, "JPY"},
		"1.234 KWD": {1234, "KWD"}, "0.001 KWD": {1, "KWD"}, "-1.000 BHD": {-1000, "BHD"},
		"1.0000 CLF": {10000, "CLF"}, "0": {},
		"-92233720368547758.08 USD": {math.MinInt64, "USD"},
	} {
		assert.Equal(t, want, m.String())
	}
	assert.InDelta(t, 10000, Money{10000, "JPY"}.Major(), 0)
	assert.InDelta(t, 1.234, Money{1234, "KWD"}.Major(), 1e-12)
}

func TestEveryCurrencyIsKnownOnce(t *testing.T) {
	listed := strings.Fields(ledger.NoDecimals + " " + ledger.TwoDecimals + " " + ledger.ThreeDecimals + " " + ledger.FourDecimals)
	assert.Len(t, ledger.Exponents, len(listed), "a code is listed twice")
	for code := range ledger.Exponents {
		assert.Len(t, code, 3)
	}
	for _, code := range []string{"", "EURO", "eur", "XXX", "XAU", "DEM"} {
		_, known := ledger.Exponent(code)
		assert.False(t, known, code)
	}
}

func TestAddingMoneyNeverWrapsNorMixes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := rapid.Int64().Draw(rt, "a"), rapid.Int64().Draw(rt, "b")
		got, err := eur(a).Add(eur(b))
		want := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		if want.IsInt64() {
			require.NoError(rt, err)
			require.Equal(rt, eur(want.Int64()), got)
		} else {
			require.ErrorIs(rt, err, ErrOverflow)
		}
	})
	_, err := eur(1).Add(Money{1, "USD"})
	assert.ErrorIs(t, err, ErrCurrency)
}

func TestASumIsExactBeyondInt64(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64(), 1, 50).Draw(rt, "values")
		var s ledger.Sum
		want := new(big.Int)
		for _, v := range values {
			s = s.Plus(ledger.SumOf(v))
			want.Add(want, big.NewInt(v))
		}
		text, err := s.MarshalText()
		require.NoError(rt, err)
		require.Equal(rt, want.String(), string(text))
		var back ledger.Sum
		require.NoError(rt, back.UnmarshalText(text))
		require.Equal(rt, s, back)
		require.True(rt, s.Plus(s.Minus()).IsZero())
		if got, err := s.Int64(); want.IsInt64() {
			require.NoError(rt, err)
			require.Equal(rt, want.Int64(), got)
		} else {
			require.ErrorIs(rt, err, ErrOverflow)
		}
		f, _ := new(big.Float).SetInt(want).Float64()
		require.InEpsilon(rt, f+1e-300, s.Float()+1e-300, 1e-9)

		// halves away from zero
		n := big.NewInt(int64(len(values)))
		mean, err := s.Mean(n.Int64())
		require.NoError(rt, err)
		twice := new(big.Int).Abs(want)
		twice.Mul(twice, big.NewInt(2)).Add(twice, n).Div(twice, new(big.Int).Mul(n, big.NewInt(2)))
		if want.Sign() < 0 {
			twice.Neg(twice)
		}
		require.Equal(rt, twice.String(), big.NewInt(mean).String())
	})
	assert.Error(t, new(ledger.Sum).UnmarshalText([]byte("1e9")))
	assert.Error(t, new(ledger.Sum).UnmarshalText([]byte("170141183460469231731687303715884105728")))
}
