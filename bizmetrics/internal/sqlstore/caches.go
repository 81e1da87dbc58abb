package sqlstore

// caches remember what the database says, where nobody else can change it.
// They are the writer's, and are cleared when a transaction fails.
type caches struct {
	units    *recent[string, *unit]
	userDays *recent[userDay, int64]
	users    *recent[presence, int64]
	buyers   *recent[buyer, buyerState]
	months   *recent[customerMonth, int64] // placed orders
}

const (
	cachedUnits = 8192 // orders, each with its events
	cachedRows  = 65_536
)

func newCaches() *caches {
	return &caches{
		units: newRecent[string, *unit](cachedUnits), userDays: newRecent[userDay, int64](cachedRows),
		users: newRecent[presence, int64](cachedRows), buyers: newRecent[buyer, buyerState](cachedRows),
		months: newRecent[customerMonth, int64](cachedRows),
	}
}

func (c *caches) clear() {
	c.units.clear()
	c.userDays.clear()
	c.users.clear()
	c.buyers.clear()
	c.months.clear()
}
