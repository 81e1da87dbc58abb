package payment

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestTheProviderFailsAndDeclinesAsOftenAsTold(t *testing.T) {
	const charges = 20_000
	p := New(1, Settings{Fail: 20, Decline: 10})
	var failed, declined int
	for range charges {
		err := p.Charge(t.Context(), "card", 100)
		var d *Declined
		switch {
		case assert.ErrorAs(quiet{}, err, &d):
			declined++
			assert.NotEmpty(t, d.Reason)
		case err != nil:
			assert.ErrorIs(t, err, ErrUnavailable)
			failed++
		}
	}
	assert.InDelta(t, .20, float64(failed)/charges, .01)
	assert.InDelta(t, .08, float64(declined)/charges, .01, "of what does not fail")
}

// quiet lets assert.ErrorAs be a question.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}

func TestASlowProviderGivesUpWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(1, Settings{Delay: 3 * time.Second})
		start := time.Now()
		assert.NoError(t, p.Charge(t.Context(), "wallet", 100))
		assert.Equal(t, 3*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.Charge(ctx, "wallet", 100)
		assert.ErrorIs(t, err, ErrUnavailable)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestANonsenseChargeIsRefused(t *testing.T) {
	p := New(1, Settings{})
	assert.Error(t, p.Charge(t.Context(), "card", 0))
	assert.Error(t, p.Charge(t.Context(), "card", -1))
	assert.Error(t, p.Charge(t.Context(), "cheque", 100))
}
