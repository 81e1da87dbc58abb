// Package enginetest checks that an engine of package sqlstore answers as a
// plain look at all facts does, on generated events and queries.
package enginetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// Check generates a business and its queries. Each call of open makes an engine
// with empty tables, which is closed at the end. fail, if there is one, makes
// the next commit fail with the error.
func Check(t *rapid.T, open func() (engine sqlstore.Engine, fail func(error))) {
	s := drawScene(t)
	engine, fail := open()
	store, err := sqlstore.New(context.Background(), engine, sqlstore.Config{Location: s.cal.Location, MonthStart: s.cal.MonthStart})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	s.check(t, store, fail)
}

type eventKey struct {
	kind ledger.Kind
	id   string
}

func keyOf(r *ledger.Record) eventKey { return eventKey{r.Kind, r.ID} }

// reference answers by looking at all facts, one by one.
type reference struct {
	cal   ledger.Calendar
	known map[eventKey]*ledger.Record
	units map[string]*ledger.Unit
	all   []*ledger.Unit
	base  string
}

func newReference(cal ledger.Calendar) *reference {
	return &reference{cal: cal, known: map[eventKey]*ledger.Record{}, units: map[string]*ledger.Unit{}}
}

func (f *reference) take(r *ledger.Record) bizmetrics.Outcome {
	if old := f.known[keyOf(r)]; old != nil {
		if old.Same(r) {
			return bizmetrics.Duplicate
		}
		return bizmetrics.Conflict
	}
	f.known[keyOf(r)] = r
	if f.base == "" {
		f.base = r.Base
	}
	u := f.units[r.Unit()]
	if u == nil || r.Unit() == "" {
		u = &ledger.Unit{}
		f.all = append(f.all, u)
		f.units[r.Unit()] = u
	}
	u.Take(r, func(ledger.Fact) {}, func(ledger.Fact) {})
	return bizmetrics.Stored
}

func (f *reference) query(q bizmetrics.Query) ([]ledger.Row, error) {
	c := ledger.NewCollector(ledger.Query(q), f.cal)
	tenant, filtered := q.Filter["tenant"]
	first := map[string]int64{}
	for _, r := range f.known {
		if at, known := first[r.Customer]; r.Kind == ledger.KindPlaced && (!filtered || r.Tenant == tenant) && (!known || r.At < at) {
			first[r.Customer] = r.At
		}
	}
	c.FirstOrder = func(customer string) (int64, bool) { at, known := first[customer]; return at, known }
	for _, u := range f.all {
		u.Facts(c.Add)
	}
	return c.Rows(f.base)
}

var zones = []struct{ zone, begin string }{
	{"UTC", "2024-01-20"},
	{"Europe/Berlin", "2026-02-25"},
	{"Europe/Berlin", "2026-09-28"},
	{"America/New_York", "2026-10-01"},
	{"Asia/Kolkata", "2026-04-20"},
	{"Asia/Kathmandu", "2026-12-01"},
	{"Australia/Lord_Howe", "2026-03-25"},
	{"America/Sao_Paulo", "2018-10-20"},
	{"Pacific/Apia", "2011-12-10"},
	{"Africa/Monrovia", "1971-12-01"},
}

// scene is a generated business.
type scene struct {
	cal   ledger.Calendar
	begin time.Time
	days  int64
}

func drawScene(t *rapid.T) scene {
	z := rapid.SampledFrom(zones).Draw(t, "zone")
	loc, err := time.LoadLocation(z.zone)
	require.NoError(t, err)
	begin, err := time.ParseInLocation("2006-01-02", z.begin, loc)
	require.NoError(t, err)
	return scene{
		cal:   ledger.Calendar{Location: loc, MonthStart: rapid.SampledFrom([]int{0, 25}).Draw(t, "month start")},
		begin: begin, days: rapid.SampledFrom([]int64{2, 40, 130}).Draw(t, "days"),
	}
}

// moment is one of the scene, often on a quarter of an hour or a day's edge.
func (s scene) moment(t *rapid.T) time.Time {
	seconds := rapid.OneOf(
		rapid.Int64Range(0, s.days*86400),
		rapid.Map(rapid.Int64Range(0, s.days*96), func(q int64) int64 { return q * 900 }),
		rapid.Map(rapid.Int64Range(0, s.days), func(d int64) int64 {
			return (s.cal.DateOf(s.begin) + ledger.Date(d)).Start(s.cal.Location).Unix() - s.begin.Unix()
		}),
	).Draw(t, "seconds")
	return s.begin.Add(time.Duration(seconds)*time.Second - time.Duration(rapid.Int64Range(0, 1).Draw(t, "µs"))*time.Microsecond)
}

func sample(t *rapid.T, name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }

func (s scene) record(t *rapid.T, i int) *ledger.Record {
	at := s.moment(t)
	r := &ledger.Record{
		Kind: ledger.Kind(rapid.IntRange(1, ledger.Kinds-1).Draw(t, "kind")), ID: fmt.Sprint(i), At: at.UnixMicro(),
		AtGiven: rapid.Bool().Draw(t, "time given"), Tenant: sample(t, "tenant", "", "", "north", "south"),
	}
	if rapid.Bool().Draw(t, "order") { // most of what happens is about orders
		r.Kind = ledger.Kind(rapid.SampledFrom([]int{1, 1, 1, 2, 4, 5, 5, 16, 17}).Draw(t, "order kind"))
	}
	order := fmt.Sprint("o", rapid.IntRange(0, 8).Draw(t, "order"))
	customer := sample(t, "customer", "ada", "bob", "cy", "dee", "")
	supplier := sample(t, "supplier", "s1", "s2", "")
	switch k := r.Kind; {
	case k.IsOrder():
		r.ID, r.Order, r.Customer, r.Supplier = order, order, customer, supplier
	case k == ledger.KindRefund, k == ledger.KindPayment, k == ledger.KindGoods, k == ledger.KindCommission:
		r.Order = rapid.SampledFrom([]string{order, order, ""}).Draw(t, "of order")
		if k == ledger.KindPayment {
			r.Method = sample(t, "method", "card", "sepa", "")
			r.Succeeded = rapid.Bool().Draw(t, "succeeded")
			r.Declined = !r.Succeeded && rapid.Bool().Draw(t, "declined")
		}
		if k == ledger.KindCommission {
			r.Supplier = supplier
		}
	case k == ledger.KindResponse, k == ledger.KindOffer, k == ledger.KindDelivery:
		r.Supplier, r.Accepted = supplier, rapid.Bool().Draw(t, "accepted")
		if k == ledger.KindResponse {
			r.After = time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "after"))
		}
	case k == ledger.KindNPS:
		r.Customer, r.Score = customer, rapid.Int8Range(0, 10).Draw(t, "score")
	case k == ledger.KindFeature:
		r.Customer, r.Method = customer, sample(t, "feature", "search", "chat")
	case k == ledger.KindAcquisition:
		r.Method = sample(t, "channel", "ads", "")
	default:
		r.Customer = customer
		if k == ledger.KindSignedUp {
			r.Text = sample(t, "referrer", "", "ada")
		}
	}
	switch r.Kind {
	case ledger.KindPlaced, ledger.KindRefund, ledger.KindPayment, ledger.KindAcquisition, ledger.KindGoods, ledger.KindCommission:
		r.Amount = ledger.Money{
			Minor:    rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 1<<50)).Draw(t, "minor"),
			Currency: sample(t, "currency", "EUR", "EUR", "JPY"),
		}
		r.Value, r.Base = r.Amount.Minor, "EUR"
		if r.Amount.Currency != "EUR" {
			r.Value /= 2
		}
	}
	return r
}

func (s scene) query(t *rapid.T) bizmetrics.Query {
	m := sample(t, "metric", ledger.MetricNames()...)
	if rapid.Bool().Draw(t, "distinct") { // what is hardest to add up
		m = sample(t, "metric", "returning_customers", "customers", "active_users", "feature_users", "order_value_median")
	}
	q := bizmetrics.Query{Metric: m, Filter: map[string]string{}}
	groups := ledger.Metrics[m].Groups
	for range rapid.IntRange(0, 2).Draw(t, "groups") {
		g := sample(t, "group", groups...)
		if !slices.Contains(q.GroupBy, g) {
			q.GroupBy = append(q.GroupBy, g)
		}
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "filters") {
		g := sample(t, "filter", groups...)
		q.Filter[g] = map[string]string{
			"supplier": "s1", "customer": "bob", "status": sample(t, "status", "placed", "cancelled", "refunded", "succeeded", "promoter", "signed_up"),
			"currency": "EUR", "tenant": sample(t, "of tenant", "north", ""), "method": "card", "feature": "search", "channel": "ads",
			"cohort": s.cal.MonthOf(s.moment(t)).String(),
		}[g]
	}
	loc := s.cal.Location
	if rapid.IntRange(0, 4).Draw(t, "elsewhere") == 0 {
		loc = time.FixedZone("", 5*3600+1800)
	}
	a, b := s.moment(t), s.moment(t)
	if a.After(b) {
		a, b = b, a
	}
	switch rapid.IntRange(0, 3).Draw(t, "span") {
	case 0:
		a, b = s.cal.DayStart(s.cal.DateOf(a)), s.cal.DayStart(s.cal.DateOf(b)+1)
	case 1, 2:
		a, b = s.cal.MonthBegin(s.cal.MonthOf(a)), s.cal.MonthBegin(s.cal.MonthOf(b)+1)
	}
	if rapid.IntRange(0, 19).Draw(t, "empty") == 0 {
		b = a
	}
	q.From, q.To = a.In(loc), b.In(loc)
	switch rapid.IntRange(0, 4).Draw(t, "steps") {
	case 0:
		q.Monthly = true
	case 1:
		q.Step = rapid.SampledFrom([]time.Duration{24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}).Draw(t, "step")
	case 2:
		if b.Sub(a) < 10*24*time.Hour {
			q.Step = rapid.SampledFrom([]time.Duration{15 * time.Minute, time.Hour, 25 * time.Minute}).Draw(t, "step")
		}
	}
	return q
}

// requireRows compares what a store says with what is right.
func requireRows(t require.TestingT, want []ledger.Row, got []bizmetrics.Row, q bizmetrics.Query) {
	require.Len(t, got, len(want), "%+v: %v", q, got)
	for i, w := range want {
		g := got[i]
		if math.IsNaN(w.Value) && math.IsNaN(g.Value) {
			w.Value, g.Value = 0, 0
		}
		require.True(t, w.At.Equal(g.At), "%+v", q)
		require.Equal(t, []any{w.Group, w.Value, bizmetrics.Money(w.Money), w.Count}, []any{g.Group, g.Value, g.Money, g.Count}, "%v: %+v", w.At, q)
	}
}

func (s scene) check(t *rapid.T, store *sqlstore.Store, fail func(error)) {
	ref := newReference(s.cal)
	var records []*ledger.Record
	for i := range rapid.IntRange(0, 60).Draw(t, "events") {
		if i > 0 && rapid.IntRange(0, 9).Draw(t, "again") == 0 {
			records = append(records, records[rapid.IntRange(0, len(records)-1).Draw(t, "which")])
			continue
		}
		records = append(records, s.record(t, i))
	}
	for rest := records; len(rest) > 0; {
		n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
		events := make([]bizmetrics.Event, n)
		want := make([]bizmetrics.Outcome, n)
		for i, r := range rest[:n] {
			e, err := r.Event()
			require.NoError(t, err)
			events[i] = bizmetrics.Event(e)
		}
		if fail != nil && rapid.IntRange(0, 9).Draw(t, "fails") == 0 {
			fail(context.Canceled)
			_, err := store.Append(context.Background(), events)
			require.ErrorIs(t, err, context.Canceled)
		}
		for i, r := range rest[:n] {
			want[i] = ref.take(r)
		}
		got, err := store.Append(context.Background(), events)
		require.NoError(t, err)
		require.Equal(t, want, got)
		rest = rest[n:]
	}
	for range 12 {
		q := s.query(t)
		want, err := ref.query(q)
		require.NoError(t, err)
		got, err := store.Query(context.Background(), q)
		require.NoError(t, err)
		requireRows(t, want, got, q)
	}
}
