package bizmetrics

import (
	"maps"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
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
			m.leave(of)
			delete(m.days, d)
		case d < horizon && d >= m.horizon:
			of.roll(m.leave(of))
		}
	}
	for i := range m.slots {
		if m.dateOf(i*slotLength) < horizon {
			delete(m.slots, i)
		}
	}
	for month := range m.months {
		if m.cal.FirstDate(month) < horizon {
			delete(m.months, month)
		}
	}
	m.horizon = horizon
	before := m.events
	for _, d := range slices.Collect(maps.Keys(m.expiry)) {
		if d < horizon {
			m.expire(d)
		}
	}
	if m.events < before {
		m.forgetCustomers()
	}
	return true
}

// leave takes a day off from what is known of people, and tells how many users
// it had.
func (m *memory) leave(of *day) int64 {
	if of.date < m.horizon {
		return 0
	}
	users, _ := m.people.scope("").active.between(of.date, of.date+1)
	for i := of.begin / slotLength; i*slotLength < of.end; i++ {
		s := m.slots[i]
		if s == nil {
			continue
		}
		begin, end := max(i*slotLength, of.begin), min((i+1)*slotLength, of.end)
		for _, u := range s.units {
			u.Facts(func(f ledger.Fact) {
				if f.At >= begin && f.At < end {
					m.people.take(f, of, -1)
				}
			})
		}
	}
	return users
}

// expire lets go of the units that were last looked for on day d.
func (m *memory) expire(d ledger.Date) {
	for _, u := range m.expiry[d] {
		if u.Keep >= m.horizon {
			m.expiry[u.Keep] = append(m.expiry[u.Keep], u)
			continue
		}
		if o := u.Records[0].Unit(); o != "" && m.orders[o] == u {
			delete(m.orders, o)
		}
		m.known.release(u.Records...)
		m.events -= len(u.Records)
	}
	delete(m.expiry, d)
}

// forgetCustomers lets go of customers none of whose orders are kept.
func (m *memory) forgetCustomers() {
	for _, u := range m.orders {
		for _, r := range u.Records {
			if r.Kind == ledger.KindPlaced && r.Customer != "" {
				m.people.confirm(r.Customer, r.Tenant, m.horizon)
			}
		}
	}
	m.people.forget(m.horizon)
}

// size counts the events that are kept.
func (m *memory) size() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.events
}
