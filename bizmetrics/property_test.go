package bizmetrics

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// rates are what one minor unit is worth in minor units of EUR, as fractions:
// the yen has no decimals, the dinar three.
func testRate(m Money) int64 {
	switch m.Currency {
	case "JPY":
		return m.Minor * 3 / 5
	case "KWD":
		return m.Minor * 31 / 100
	}
	return m.Minor
}

func testConvert(m Money, to string, _ time.Time) (Money, error) {
	return Money{Minor: testRate(m), Currency: to}, nil
}

// moments are around what goes wrong: changes of the clock, ends of months, a
// zone of half hours, a day that begins at 01:00.
var moments = []struct{ zone, now string }{
	{"Europe/Berlin", "2026-03-30 09:17"},
	{"Europe/Berlin", "2026-10-26 02:30"},
	{"Europe/Berlin", "2026-03-31 23:59"},
	{"America/New_York", "2026-11-01 12:00"},
	{"America/New_York", "2026-03-09 02:30"},
	{"Asia/Kolkata", "2026-05-01 00:10"},
	{"Australia/Lord_Howe", "2026-04-05 18:00"},
	{"America/Sao_Paulo", "2018-11-04 15:00"},
	{"America/Havana", "2026-11-01 15:00"},
	{"UTC", "2024-02-29 12:00"},
	{"Asia/Kathmandu", "2026-12-31 22:45"},
}

type generated struct {
	naive
	now    time.Time
	events []any // in the order of arrival, with duplicates
}

func generate(t *rapid.T) *generated {
	m := rapid.SampledFrom(moments).Draw(t, "moment")
	loc, err := time.LoadLocation(m.zone)
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.ParseInLocation("2006-01-02 15:04", m.now, loc)
	if err != nil {
		t.Fatal(err)
	}
	g := &generated{naive: naive{loc: loc, rate: testRate}, now: now}
	anyTime := rapid.Custom(func(t *rapid.T) time.Time {
		back := rapid.OneOf(
			rapid.Int64Range(-7200, 3*86400), // near now, also later
			rapid.Int64Range(0, 38*86400),
			rapid.Map(rapid.Int64Range(0, 8*96), func(q int64) int64 { return q * 900 }), // on the quarters
		).Draw(t, "seconds back")
		return now.Add(-time.Duration(back)*time.Second - time.Duration(rapid.Int64Range(0, 2).Draw(t, "µs"))*time.Microsecond)
	})
	money := rapid.Custom(func(t *rapid.T) Money {
		return Money{rapid.Int64Range(0, 100_000).Draw(t, "minor"), rapid.SampledFrom([]string{"EUR", "EUR", "JPY", "KWD"}).Draw(t, "currency")}
	})
	order := func(t *rapid.T) string { return fmt.Sprint("o", rapid.IntRange(0, 12).Draw(t, "order")) }
	known := map[string]bool{}
	fresh := func(id string) bool {
		if known[id] {
			return false
		}
		known[id] = true
		return true
	}
	for i := range rapid.IntRange(0, 60).Draw(t, "events") {
		id := fmt.Sprint("e", i)
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0, 1:
			o := Order{
				ID: order(t), Status: rapid.SampledFrom([]OrderStatus{Placed, Placed, Placed, Cancelled, Confirmed, Delivered}).Draw(t, "status"),
				CustomerID: rapid.SampledFrom([]string{"ada", "bob", "cy"}).Draw(t, "customer"),
				SupplierID: rapid.SampledFrom([]string{"s1", "s2", ""}).Draw(t, "supplier"),
				Total:      money.Draw(t, "total"), At: anyTime.Draw(t, "at"),
			}
			if fresh(o.ID + string(o.Status)) {
				g.orders = append(g.orders, o)
				g.events = append(g.events, o)
			}
		case 2:
			r := Refund{ID: id, OrderID: order(t), Amount: money.Draw(t, "amount"), At: anyTime.Draw(t, "at")}
			g.refunds, g.events = append(g.refunds, r), append(g.events, r)
		case 3:
			p := Payment{ID: id, OrderID: order(t), Method: rapid.SampledFrom([]string{"card", "sepa", ""}).Draw(t, "method"), Amount: money.Draw(t, "amount"), At: anyTime.Draw(t, "at")}
			p.Succeeded = rapid.Bool().Draw(t, "succeeded")
			p.Declined = !p.Succeeded && rapid.Bool().Draw(t, "declined")
			g.payments, g.events = append(g.payments, p), append(g.events, p)
		case 4:
			s := SupplierResponse{ID: id, SupplierID: rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "supplier"), After: time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "ms")) * time.Millisecond, Accepted: rapid.Bool().Draw(t, "accepted"), At: anyTime.Draw(t, "at")}
			g.responses, g.events = append(g.responses, s), append(g.events, s)
		case 5:
			n := NPS{ID: id, UserID: rapid.SampledFrom([]string{"ada", "dee", ""}).Draw(t, "user"), Score: rapid.IntRange(0, 10).Draw(t, "score"), At: anyTime.Draw(t, "at")}
			g.answers, g.events = append(g.answers, n), append(g.events, n)
		case 6:
			o := SupplierOffer{ID: id, SupplierID: rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "supplier"), At: anyTime.Draw(t, "at")}
			g.offers, g.events = append(g.offers, o), append(g.events, o)
		case 7:
			d := Delivery{ID: id, SupplierID: rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "supplier"), Late: rapid.Bool().Draw(t, "late"), At: anyTime.Draw(t, "at")}
			g.delivered, g.events = append(g.delivered, d), append(g.events, d)
		}
	}
	if n := len(g.events); n > 0 {
		for range rapid.IntRange(0, 10).Draw(t, "duplicates") {
			g.events = append(g.events, g.events[rapid.IntRange(0, n-1).Draw(t, "which")])
		}
		g.events = rapid.Permutation(g.events).Draw(t, "arrival")
	}
	return g
}

func (g *generated) config() Config {
	return Config{
		Currency: "EUR", Convert: testConvert, Location: g.loc, Now: func() time.Time { return g.now },
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func recordAny(t require.TestingT, r *Recorder, event any) {
	ctx := context.Background()
	var err error
	switch e := event.(type) {
	case Order:
		err = r.RecordOrder(ctx, e)
	case Refund:
		err = r.RecordRefund(ctx, e)
	case Payment:
		err = r.RecordPayment(ctx, e)
	case SupplierResponse:
		err = r.RecordSupplierResponse(ctx, e)
	case NPS:
		err = r.RecordNPS(ctx, e)
	case SupplierOffer:
		err = r.RecordOffer(ctx, e)
	case Delivery:
		err = r.RecordDelivery(ctx, e)
	case UserEvent:
		err = r.RecordUser(ctx, e)
	case FeatureUse:
		err = r.RecordFeature(ctx, e)
	case Cost:
		err = r.RecordCost(ctx, e)
	case Commission:
		err = r.RecordCommission(ctx, e)
	default:
		require.Fail(t, "no such event", "%T", e)
	}
	require.NoError(t, err)
}

func (g *generated) record(t require.TestingT, c Config) *Recorder {
	r, err := New(c)
	require.NoError(t, err)
	for i, e := range g.events {
		recordAny(t, r, e)
		if i%17 == 0 {
			require.NoError(t, r.Sync(context.Background()))
		}
	}
	require.NoError(t, r.Sync(context.Background()))
	return r
}

func TestReportsEqualAPlainRecomputation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := generate(t)
		r := g.record(t, g.config())
		defer func() { require.NoError(t, r.Close(context.Background())) }()
		g.checkReports(t, r)
		g.checkQueries(t, r)
	})
}

func (g *generated) checkReports(t require.TestingT, r *Recorder) {
	ctx := context.Background()
	today := g.now.Format("2006-01-02")
	year, week := g.now.ISOWeek()
	thisDay := func(d string) bool { return d == today }
	thisMonth := func(d string) bool { return d[:7] == today[:7] }
	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	require.Equal(t, g.revenueOfDays(thisDay), revenue.Today.Value.Minor, "today")
	require.Equal(t, g.revenueOfDays(func(d string) bool {
		day, err := time.Parse("2006-01-02", d)
		require.NoError(t, err)
		y, w := day.ISOWeek()
		return y == year && w == week
	}), revenue.Week.Value.Minor, "week")
	require.Equal(t, g.revenueOfDays(thisMonth), revenue.Month.Value.Minor, "month")

	payments := map[string]int64{}
	var total, succeeded int64
	for _, p := range g.payments {
		if !thisDay(g.ofDay(p.At)) {
			continue
		}
		total++
		method := p.Method
		if method == "" {
			method = "unknown"
		}
		payments[method]++
		if p.Succeeded {
			succeeded++
		}
	}
	tx, err := r.Transactions(ctx)
	require.NoError(t, err)
	require.Equal(t, []int64{total, succeeded, total - succeeded}, []int64{tx.Total, tx.Succeeded, tx.Failed})
	require.Equal(t, payments, tx.ByMethod)
	require.Equal(t, exactMean(g.totals(thisDay)), tx.AverageOrder.Minor)

	v, err := r.OrderValue(ctx)
	require.NoError(t, err)
	sorted := g.totals(thisMonth)
	require.Equal(t, []int64{exactMean(sorted), naiveMedian(sorted), naiveP95(sorted)}, []int64{v.Mean.Minor, v.Median.Minor, v.P95.Minor}, "%v", sorted)

	var score [3]int64
	for _, n := range g.answers {
		if thisMonth(g.ofDay(n.At)) {
			switch {
			case n.Score > 8:
				score[0]++
			case n.Score > 6:
				score[1]++
			default:
				score[2]++
			}
		}
	}
	nps, err := r.NPS(ctx)
	require.NoError(t, err)
	require.Equal(t, score, [3]int64{nps.Promoters, nps.Passives, nps.Detractors})
	g.checkTrends(t, v, nps)

	suppliers, err := r.Suppliers(ctx)
	require.NoError(t, err)
	for i, s := range suppliers {
		require.Equal(t, i+1, s.Rank)
		if i > 0 {
			require.True(t, suppliers[i-1].Revenue.Minor > s.Revenue.Minor || suppliers[i-1].Revenue == s.Revenue && suppliers[i-1].ID < s.ID)
		}
		var want, offers, deliveries, late int64
		for _, o := range g.offers {
			if thisMonth(g.ofDay(o.At)) && o.SupplierID == s.ID {
				offers++
			}
		}
		for _, d := range g.delivered {
			if thisMonth(g.ofDay(d.At)) && d.SupplierID == s.ID {
				deliveries++
				if d.Late {
					late++
				}
			}
		}
		require.Equal(t, []int64{offers, deliveries}, []int64{s.Offers, s.Deliveries})
		require.True(t, sameFloat(100*float64(deliveries-late)/float64(deliveries), s.OnTimeRate))
		for _, l := range g.movements() {
			if thisMonth(g.ofDay(l.at)) && l.order.SupplierID == s.ID {
				want += l.minor
			}
		}
		// a cancellation without its order counts nothing, whoever it names
		require.Equal(t, want, s.Revenue.Minor, s.ID)
		var after, answers, accepted int64
		for _, a := range g.responses {
			if thisMonth(g.ofDay(a.At)) && a.SupplierID == s.ID {
				answers++
				after += int64(a.After)
				if a.Accepted {
					accepted++
				}
			}
		}
		if answers > 0 {
			require.InDelta(t, float64(after)/float64(answers), float64(s.ResponseTime), 1000)
			require.InDelta(t, 100*float64(accepted)/float64(answers), s.AcceptanceRate, 1e-9)
		} else {
			require.True(t, math.IsNaN(s.AcceptanceRate))
		}
	}
}

// checkTrends works out each of the 12 months by the names of its days.
func (g *generated) checkTrends(t require.TestingT, v OrderValue, nps NPSReport) {
	month := time.Date(g.now.Year(), g.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	require.Len(t, v.Trend, 12)
	require.Len(t, nps.Trend, 12)
	for i := range 12 {
		name := month.AddDate(0, i-11, 0).Format("2006-01")
		require.Equal(t, name, g.ofDay(v.Trend[i].At)[:7])
		require.Equal(t, name, g.ofDay(nps.Trend[i].At)[:7])
		totals := g.totals(func(d string) bool { return d[:7] == name })
		require.EqualValues(t, len(totals), v.Trend[i].Count)
		require.Equal(t, exactMean(totals), v.Trend[i].Money.Minor)
		var answers, score int64
		for _, n := range g.answers {
			if g.ofDay(n.At)[:7] == name {
				answers++
				switch {
				case n.Score > 8:
					score++
				case n.Score <= 6:
					score--
				}
			}
		}
		require.Equal(t, answers, nps.Trend[i].Count)
		require.True(t, sameFloat(100*float64(score)/float64(answers), nps.Trend[i].Value))
	}
}

func (g *generated) checkQueries(t *rapid.T, r *Recorder) {
	ctx := context.Background()
	from := g.now.Add(-time.Duration(rapid.Int64Range(0, 35*86400).Draw(t, "from")) * time.Second)
	to := from.Add(time.Duration(rapid.Int64Range(1, 20*86400).Draw(t, "length")) * time.Second)
	step := rapid.SampledFrom([]time.Duration{0, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 7 * time.Hour}).Draw(t, "step")

	rows, err := r.Query(ctx, Query{Metric: "revenue", From: from, To: to, Step: step})
	require.NoError(t, err)
	var sum int64
	for i, row := range rows {
		end := to
		if i+1 < len(rows) {
			end = rows[i+1].At
		}
		begin := row.At
		if begin.Before(from) {
			begin = from
		}
		require.Equal(t, g.revenue(begin, end, anyLine), row.Money.Minor, "%v to %v", begin, end)
		sum += row.Money.Minor
		if step%(24*time.Hour) == 0 && step > 0 && i > 0 {
			require.NotEqual(t, g.ofDay(row.At.Add(-1)), g.ofDay(row.At), "a step begins with a day")
		}
	}
	require.Equal(t, g.revenue(from, to, anyLine), sum, "steps add up")

	one := func(metric string, filter map[string]string) int64 {
		rows, err := r.Query(ctx, Query{Metric: metric, From: from, To: to, Filter: filter})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		return rows[0].Money.Minor
	}
	require.Equal(t, sum, one("gross", nil)-one("refunds", nil)-one("cancellations", nil))

	for _, group := range []string{"supplier", "customer", "status"} {
		key := map[string]func(line) string{
			"supplier": func(l line) string { return l.order.SupplierID },
			"customer": func(l line) string { return l.order.CustomerID },
			"status":   func(l line) string { return l.status },
		}[group]
		want := map[string]int64{}
		for _, l := range g.movements() {
			if within(l.at, from, to) {
				want[key(l)] += l.minor
			}
		}
		rows, err := r.Query(ctx, Query{Metric: "revenue", From: from, To: to, GroupBy: []string{group}})
		require.NoError(t, err)
		got := map[string]int64{}
		for _, row := range rows {
			got[row.Group[0]] = row.Money.Minor
		}
		maps.DeleteFunc(want, func(_ string, v int64) bool { return v == 0 })
		maps.DeleteFunc(got, func(_ string, v int64) bool { return v == 0 })
		require.Equal(t, want, got, group)
		for value, minor := range want {
			require.Equal(t, minor, one("revenue", map[string]string{group: value}))
		}
	}

	var good, judged int64
	users := map[string]bool{}
	for _, p := range g.payments {
		if within(p.At, from, to) && !p.Declined {
			judged++
			if p.Succeeded {
				good++
			}
		}
	}
	rows, err = r.Query(ctx, Query{Metric: "payment_success", From: from, To: to})
	require.NoError(t, err)
	require.Equal(t, judged, rows[0].Count)
	require.True(t, sameFloat(100*float64(good)/float64(judged), rows[0].Value))

	placed := map[string]Order{}
	for _, o := range g.orders {
		if o.Status == Placed {
			placed[o.ID] = o
		}
	}
	for _, o := range g.orders {
		if within(o.At, from, to) {
			who := o.CustomerID
			if p, ok := placed[o.ID]; ok {
				who = p.CustomerID
			}
			users[who] = true
		}
	}
	for _, n := range g.answers {
		if within(n.At, from, to) && n.UserID != "" {
			users[n.UserID] = true
		}
	}
	rows, err = r.Query(ctx, Query{Metric: "active_users", From: from, To: to})
	require.NoError(t, err)
	require.EqualValues(t, len(users), rows[0].Count)

	var scanned []time.Time
	for e, err := range r.backend.store().Scan(ctx, from, to) {
		require.NoError(t, err)
		scanned = append(scanned, e.At)
	}
	require.True(t, slices.IsSortedFunc(scanned, time.Time.Compare))
	n := 0
	count := func(at time.Time) {
		if within(at, from, to) {
			n++
		}
	}
	for _, o := range g.orders {
		count(o.At)
	}
	for _, o := range g.refunds {
		count(o.At)
	}
	for _, o := range g.payments {
		count(o.At)
	}
	for _, o := range g.responses {
		count(o.At)
	}
	for _, o := range g.answers {
		count(o.At)
	}
	for _, o := range g.offers {
		count(o.At)
	}
	for _, o := range g.delivered {
		count(o.At)
	}
	require.Len(t, scanned, n)
}
