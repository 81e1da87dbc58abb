package bizmetrics

import (
	"maps"

	"github.com/distri-night/monitoring/internal/config"
)

// ForTenant is a view of the same Recorder for one tenant: its reports and
// queries show that tenant's events only, and an event that is recorded
// through it without a Tenant becomes one of that tenant. An event with another
// Tenant keeps it. "" is the view of all tenants.
//
// A view costs nothing to make and to throw away; views of one name behave
// alike. Queue, store, counters and indicators are those of the Recorder, Sync
// waits for the events of all, and Close of any view closes all of them, once.
// Of a view of a nil Recorder every method returns [ErrNotInitialized].
func (r *Recorder) ForTenant(name string) *Recorder {
	if r == nil {
		return nil
	}
	return &Recorder{core: r.core, tenant: name}
}

// narrow lets q see the view's tenant only.
func (r *Recorder) narrow(q *Query) error {
	if r.tenant == "" {
		return nil
	}
	if of, asked := q.Filter["tenant"]; asked && of != r.tenant {
		return &config.FieldError{Field: "Query.Filter", Want: "of a view for one tenant that tenant or none", Got: cut(of, 64)}
	}
	filter := map[string]string{"tenant": r.tenant}
	maps.Copy(filter, q.Filter)
	q.Filter = filter
	return nil
}
