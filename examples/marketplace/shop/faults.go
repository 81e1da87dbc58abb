package shop

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/examples/marketplace/payment"
)

// Faults are what the admin page can switch on. Shares are percent.
type Faults struct {
	Errors          float64       // product pages that fail
	SlowQuery       time.Duration // added to each search for products
	FailPayments    float64
	DeclinePayments float64
	SlowPayments    time.Duration
}

// Faults returns what is switched on.
func (s *Shop) Faults() Faults {
	s.mu.Lock()
	f := s.faults
	s.mu.Unlock()
	p := s.provider.Settings()
	f.FailPayments, f.DeclinePayments, f.SlowPayments = p.Fail, p.Decline, p.Delay
	return f
}

// SetFaults switches faults on and off.
func (s *Shop) SetFaults(f Faults) {
	s.provider.Set(payment.Settings{Fail: f.FailPayments, Decline: f.DeclinePayments, Delay: f.SlowPayments})
	s.mu.Lock()
	s.faults = f
	s.mu.Unlock()
}

// slowQuery is what a search must wait, and fails as often as switched on.
func (s *Shop) fault() (nap time.Duration, err error) {
	s.mu.Lock()
	f := s.faults
	s.mu.Unlock()
	if f.Errors > 0 && 100*rand.Float64() < f.Errors {
		err = errFault
	}
	return f.SlowQuery, err
}

// ParseFaults reads the admin page's form.
func ParseFaults(value func(string) string) (Faults, Invalid) {
	bad := Invalid{}
	share := func(field string) float64 {
		v, err := strconv.ParseFloat(value(field), 64)
		if err != nil || !(v >= 0 && v <= 100) {
			bad[field] = "A share is a number from 0 to 100."
		}
		return v
	}
	wait := func(field string) time.Duration {
		v, err := strconv.Atoi(value(field))
		if err != nil || v < 0 || v > 5000 {
			bad[field] = "A wait is a whole number of ms from 0 to 5000."
		}
		return time.Duration(v) * time.Millisecond
	}
	f := Faults{
		Errors: share("errors"), SlowQuery: wait("slow_query"),
		FailPayments: share("fail_payments"), DeclinePayments: share("decline_payments"), SlowPayments: wait("slow_payments"),
	}
	return f, bad
}
