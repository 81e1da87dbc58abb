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
	m.forgetCustomers()
	return true
}

// roll reduces a day to its totals.
func (m *memory) roll(of *day) {
	users := map[string]struct{}{}
	for i := of.begin / slotLength; i*slotLength < of.end; i++ {
		if s := m.slots[i]; s != nil {
			for _, u := range s.units {
				u.Facts(func(f ledger.Fact) {
					if f.At >= of.begin && f.At < of.end && f.Customer != "" && ledger.Metrics["active_users"].Kinds.Has(f.Kind) {
						users[f.Customer] = struct{}{}
					}
				})
			}
		}
	}
	of.users = max(of.users, 0) + int64(len(users))
	rolled, suppliers := ledger.Cells{}, map[string]bool{}
	of.cells.Facts(of.begin, func(f ledger.Fact) {
		if f.Supplier != "" && !suppliers[f.Supplier] {
			if len(suppliers) >= maxSupplier {
				f.Supplier = "other"
			} else {
				suppliers[f.Supplier] = true
			}
		}
		rolled.Add(f, false)
	})
	of.cells = rolled
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
	type customerOf struct{ tenant, customer string }
	kept := make(map[customerOf]struct{}, len(m.first[""]))
	for _, u := range m.orders {
		for _, r := range u.Records {
			if r.Kind == ledger.KindPlaced {
				kept[customerOf{"", r.Customer}], kept[customerOf{r.Tenant, r.Customer}] = struct{}{}, struct{}{}
			}
		}
	}
	for tenant, first := range m.first {
		maps.DeleteFunc(first, func(customer string, _ int64) bool { _, ok := kept[customerOf{tenant, customer}]; return !ok })
		if len(first) == 0 {
			delete(m.first, tenant)
		}
	}
}

// size counts the events that are kept.
func (m *memory) size() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.events
}
