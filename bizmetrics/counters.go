package bizmetrics

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/metric"
)

// counters are what the registry sees: each event counts once, when it is
// known to be new.
type counters struct {
	set      metric.Set
	orders   *metric.Vec[metric.Counter]
	payments *metric.Vec[metric.Counter]
	revenue  *metric.Vec[metric.Counter]
	events   *metric.Vec[metric.Counter]
	dropped  *metric.Vec[metric.Counter]
	unstored *metric.Gauge

	// Found once: a look-up by texts is most of what counting costs.
	outcomes [ledger.Kinds][Conflict + 1]atomic.Pointer[metric.Counter] // of events
	statuses [ledger.Kinds]atomic.Pointer[metric.Counter]               // of orders
	sales    atomic.Pointer[sales]                                      // of revenue: the last currency
}

type sales struct {
	currency string
	counter  *metric.Counter
}

const (
	reasonFull    = "queue_full"         // more events waited for the store than Config.Queue
	reasonDisk    = "disk"               // the same, while the journal cannot be written
	reasonRefused = "refused"            // the store takes it for invalid, for ever
	reasonClosed  = "closed"             // recorded after Close began
	reasonJournal = "journal"            // counted in reports, but not on disk: gone with the process
	reasonBroken  = "journal_unreadable" // lines of a journal that could not be read back
)

func (c *counters) declare() error {
	c.orders = c.set.Counter(metric.Desc{
		Name: "business.orders", Unit: "{order}", Help: "Orders that reached a status.", Keys: []string{"status"},
	})
	c.payments = c.set.Counter(metric.Desc{
		Name: "business.payments", Unit: "{payment}", Help: "Payments attempted: succeeded, failed, or declined by the customer's bank.",
		Keys: []string{"outcome", "method"}, Limit: 50,
	})
	c.revenue = c.set.Counter(metric.Desc{
		Name: "business.revenue", Unit: "{minor_unit}", Help: "Totals of placed orders in minor units of their currency, before cancellations and refunds.",
		Keys: []string{"currency"},
	})
	c.events = c.set.Counter(metric.Desc{
		Name: "business.events", Unit: "{event}", Help: "Events recorded: stored, duplicate, or conflict (known ID, other content).",
		Keys: []string{"kind", "outcome"},
	})
	c.dropped = c.set.Counter(metric.DroppedDesc)
	c.unstored = c.set.Gauge(metric.Desc{
		Name: "business.unstored", Unit: "s", Help: "How long disk or store have refused events, which a crash would lose; 0: they do not.",
	}).With()
	if err := c.set.Define(metric.Indicator{
		Name: "business_unstored", Unit: "s", Help: "How long disk or store have refused business events, which a crash would lose.",
		Of: metric.Selector{Metric: "business.unstored"},
	}); err != nil {
		return err
	}
	if err := c.set.Define(metric.Indicator{
		Name: "payment_success", Unit: "%", Help: "Payments that succeeded, of all but those declined by the customer's bank.",
		Of:     metric.Selector{Metric: "business.payments", Where: map[string]string{"outcome": "succeeded"}},
		Per:    metric.Selector{Metric: "business.payments", Where: map[string]string{"outcome": "succeeded|failed"}},
		Window: 5 * time.Minute, MinSamples: 20,
	}); err != nil {
		return err
	}
	return c.set.Define(metric.Indicator{
		Name: "order_rate", Unit: "{order}/s", Help: "Orders placed.",
		Of: metric.Selector{Metric: "business.orders", Where: map[string]string{"status": string(Placed)}}, Window: 5 * time.Minute,
	})
}

// liveFor is how old an event may be and still count as happening now. What a
// service records anew at its start, or imports, is in the reports, on its
// day; in a rate over five minutes it would drown what happens.
const liveFor = time.Hour

// count takes note of what became of an event.
func (c *counters) count(r *ledger.Record, o Outcome) {
	once(&c.outcomes[r.Kind][o], c.events, r.Kind.Name(), outcomeNames[o]).Add(1)
	if o != Stored || r.Arrived-r.At > liveFor.Microseconds() {
		return
	}
	switch r.Kind {
	case ledger.KindPayment:
		method := r.Method
		if method == "" {
			method = "unknown"
		}
		c.payments.With(r.Status(), method).Add(1)
	case ledger.KindPlaced:
		c.sale(r.Amount)
	}
	if r.Kind.IsOrder() {
		once(&c.statuses[r.Kind], c.orders, r.Status()).Add(1)
	}
}

func (c *counters) sale(m ledger.Money) {
	s := c.sales.Load()
	if s == nil || s.currency != m.Currency {
		code := strings.Clone(m.Currency)
		s = &sales{code, c.revenue.With(code)}
		c.sales.Store(s)
	}
	s.counter.Add(uint64(m.Minor))
}

// once finds a counter, the first time.
func once(p *atomic.Pointer[metric.Counter], v *metric.Vec[metric.Counter], values ...string) *metric.Counter {
	found := p.Load()
	if found == nil {
		found = v.With(values...)
		p.Store(found)
	}
	return found
}

func (c *counters) drop(reason string, n int) { c.dropped.With("business", reason).Add(uint64(n)) }

var outcomeNames = [...]string{Stored: "stored", Duplicate: "duplicate", Conflict: "conflict"}
