package alerting

import (
	"slices"
	"time"
)

// Active gives the alerts that fire or are acknowledged, worst first.
func (m *Manager) Active() []Alert {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Alert, 0, len(m.byID))
	for _, t := range m.byID {
		list = append(list, t.alert.clone())
	}
	slices.SortFunc(list, worstFirst)
	return list
}

// Pending gives the alerts that wait for their rule's For, worst first. They
// have no ID, and nobody has been told of them.
func (m *Manager) Pending() []Alert {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Alert
	for _, t := range m.tracked {
		if t.alert.ID == "" {
			list = append(list, t.alert.clone())
		}
	}
	slices.SortFunc(list, worstFirst)
	return list
}

// Alerts gives the alerts that are active or were resolved since, the newest
// first: at most the last 1,000 resolved ones.
func (m *Manager) Alerts(since time.Time) []Alert {
	if m == nil {
		return nil
	}
	list := m.Active()
	m.mu.Lock()
	list = append(list, m.history.since(since)...)
	m.mu.Unlock()
	slices.SortFunc(list, newestFirst)
	return list
}
