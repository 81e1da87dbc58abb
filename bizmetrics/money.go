package bizmetrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// ErrOverflow is returned where an amount does not fit the minor units of an
// int64.
var ErrOverflow = ledger.ErrOverflow

// Money is an amount in the smallest unit of its currency, by the exponents of
// ISO 4217: 1999 EUR is 19.99 euros, 10000 JPY is ten thousand yen, and 1234
// KWD is 1.234 dinars. It is exact: nothing here goes through a float.
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case
}

// Add is m and o together. Of another currency: an error that is
// [ErrCurrency]. Beyond an int64: [ErrOverflow].
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, fmt.Errorf("add %s to %s: %w", o.Currency, m.Currency, ErrCurrency)
	}
	minor := m.Minor + o.Minor
	if (m.Minor^minor)&(o.Minor^minor) < 0 {
		return Money{}, fmt.Errorf("add %v to %v: %w", o, m, ErrOverflow)
	}
	return Money{Minor: minor, Currency: m.Currency}, nil
}

// Decimal is the amount with as many decimals as the currency has, "19.99".
func (m Money) Decimal() string {
	decimals, known := ledger.Exponent(m.Currency)
	if !known || decimals == 0 {
		return strconv.FormatInt(m.Minor, 10)
	}
	sign, digits := "", strconv.FormatInt(m.Minor, 10)
	if m.Minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - decimals
	return sign + digits[:point] + "." + digits[point:]
}

// String is the amount and its currency, "19.99 EUR".
func (m Money) String() string {
	if m.Currency == "" {
		return m.Decimal()
	}
	return m.Decimal() + " " + m.Currency
}

// Major is the amount in whole units of the currency, for charts. It is a
// float and so not exact beyond 15 digits: count with Minor.
func (m Money) Major() float64 {
	decimals, _ := ledger.Exponent(m.Currency)
	return float64(m.Minor) / math.Pow10(decimals)
}

// per is m divided by n, halves away from zero; zero for none.
func (m Money) per(n int64) Money {
	if n <= 0 {
		return Money{Currency: m.Currency}
	}
	mean, err := ledger.SumOf(m.Minor).Mean(n)
	if err != nil {
		return Money{Currency: m.Currency}
	}
	return Money{Minor: mean, Currency: m.Currency}
}

func (m Money) times(n int) (Money, error) {
	if n > 0 && (m.Minor > math.MaxInt64/int64(n) || m.Minor < math.MinInt64/int64(n)) {
		return Money{}, fmt.Errorf("%v times %d: %w", m, n, ErrOverflow)
	}
	return Money{Minor: m.Minor * int64(n), Currency: m.Currency}, nil
}
