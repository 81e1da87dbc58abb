// Package payment simulates a payment provider that can be told to fail, to
// decline, or to be slow.
package payment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Methods are the ways to pay that the provider knows.
var Methods = []string{"card", "wallet", "paypal", "bank_transfer"}

// ErrUnavailable is returned when the provider itself fails. Nothing was charged.
var ErrUnavailable = errors.New("the payment provider is not available")

// Declined is returned when the customer's bank says no. Nothing was charged.
type Declined struct {
	Reason string // in the words of a bank, such as "insufficient_funds"
}

func (d *Declined) Error() string { return "payment declined: " + d.Reason }

// Settings say how the provider behaves. Shares are percent; Decline is of
// what does not fail.
type Settings struct {
	Fail, Decline float64
	Delay         time.Duration // of every answer
}

// Provider is the simulated provider. Safe for concurrent use.
type Provider struct {
	mu       sync.Mutex
	settings Settings
	rand     *rand.Rand
}

// New returns a provider whose answers follow from seed.
func New(seed uint64, s Settings) *Provider {
	return &Provider{settings: s, rand: rand.New(rand.NewPCG(seed, 0x9a1))}
}

// Settings returns how the provider behaves now.
func (p *Provider) Settings() Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settings
}

// Set changes how the provider behaves from the next charge on.
func (p *Provider) Set(s Settings) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settings = s
}

var reasons = []string{"insufficient_funds", "card_expired", "limit_exceeded", "suspected_fraud"}

// Charge asks for an amount in minor units. It returns nil if the money was
// paid, a *[Declined] or [ErrUnavailable] if it was not.
func (p *Provider) Charge(ctx context.Context, method string, amountMinor int64) error {
	if amountMinor <= 0 || !slices.Contains(Methods, method) {
		return fmt.Errorf("charge %d by %q: no such amount or method", amountMinor, method)
	}
	p.mu.Lock()
	s, fail, decline, reason := p.settings, 100*p.rand.Float64(), 100*p.rand.Float64(), reasons[p.rand.IntN(len(reasons))]
	p.mu.Unlock()
	if s.Delay > 0 {
		select {
		case <-time.After(s.Delay):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
		}
	}
	switch {
	case fail < s.Fail:
		return ErrUnavailable
	case decline < s.Decline:
		return &Declined{Reason: reason}
	default:
		return nil
	}
}
