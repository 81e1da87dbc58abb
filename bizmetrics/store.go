package bizmetrics

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Event is a business event as a [Store] keeps it.
//
// Data is a JSON object with the fields of the kind. The member "at" is there
// only if the service gave a time, and "value" is the amount in the currency of
// the reports, converted when the event was recorded. Neither is content: see
// [Event.Same].
type Event struct {
	Key  string // of this event among all: kind, status of an order, ID
	Kind string // "order", "refund", "payment", "supplier_response", "supplier_offer", "delivery", "nps", "user", "feature", "cost", "commission"
	At   time.Time
	Data json.RawMessage
}

// Same reports whether two events of one Key say the same, so that the second
// is a [Duplicate] and not a [Conflict]. What was added when they were recorded
// is not compared: neither the converted amount, nor a time that the service
// had not given. Stores use it, so that all decide alike.
func (e Event) Same(o Event) bool {
	a, err := ledger.Decode(ledger.Event(e))
	if err != nil {
		return false
	}
	b, err := ledger.Decode(ledger.Event(o))
	return err == nil && a.Same(b)
}

// Query asks for one metric over a span, by steps and groups.
//
// Metrics, with what they can be grouped and filtered by:
//
//   - revenue (net of cancellations and refunds), gross, refunds,
//     cancellations, orders, order_value, order_value_median, order_value_p95,
//     customers, returning_customers (those who ordered in the step before
//     too): supplier, customer, status, currency, tenant, cohort
//   - cost_of_goods, commission: supplier, customer, currency, tenant, cohort
//   - payments, payment_success: method, status, currency, supplier, customer,
//     tenant
//   - offers, supplier_response, deliveries, on_time: supplier, status, tenant
//   - nps: customer, status, tenant
//   - active_users: supplier, customer, tenant
//   - signups, invitations: status, tenant
//   - feature_uses, feature_users: feature, customer, tenant
//   - acquisition_cost: channel, currency, tenant
//
// A cohort is the month in which the customer first ordered, named by the
// calendar month in which it begins, "2026-03". With a tenant in Filter it is
// the month of his first order with that tenant: what one tenant sees does not
// depend on the others.
type Query struct {
	Metric   string
	From, To time.Time     // from From until before To; zero: today's start and end
	Step     time.Duration // 0: the whole span; whole days are days of From's zone, from its midnight
	Monthly  bool          // steps are the business's months, from the one that holds From: Config.Location, Config.MonthStart; Step must be 0
	GroupBy  []string
	Filter   map[string]string // group: its value
}

// Row is one figure of a [Query]. Rows come by time, then by group. Each group
// that occurs in the span has a row for each step. An empty step has 0, and a
// ratio or mean of nothing NaN.
//
// Value is: of money, the amount in whole units; of payment_success percent; of
// supplier_response the mean in seconds; of nps points from -100 to 100; else
// the count.
type Row struct {
	At    time.Time // the step's start
	Group []string  // values in the order of GroupBy; unknown: ""
	Value float64
	Money Money // exact, in the currency of the reports; of payments: of those that succeeded
	Count int64 // events that make up the figure
}

// Outcome is what became of an event that was handed to a [Store].
type Outcome uint8

// The outcomes.
const (
	Stored    Outcome = 1
	Duplicate Outcome = 2
	Conflict  Outcome = 3 // known Key, other content; the first wins
)

// Store keeps events. It is safe for concurrent use.
//
// A store that keeps totals by day or month has settings of its own for where
// they begin, and a method Calendar() (*time.Location, int) that tells them:
// [New] refuses a store whose calendar is not that of its Config.
type Store interface {
	// Append keeps events, durably once it returns. A known Key is not stored
	// again. There is an Outcome for each event, or an error and none is kept.
	Append(ctx context.Context, events []Event) ([]Outcome, error)
	// Query answers for one metric. Days are those of q.From's zone.
	Query(ctx context.Context, q Query) ([]Row, error)
	// Scan gives the events from from until before to, in order of time.
	Scan(ctx context.Context, from, to time.Time) iter.Seq2[Event, error]
	// Close releases what the store holds.
	Close() error
}
