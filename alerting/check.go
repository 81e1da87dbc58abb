package alerting

import (
	"context"
	"fmt"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// CheckMetric judges one reading at once, by the rule called name: without
// For, Keep and noise guard, but with Hysteresis. It is the second source of
// the rule's alert, beside the evaluator: the alert fires while either does. A
// pushed reading has no labels: under a rule with By it has an alert of its own.
// NaN and infinity are [ErrInvalid], a name without a rule is [ErrNoRule], an
// alert past the bound is [ErrTooMany]. A good reading while nothing fires takes no clock, no lock and no allocation.
func (m *Manager) CheckMetric(ctx context.Context, name string, v float64) error {
	if m == nil {
		return ErrNotInitialized
	}
	// Most readings are good, and most rules in their own place of the table:
	// that much is done here, since a call would double its time.
	if l := &m.rules.Load().fast; len(l.slots) > 0 {
		key := endsOf(name)
		s := &l.slots[l.home(key)&uint64(len(l.slots)-1)]
		if c := s.rule; c != nil && s.key == key && (key.n <= whole || c.Name == name) && c.harmless(v) && !c.pushed.Load() {
			return nil
		}
	}
	return m.check(ctx, name, v)
}

// check is CheckMetric for whatever name and reading.
func (m *Manager) check(ctx context.Context, name string, v float64) error {
	c := m.rules.Load().fast.find(name)
	if c != nil && c.harmless(v) && !c.pushed.Load() {
		return nil
	}
	return m.push(ctx, c, name, v)
}

func noRule(name string) error { return fmt.Errorf("%w: %q", ErrNoRule, name) }

func notFinite(v float64) error { return fault("Value", "a finite number", v) }

// push judges a reading that breaks a level, may end an alert, or is none.
func (m *Manager) push(ctx context.Context, c *compiled, name string, v float64) error {
	switch {
	case m.conf.Disabled:
		return nil
	case c == nil:
		return noRule(name)
	case v-v != 0:
		m.own.dropped.With("metric", "not_finite").Add(1) // as a measurement that is none
		return notFinite(v)
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrNotInitialized
	}
	c = m.rules.Load().byName[name] // it may have been replaced meanwhile
	t := m.find(c, nil)
	if t == nil {
		return ErrTooMany
	}
	t.pushed = t.pushed.next(c, v, tick{now: now}, judging{})
	begins := t.alert.ID == ""
	if begins {
		t.alert.CorrelationID = cut(reqctx.From(ctx).CorrelationID(), maxLabel)
	}
	m.settle(t, c, now, Recovered)
	switch {
	case begins && t.alert.ID == "":
		t.alert.CorrelationID = "" // this reading began nothing
	case begins:
		crumb(ctx, &t.alert)
	}
	c.holds(t)
	return nil
}
