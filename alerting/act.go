package alerting

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// CreateAlert raises an alert that has no rule. While one with the same Title
// and Labels is active that one is returned, raised first if a is worse. It
// holds until Resolve. It has the correlation ID of ctx, unless a has one.
// Severity and Title are required ([ErrInvalid]); text
// is redacted and cut to its bounds.
func (m *Manager) CreateAlert(ctx context.Context, a Alert) (Alert, error) {
	if m == nil {
		return Alert{}, ErrNotInitialized
	}
	if m.conf.Disabled {
		return Alert{}, nil
	}
	if a.CorrelationID == "" {
		a.CorrelationID = reqctx.From(ctx).CorrelationID()
	}
	a, err := a.checked()
	if err != nil {
		return Alert{}, err
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return Alert{}, ErrNotInitialized
	}
	key := identity(a)
	t := m.tracked[key]
	switch {
	case t == nil:
		if len(m.tracked) >= maxActive {
			m.own.lost(lostAlerts, 1)
			return Alert{}, ErrTooMany
		}
		t = &tracked{key: key, alert: a}
		m.tracked[key] = t
		m.fire(t, now)
		crumb(ctx, &t.alert)
	case a.Severity.worse(t.alert.Severity):
		t.alert.Severity, t.alert.Message = a.Severity, a.Message
		t.alert.Value, t.alert.Threshold = a.Value, a.Threshold
		m.raise(t, now)
	}
	return t.alert.clone(), nil
}

// Acknowledge says that by has taken the alert: repeats stop, nobody is told,
// and it goes on until it is resolved. A worse level opens it again. An ID
// that no active alert has is [ErrNotFound].
func (m *Manager) Acknowledge(_ context.Context, id, by string) error {
	return m.change(id, func(t *tracked, now time.Time) {
		if t.alert.State == Acknowledged {
			return
		}
		t.alert.State, t.alert.AcknowledgedAt = Acknowledged, now
		t.alert.AcknowledgedBy = cut(by, maxLabel)
		m.stats.acknowledged(t.alert)
		m.changed(t)
	})
}

// Unacknowledge takes an acknowledgement back. An ID that no active alert has
// is [ErrNotFound].
func (m *Manager) Unacknowledge(_ context.Context, id string) error {
	return m.change(id, func(t *tracked, _ time.Time) {
		if t.alert.State != Acknowledged {
			return
		}
		m.stats.reopened(t.alert)
		t.alert.reopen()
		m.changed(t)
	})
}

// Resolve ends an alert by hand, and tells everybody who was told of it. The
// alert of a rule starts afresh: if its level is still broken, a new alert
// fires after the rule's For. An ID that no active alert has is [ErrNotFound].
func (m *Manager) Resolve(_ context.Context, id string) error {
	return m.change(id, func(t *tracked, now time.Time) {
		t.pushed, t.evaluated = source{}, source{}
		m.rules.Load().byName[t.alert.Rule].holds(t)
		m.resolve(t, now, ByHand)
	})
}

// change finds the active alert and changes it under the lock.
func (m *Manager) change(id string, f func(*tracked, time.Time)) error {
	if m == nil {
		return ErrNotInitialized
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conf.Disabled {
		return nil
	}
	if m.closed {
		return ErrNotInitialized
	}
	t := m.byID[id]
	if t == nil {
		return fmt.Errorf("%w: %q", ErrNotFound, cut(id, 64))
	}
	f(t, now)
	return nil
}
