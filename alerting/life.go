package alerting

import (
	"fmt"
	"time"
)

// tracked is what the Manager holds of one identity: an alert, the sources
// that make it fire, and who was told. All of it is under the Manager's lock.
type tracked struct {
	key       string
	alert     Alert  // no ID: pending, or quiet
	pushed    source // readings handed to CheckMetric
	evaluated source // readings of the registry

	told map[string]time.Time // by route: when it was last told that the alert holds
	sent int                  // messages decided on so far
}

// record is what a restart needs to know of an active alert beside the alert.
type record struct {
	Pushed    source               `json:"pushed"`
	Evaluated source               `json:"evaluated"`
	Told      map[string]time.Time `json:"told,omitzero"`
	Sent      int                  `json:"sent"`
	Owed      []message            `json:"owed,omitzero"` // decided on, and not known to be in the outbox
}

// find is the state of the rule's alert with the labels, made if need be; nil
// past the bound.
func (m *Manager) find(c *compiled, labels map[string]string) *tracked {
	a := Alert{Rule: c.Name, Labels: labels}
	key := identity(a)
	if t := m.tracked[key]; t != nil {
		return t
	}
	if len(m.tracked) >= maxActive {
		m.own.lost(lostAlerts, 1)
		return nil
	}
	t := &tracked{key: key, alert: a}
	m.tracked[key] = t
	return t
}

// settle makes the alert what its two sources say. c is nil if the rule is
// gone. why is said of an alert that ends.
func (m *Manager) settle(t *tracked, c *compiled, now time.Time, why string) {
	s := worseOf(t.pushed, t.evaluated, c)
	was := t.alert.Severity
	if t.alert.ID == "" {
		was = 0
	}
	switch {
	case s.Level != 0:
		t.alert.read(s, c)
		switch {
		case was == 0:
			m.fire(t, now)
		case s.Level.worse(was):
			m.raise(t, now)
		case s.Level != was: // eased: nobody is told
			m.changed(t)
		}
	case was != 0:
		m.resolve(t, now, why)
		m.wait(&tracked{key: t.key, alert: Alert{Rule: t.alert.Rule, Labels: t.alert.Labels}, evaluated: t.evaluated}, c, now)
	default:
		m.wait(t, c, now)
	}
}

// wait keeps t while a level is broken for less than the rule's For, and
// forgets it when it is quiet. Only evaluated readings wait.
func (m *Manager) wait(t *tracked, c *compiled, now time.Time) {
	s := t.evaluated
	if s.Pending == 0 {
		delete(m.tracked, t.key)
		return
	}
	m.tracked[t.key] = t
	s.Level = s.Pending
	t.alert.read(s, c)
	t.alert.State = Pending
	if t.alert.StartedAt.IsZero() {
		t.alert.StartedAt = now
	}
}

// read takes over what the source says. The message stays that of the last
// reading that broke the level: while an alert eases, its value is fine.
func (a *Alert) read(s source, c *compiled) {
	a.Severity, a.Value, a.Threshold = s.Level, s.Value, s.Threshold
	if c == nil {
		return
	}
	if l, ok := c.level(s.Level); ok {
		a.Title, a.Unit = c.title(l), c.Unit
		if a.Message == "" || c.breaks(s.Value, l.Threshold) {
			a.Message = c.message(l, s.Value)
		}
	}
}

// reopen takes an acknowledgement off.
func (a *Alert) reopen() {
	a.State, a.AcknowledgedBy, a.AcknowledgedAt = Firing, "", time.Time{}
}

// fire begins an alert.
func (m *Manager) fire(t *tracked, now time.Time) {
	t.alert.ID, t.alert.State, t.alert.StartedAt = newID(), Firing, now
	t.alert.Worst = t.alert.Severity
	t.told, t.sent = map[string]time.Time{}, 0
	m.byID[t.alert.ID] = t
	m.stats.fired(t.alert)
	m.tell(t, now)
}

// raise moves an alert up. Who took it at the milder level has not taken this.
func (m *Manager) raise(t *tracked, now time.Time) {
	if t.alert.State == Acknowledged {
		t.alert.reopen()
	}
	if t.alert.Severity.worse(t.alert.Worst) {
		m.stats.worsened(t.alert)
		t.alert.Worst = t.alert.Severity
	}
	m.tell(t, now)
}

// resolve ends an alert and tells every receiver that was told of it.
func (m *Manager) resolve(t *tracked, now time.Time, why string) {
	t.alert.State, t.alert.ResolvedAt, t.alert.Resolution = Resolved, now, why
	delete(m.byID, t.alert.ID)
	delete(m.tracked, t.key)
	m.stats.resolved(t.alert)
	m.history.add(t.alert.clone())
	var due []message
	for _, r := range m.routes {
		if _, ok := t.told[r.Name]; ok {
			due = append(due, t.message(r))
		}
	}
	m.changed(t, due...)
}

// tell sends the alert to every route that it fits now.
func (m *Manager) tell(t *tracked, now time.Time) {
	var due []message
	for _, r := range m.routes {
		if r.fits(t.alert) {
			t.told[r.Name] = now
			due = append(due, t.message(r))
		}
	}
	m.changed(t, due...)
}

// repeat tells again those who were told at least Repeat ago, while nobody
// has acknowledged the alert.
func (m *Manager) repeat(t *tracked, now time.Time) {
	if t.alert.State != Firing {
		return
	}
	var due []message
	for _, r := range m.routes {
		last, ok := t.told[r.Name]
		if !ok || r.Repeat <= 0 || now.Sub(last) < r.Repeat || !r.fits(t.alert) {
			continue
		}
		t.told[r.Name] = now
		due = append(due, t.message(r))
	}
	if len(due) > 0 {
		m.changed(t, due...)
	}
}

// message is the alert as it is now, for one route.
func (t *tracked) message(r Route) message {
	t.sent++
	return message{Route: r.Name, Notification: Notification{
		Key:    fmt.Sprintf("%s/%d/%s", t.alert.ID, t.sent, r.Name),
		Alerts: []Alert{t.alert.clone()},
	}}
}

// changed hands the alert to the keeper, with the messages that are due.
func (m *Manager) changed(t *tracked, due ...message) {
	told := make(map[string]time.Time, len(t.told))
	for k, v := range t.told {
		told[k] = v
	}
	m.keep.put(change{
		alert:  t.alert.clone(),
		record: record{Pushed: t.pushed, Evaluated: t.evaluated, Told: told, Sent: t.sent},
		due:    due,
	})
}
