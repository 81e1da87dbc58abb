package workload

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

var (
	orderGroups   = []string{"supplier", "customer", "status", "currency", "tenant", "cohort"}
	moneyGroups   = []string{"supplier", "customer", "currency", "tenant", "cohort"}
	paymentGroups = []string{"method", "status", "currency", "supplier", "customer", "tenant"}
	supplyGroups  = []string{"supplier", "status", "tenant"}
	featureGroups = []string{"feature", "customer", "tenant"}
)

// Groups are the metrics that bizmetrics.Query promises, with what each can be
// grouped and filtered by.
var Groups = map[string][]string{
	"revenue": orderGroups, "gross": orderGroups, "refunds": orderGroups, "cancellations": orderGroups, "orders": orderGroups,
	"order_value": orderGroups, "order_value_median": orderGroups, "order_value_p95": orderGroups, "customers": orderGroups, "returning_customers": orderGroups,
	"cost_of_goods": moneyGroups, "commission": moneyGroups,
	"payments": paymentGroups, "payment_success": paymentGroups,
	"offers": supplyGroups, "supplier_response": supplyGroups, "deliveries": supplyGroups, "on_time": supplyGroups,
	"nps":          {"customer", "status", "tenant"},
	"active_users": {"supplier", "customer", "tenant"},
	"signups":      {"status", "tenant"}, "invitations": {"status", "tenant"},
	"feature_uses": featureGroups, "feature_users": featureGroups,
	"acquisition_cost": {"channel", "currency", "tenant"},
}

// Metrics are the names of Groups, sorted.
func Metrics() []string { return slices.Sorted(maps.Keys(Groups)) }

// values are what filters ask for; some of them occur.
var values = map[string][]string{
	"supplier": {"s0", "s1", "s3", "s7", ""},
	"customer": {"c0", "c1", "c4", "c9", ""},
	"tenant":   {"t0", "t1", "t2", "", "nobody"},
	"currency": {"EUR", "JPY", "KWD", "USD"},
	"method":   {"card", "sepa", "unknown", ""},
	"feature":  {"search", "chat"},
	"channel":  {"search", "vouchers", ""},
	"status": {
		"placed", "confirmed", "delivered", "cancelled", "refunded", "succeeded", "failed", "declined", "accepted", "rejected", "offered", "on_time", "late",
		"promoter", "passive", "detractor", "signed_up", "referred", "invited",
	},
}

// Query is any question about a metric between from and to, in a zone whose
// months begin on day monthStart: whole months, days and quarters of an hour
// or none of these, every kind of step, up to two groups, a filter.
func Query(r *rand.Rand, metric string, from, to time.Time, zone *time.Location, monthStart int) bizmetrics.Query {
	between := func(a, b time.Time) time.Time {
		at := a.Add(time.Duration(r.Int64N(int64(b.Sub(a)) + 1)))
		switch r.IntN(3) {
		case 0: // whole days take another way through a store than parts of them
			y, m, d := at.In(zone).Date()
			at = time.Date(y, m, d, 0, 0, 0, 0, zone)
		case 1:
			at = at.Truncate(15 * time.Minute)
		}
		return at.Truncate(time.Microsecond).In(zone)
	}
	q := bizmetrics.Query{Metric: metric, From: between(from, to)}
	if q.To = q.From; q.From.Before(to) {
		q.To = between(q.From, to)
	}
	if q.To.Before(q.From) {
		q.To = q.From
	}
	if r.IntN(4) == 0 { // from month to month
		y, m, d := q.From.Date()
		if d < monthStart {
			m--
		}
		q.From = time.Date(y, m, monthStart, 0, 0, 0, 0, zone)
		q.To = time.Date(y, m+1+time.Month(r.IntN(3)), monthStart, 0, 0, 0, 0, zone)
	}
	switch r.IntN(6) {
	case 0:
		q.Monthly = true
	case 1:
		q.Step = 24 * time.Hour
	case 2:
		q.Step = 7 * 24 * time.Hour
	case 3:
		q.Step = time.Duration(1+r.IntN(40)) * time.Hour
		if q.To.Sub(q.From) > 40*24*time.Hour {
			q.Step = 31 * time.Hour
		}
	}
	groups := Groups[metric]
	pick := func() string { return groups[r.IntN(len(groups))] }
	if r.IntN(2) == 0 {
		q.GroupBy = []string{pick()}
		if g := pick(); g != q.GroupBy[0] && r.IntN(3) == 0 {
			q.GroupBy = append(q.GroupBy, g)
		}
	}
	if r.IntN(3) == 0 {
		g := pick()
		of := values[g]
		if g == "cohort" {
			of = []string{q.From.Format("2006-01"), q.To.Format("2006-01"), ""}
		}
		q.Filter = map[string]string{g: of[r.IntN(len(of))]}
	}
	return q
}
