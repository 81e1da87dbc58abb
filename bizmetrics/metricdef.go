package bizmetrics

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// kinds is a set of kinds.
type kinds uint16

func kindsOf(all ...kind) (s kinds) {
	for _, k := range all {
		s |= 1 << k
	}
	return s
}

func (s kinds) has(k kind) bool { return s&(1<<k) != 0 }

// metricDef says what Query.Metric is made of.
type metricDef struct {
	kinds  kinds
	groups []string
	money  bool // Row.Money is set
	values bool // needs single amounts
	users  bool // needs customers
	row    func(*total, *Row) error
}

// total is what a metric needs of the facts of one step and group.
type total struct {
	n, good, bad  int64 // of payments: all, succeeded, failed; of nps: all, promoters, detractors
	amount, after sum
	values        []int64
	users         map[string]struct{}
	summed        int64 // users of one day whose events are gone
	partial       bool  // some of what is needed is gone
}

func (t *total) add(f fact, m metricDef) {
	t.n += f.n
	switch f.status {
	case "succeeded", "promoter":
		t.good += f.n
	case "failed", "detractor":
		t.bad += f.n
	}
	if f.kind != kindPayment || f.status == "succeeded" {
		t.amount = t.amount.plus(f.amount)
	}
	t.after = t.after.plus(f.after)
	if m.values {
		t.addValues(f)
	}
	if m.users && f.customer != "" {
		if t.users == nil {
			t.users = map[string]struct{}{}
		}
		t.users[f.customer] = struct{}{}
	}
}

func (t *total) addValues(f fact) {
	if f.values == nil && f.n == 1 {
		if v, err := f.amount.int64(); err == nil {
			t.values = append(t.values, v)
			return
		}
	}
	t.values = append(t.values, f.values...)
	t.partial = t.partial || int64(len(f.values)) != f.n
}

var (
	orderGroups    = []string{"supplier", "customer", "status", "currency"}
	paymentGroups  = []string{"method", "status", "currency", "supplier", "customer"}
	responseGroups = []string{"supplier", "status"}
	npsGroups      = []string{"customer", "status"}
	userGroups     = []string{"supplier", "customer"}
)

// metrics are the names that Query.Metric takes.
var metrics = map[string]metricDef{
	// revenue = gross - refunds - cancellations, each on its own day.
	"revenue":       {kinds: kindsOf(kindPlaced, kindRefund, kindCancelled), groups: orderGroups, money: true, row: amountRow},
	"gross":         {kinds: kindsOf(kindPlaced), groups: orderGroups, money: true, row: amountRow},
	"refunds":       {kinds: kindsOf(kindRefund), groups: orderGroups, money: true, row: takenRow},
	"cancellations": {kinds: kindsOf(kindCancelled), groups: orderGroups, money: true, row: takenRow},
	// orders are those placed; by status, the events of that status.
	"orders":             {kinds: kindsOf(kindPlaced, kindConfirmed, kindDelivered, kindCancelled), groups: orderGroups, row: countRow},
	"order_value":        {kinds: kindsOf(kindPlaced), groups: orderGroups, money: true, row: meanRow},
	"order_value_median": {kinds: kindsOf(kindPlaced), groups: orderGroups, money: true, values: true, row: medianRow},
	"order_value_p95":    {kinds: kindsOf(kindPlaced), groups: orderGroups, money: true, values: true, row: p95Row},
	"payments":           {kinds: kindsOf(kindPayment), groups: paymentGroups, money: true, row: paymentsRow},
	// payment_success = succeeded / (succeeded + failed): what the customer's
	// bank declined is on neither side.
	"payment_success":   {kinds: kindsOf(kindPayment), groups: paymentGroups, row: successRow},
	"supplier_response": {kinds: kindsOf(kindResponse), groups: responseGroups, row: responseRow},
	// nps = 100 (promoters - detractors) / answers.
	"nps": {kinds: kindsOf(kindNPS), groups: npsGroups, row: npsRow},
	"active_users": {
		kinds:  kindsOf(kindPlaced, kindConfirmed, kindDelivered, kindCancelled, kindNPS),
		groups: userGroups, users: true, row: usersRow,
	},
}

func metricNames() []string { return slices.Sorted(maps.Keys(metrics)) }

func (row *Row) setMoney(minor int64, err error) error {
	if err != nil {
		return fmt.Errorf("total of %s: %w", row.At.Format("2006-01-02 15:04"), err)
	}
	row.Money.Minor = minor
	row.Value = row.Money.Major()
	return nil
}

func amountRow(t *total, row *Row) error {
	row.Count = t.n
	return row.setMoney(t.amount.int64())
}

func takenRow(t *total, row *Row) error {
	row.Count = t.n
	return row.setMoney(t.amount.minus().int64())
}

func countRow(t *total, row *Row) error {
	row.Count, row.Value = t.n, float64(t.n)
	return nil
}

func paymentsRow(t *total, row *Row) error {
	err := row.setMoney(t.amount.int64())
	row.Count, row.Value = t.n, float64(t.n)
	return err
}

func meanRow(t *total, row *Row) error {
	if row.Count = t.n; t.n == 0 {
		row.Value = math.NaN()
		return nil
	}
	return row.setMoney(t.amount.mean(t.n))
}

func medianRow(t *total, row *Row) error { return quantileRow(t, row, median) }

func p95Row(t *total, row *Row) error {
	return quantileRow(t, row, func(values []int64) int64 { return nearestRank(values, 95) })
}

func quantileRow(t *total, row *Row, of func([]int64) int64) error {
	row.Count = t.n
	if t.n == 0 || t.partial {
		row.Value = math.NaN()
		return nil
	}
	return row.setMoney(of(t.values), nil)
}

func successRow(t *total, row *Row) error {
	row.Count = t.good + t.bad
	row.Value = share(t.good, row.Count)
	return nil
}

func responseRow(t *total, row *Row) error {
	row.Count = t.n
	row.Value = t.after.float() / 1e9 / float64(t.n) // nothing of nothing: NaN
	return nil
}

func npsRow(t *total, row *Row) error {
	row.Count = t.n
	row.Value = 100 * float64(t.good-t.bad) / float64(t.n)
	return nil
}

func usersRow(t *total, row *Row) error {
	row.Count = int64(len(t.users)) + t.summed
	row.Value = float64(row.Count)
	if t.partial {
		row.Value = math.NaN()
	}
	return nil
}

// share is in percent; of nothing NaN.
func share(part, of int64) float64 { return 100 * float64(part) / float64(of) }
