package alerting

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// restore takes up what the store knows: active alerts go on where they were,
// without being told again, and messages that were owed are sent unless the
// outbox has them. It runs before anything is judged.
func (m *Manager) restore(inOutbox map[string]bool) {
	now := m.now()
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	alerts, err := m.store.List(ctx, now.Add(-keepResolved))
	if err != nil {
		m.log().Error("alerts: the store fails; starting without what it knows", "error", err)
		return
	}
	records, err := m.store.Load(ctx, recordKind)
	if err != nil {
		m.log().Error("alerts: the store fails; what was told is not known", "error", err)
	}
	slices.SortFunc(alerts, func(a, b Alert) int { return a.ResolvedAt.Compare(b.ResolvedAt) })
	m.mu.Lock()
	defer m.mu.Unlock()
	wanted := map[string]bool{}
	for _, a := range alerts {
		wanted[a.ID] = true
		var rec record
		known := json.Unmarshal(records[a.ID], &rec) == nil
		m.stats.fired(a)
		if !a.AcknowledgedAt.IsZero() {
			m.stats.acknowledged(a)
		}
		var due []message
		for _, owed := range rec.Owed {
			if !inOutbox[owed.Key] {
				due = append(due, owed)
			}
		}
		if !a.active() {
			m.stats.resolved(a)
			m.history.add(a)
			if len(rec.Owed) > 0 {
				m.keep.put(change{alert: a, record: rec, due: due})
			}
			continue
		}
		m.resume(a, rec, known, now, due)
	}
	for id := range records { // of alerts that another process's turned out to be
		if !wanted[id] {
			_ = m.store.Save(ctx, recordKind, id, nil, time.Time{}) // it is in nobody's way
		}
	}
}

// resume puts one active alert back. The time that the process was away
// counts neither towards Keep nor as a time without readings.
func (m *Manager) resume(a Alert, rec record, known bool, now time.Time, due []message) {
	t := &tracked{key: identity(a), alert: a, pushed: rec.Pushed, evaluated: rec.Evaluated, told: rec.Told, sent: rec.Sent}
	if t.told == nil {
		t.told = map[string]time.Time{}
	}
	if a.Rule != "" && t.pushed.Level == 0 && t.evaluated.Level == 0 {
		t.evaluated = source{Level: a.Severity, Value: a.Value, Threshold: a.Threshold}
	}
	t.pushed.Seen, t.evaluated.Seen = now, now
	m.tracked[t.key] = t
	m.byID[a.ID] = t
	m.rules.Load().byName[a.Rule].holds(t)
	switch {
	case !known: // the process died before anybody was told
		m.tell(t, now)
	case len(rec.Owed) > 0:
		m.changed(t, due...)
	}
}
