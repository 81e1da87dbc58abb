package ledger

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// kinds is a set of kinds.
type kinds uint32

func kindsOf(all ...Kind) (s kinds) {
	for _, k := range all {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in the set.
func (s kinds) Has(k Kind) bool { return s&(1<<k) != 0 }

// metricDef says what Query.Metric is made of.
type metricDef struct {
	Kinds  kinds
	Groups []string
	Money  bool // Row.Money is set
	values bool // needs single amounts
	Users  bool // counts distinct customers
	Return bool // of distinct customers only those of the step before too
	Rolled bool // what it counts a day is kept when the day's events go
	row    func(*total, *Row) error
}

// total is what a metric needs of the facts of one step and group.
type total struct {
	n, good, bad  int64 // of payments: all, succeeded, failed; of nps: all, promoters, detractors
	amount, after Sum
	values        []int64 // of single orders
	bags          bags    // of many
	users         map[string]struct{}
	returning     int64 // of users, those of the step before too
	Summed        int64 // users that are known by their number only
	returned      int64 // of Summed, those of the step before too
	quantile      int64 // of the values, if it is known
	known         bool  // quantile is
	Partial       bool  // some of what is needed is gone
}

func (t *total) add(f Fact, m metricDef) {
	t.n += f.N
	switch f.Status {
	case "succeeded", "promoter", "on_time":
		t.good += f.N
	case "failed", "detractor", "late":
		t.bad += f.N
	}
	if f.Kind != KindPayment || f.Status == "succeeded" {
		t.amount = t.amount.Plus(f.Amount)
	}
	t.after = t.after.Plus(f.After)
	if m.values {
		t.addValues(f)
	}
	if m.Users && f.Customer != "" {
		if t.users == nil {
			t.users = map[string]struct{}{}
		}
		t.users[f.Customer] = struct{}{}
	}
}

func (t *total) addValues(f Fact) {
	if v, err := f.Amount.Int64(); err == nil && f.N == 1 {
		t.values = append(t.values, v)
		return
	}
	t.Partial = t.Partial || f.N != 0 // of many orders the single amounts are gone
}

// What metrics can be grouped and filtered by. A cohort is the month, in the
// zone of Query.From, of the customer's first placed order, "2026-03".
var (
	orderGroups    = []string{"supplier", "customer", "status", "currency", "tenant", "cohort"}
	paymentGroups  = []string{"method", "status", "currency", "supplier", "customer", "tenant"}
	supplierGroups = []string{"supplier", "status", "tenant"}
	npsGroups      = []string{"customer", "status", "tenant"}
	userGroups     = []string{"supplier", "customer", "tenant"}
	signupGroups   = []string{"status", "tenant"}
	featureGroups  = []string{"feature", "customer", "tenant"}
	costGroups     = []string{"channel", "currency", "tenant"}
	marginGroups   = []string{"supplier", "customer", "currency", "tenant", "cohort"}
)

// Metrics are the names that Query.Metric takes.
var Metrics = map[string]metricDef{
	// revenue = gross - refunds - cancellations, each on its own day.
	"revenue":       {Kinds: kindsOf(KindPlaced, KindRefund, KindCancelled), Groups: orderGroups, Money: true, row: amountRow},
	"gross":         {Kinds: kindsOf(KindPlaced), Groups: orderGroups, Money: true, row: amountRow},
	"refunds":       {Kinds: kindsOf(KindRefund), Groups: orderGroups, Money: true, row: takenRow},
	"cancellations": {Kinds: kindsOf(KindCancelled), Groups: orderGroups, Money: true, row: takenRow},
	// orders are those placed; by status, the events of that status.
	"orders":             {Kinds: kindsOf(KindPlaced, KindConfirmed, KindDelivered, KindCancelled), Groups: orderGroups, row: countRow},
	"order_value":        {Kinds: kindsOf(KindPlaced), Groups: orderGroups, Money: true, row: meanRow},
	"order_value_median": {Kinds: kindsOf(KindPlaced), Groups: orderGroups, Money: true, values: true, row: medianRow},
	"order_value_p95":    {Kinds: kindsOf(KindPlaced), Groups: orderGroups, Money: true, values: true, row: p95Row},
	"payments":           {Kinds: kindsOf(KindPayment), Groups: paymentGroups, Money: true, row: paymentsRow},
	// payment_success = succeeded / (succeeded + failed): what the customer's
	// bank declined is on neither side.
	"payment_success":   {Kinds: kindsOf(KindPayment), Groups: paymentGroups, row: successRow},
	"supplier_response": {Kinds: kindsOf(KindResponse), Groups: supplierGroups, row: responseRow},
	"offers":            {Kinds: kindsOf(KindOffer), Groups: supplierGroups, row: countRow},
	"deliveries":        {Kinds: kindsOf(KindDelivery), Groups: supplierGroups, row: countRow},
	// on_time = deliveries in time / deliveries.
	"on_time": {Kinds: kindsOf(KindDelivery), Groups: supplierGroups, row: successRow},
	// nps = 100 (promoters - detractors) / answers.
	"nps": {Kinds: kindsOf(KindNPS), Groups: npsGroups, row: npsRow},
	"active_users": {
		Kinds:  kindsOf(KindPlaced, KindConfirmed, KindDelivered, KindCancelled, KindNPS, KindSignedUp, KindActive, KindInvited, KindFeature),
		Groups: userGroups, Users: true, Rolled: true, row: usersRow,
	},
	// customers are those with a placed order.
	"customers": {Kinds: kindsOf(KindPlaced), Groups: orderGroups, Users: true, row: usersRow},
	// returning_customers are those with a placed order in the step and in the
	// one before it; of a calendar month, the calendar month before.
	"returning_customers": {Kinds: kindsOf(KindPlaced), Groups: orderGroups, Users: true, Return: true, row: returningRow},
	"signups":             {Kinds: kindsOf(KindSignedUp), Groups: signupGroups, row: countRow},
	"invitations":         {Kinds: kindsOf(KindInvited), Groups: signupGroups, row: countRow},
	"feature_uses":        {Kinds: kindsOf(KindFeature), Groups: featureGroups, row: countRow},
	"feature_users":       {Kinds: kindsOf(KindFeature), Groups: featureGroups, Users: true, row: usersRow},
	"acquisition_cost":    {Kinds: kindsOf(KindAcquisition), Groups: costGroups, Money: true, row: amountRow},
	"cost_of_goods":       {Kinds: kindsOf(KindGoods), Groups: marginGroups, Money: true, row: amountRow},
	"commission":          {Kinds: kindsOf(KindCommission), Groups: marginGroups, Money: true, row: amountRow},
}

// MetricNames are those of Metrics, sorted.
func MetricNames() []string { return slices.Sorted(maps.Keys(Metrics)) }

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
	return row.setMoney(t.amount.Int64())
}

func takenRow(t *total, row *Row) error {
	row.Count = t.n
	return row.setMoney(t.amount.Minus().Int64())
}

func countRow(t *total, row *Row) error {
	row.Count, row.Value = t.n, float64(t.n)
	return nil
}

func paymentsRow(t *total, row *Row) error {
	err := row.setMoney(t.amount.Int64())
	row.Count, row.Value = t.n, float64(t.n)
	return err
}

func meanRow(t *total, row *Row) error {
	if row.Count = t.n; t.n == 0 {
		row.Value = math.NaN()
		return nil
	}
	return row.setMoney(t.amount.Mean(t.n))
}

func medianRow(t *total, row *Row) error { return quantileRow(t, row, bags.median) }

func p95Row(t *total, row *Row) error {
	return quantileRow(t, row, func(all bags) int64 { return all.nearestRank(95) })
}

func quantileRow(t *total, row *Row, of func(bags) int64) error {
	row.Count = t.n
	if t.n == 0 || t.Partial {
		row.Value = math.NaN()
		return nil
	}
	if t.known {
		return row.setMoney(t.quantile, nil)
	}
	all := t.bags
	if len(t.values) > 0 {
		single := &Values{}
		for _, v := range t.values {
			single.Add(v)
		}
		all = append(all[:len(all):len(all)], single)
	}
	return row.setMoney(of(all), nil)
}

func successRow(t *total, row *Row) error {
	row.Count = t.good + t.bad
	row.Value = Share(t.good, row.Count)
	return nil
}

func responseRow(t *total, row *Row) error {
	row.Count = t.n
	row.Value = t.after.Float() / 1e9 / float64(t.n) // nothing of nothing: NaN
	return nil
}

func npsRow(t *total, row *Row) error {
	row.Count = t.n
	row.Value = 100 * float64(t.good-t.bad) / float64(t.n)
	return nil
}

func usersRow(t *total, row *Row) error {
	row.Count = int64(len(t.users)) + t.Summed
	row.Value = float64(row.Count)
	if t.Partial {
		row.Value = math.NaN()
	}
	return nil
}

func returningRow(t *total, row *Row) error {
	row.Count = t.returning + t.returned
	row.Value = float64(row.Count)
	if t.Partial {
		row.Value = math.NaN()
	}
	return nil
}

// Share is in percent; of nothing NaN.
func Share(part, of int64) float64 { return 100 * float64(part) / float64(of) }
