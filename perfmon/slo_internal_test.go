package perfmon

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestHowLongABudgetLasts(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		left, burn  float64
		known, want time.Duration
		ends        bool
	}{
		{left: 1, burn: 14.4, known: 30 * day, want: 50 * time.Hour, ends: true}, // the workbook's 2 % an hour
		{left: 0.5, burn: 6, known: 30 * day, want: 60 * time.Hour, ends: true},
		{left: 0.5, burn: 1, known: 30 * day},
		{left: 0.5, burn: 0, known: 30 * day},
		{left: 0.5, burn: math.NaN(), known: 30 * day},
		{left: math.NaN(), burn: 9, known: 30 * day},
		{left: 0, burn: 0, known: 30 * day, ends: true},
		{left: -3, burn: 2, known: day, ends: true},
		{left: 0.5, burn: 2, known: 2 * day, want: day, ends: true},       // while the window fills
		{left: 1, burn: 2, known: 20 * day, want: 15 * day, ends: true},   // it fills after 10 days, 10 of 30 are left for 5
		{left: 1, burn: 1.5, known: 15 * day, want: 20 * day, ends: true}, // 15 days: 7.5 of 30 left, for 5
	} {
		after, ends := budgetEnds(c.left, c.burn, c.known)
		assert.Equal(t, c.ends, ends, "%+v", c)
		assert.InDelta(t, c.want.Hours(), after.Hours(), 1e-6, "%+v", c)
	}
}
