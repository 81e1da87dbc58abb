package sqlstore

// caches remember what the database says, where nobody else can change it.
// They are the writer's, and are cleared when a transaction fails.
type caches struct {
	units     *recent[string, *unit]
	users     *recent[string, lasts]
	customers *recent[string, customer]
}

const (
	cachedUnits = 8192 // orders, each with its events
	cachedRows  = 65_536
)

func newCaches() *caches {
	return &caches{
		units: newRecent[string, *unit](cachedUnits), users: newRecent[string, lasts](cachedRows), customers: newRecent[string, customer](cachedRows),
	}
}

func (c *caches) clear() {
	c.units.clear()
	c.users.clear()
	c.customers.clear()
}
