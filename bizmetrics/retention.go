package bizmetrics

import (
	"maps"
	"slices"
	"time"
)

// sweep lets go of events that are older than 40 days; their days keep totals.
// It reports whether there was anything to do, which is once a day.
func (m *memory) sweep(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	horizon := m.dateOf(now.UnixMicro()) - keepDays
	if horizon <= m.horizon {
		return false
	}
	for d, of := range m.days {
		switch {
		case d < horizon-maxRolled:
			delete(m.days, d)
		case d < horizon && d >= m.horizon:
			m.roll(of)
		}
	}
	for i := range m.slots {
		if m.dateOf(i*slotLength) < horizon {
			delete(m.slots, i)
		}
	}
	m.horizon = horizon
	for _, d := range slices.Collect(maps.Keys(m.expiry)) {
		if d < horizon {
			m.expire(d)
		}
	}
	return true
}

// roll reduces a day to its totals.
func (m *memory) roll(of *day) {
	users := map[string]struct{}{}
	for i := of.begin / slotLength; i*slotLength < of.end; i++ {
		if s := m.slots[i]; s != nil {
			for _, u := range s.units {
				u.facts(func(f fact) {
					if f.at >= of.begin && f.at < of.end && f.customer != "" && metrics["active_users"].kinds.has(f.kind) {
						users[f.customer] = struct{}{}
					}
				})
			}
		}
	}
	of.users = max(of.users, 0) + int64(len(users))
	rolled, suppliers := cells{}, map[string]bool{}
	of.cells.facts(of.begin, func(f fact) {
		if f.supplier != "" && !suppliers[f.supplier] {
			if len(suppliers) >= maxSupplier {
				f.supplier = "other"
			} else {
				suppliers[f.supplier] = true
			}
		}
		rolled.add(f, false)
	})
	of.cells = rolled
}

// expire lets go of the units that were last looked for on day d.
func (m *memory) expire(d date) {
	for _, u := range m.expiry[d] {
		if u.keep >= m.horizon {
			m.expiry[u.keep] = append(m.expiry[u.keep], u)
			continue
		}
		if o := u.records[0].order; m.orders[o] == u {
			delete(m.orders, o)
		}
		m.known.release(u.records...)
		m.events -= len(u.records)
	}
	delete(m.expiry, d)
}

// size counts the events that are kept.
func (m *memory) size() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.events
}
