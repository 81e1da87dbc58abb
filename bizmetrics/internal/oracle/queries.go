package oracle

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

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

// CheckQueries asks each metric n times for spans between from and to, by
// steps, groups and filters at random, and compares the answers with SQL.
func (o *Oracle) CheckQueries(t testing.TB, v View, from, to time.Time, seed uint64, n int,
	ask func(context.Context, bizmetrics.Query) ([]bizmetrics.Row, error),
) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	names, groups := Metrics()
	for _, name := range names {
		for range n {
			q := anyQuery(r, name, groups[name], v, from, to)
			rows, err := ask(context.Background(), q)
			o.CheckQuery(t, v, q, rows, err)
		}
	}
}

func anyQuery(r *rand.Rand, name string, groups []string, v View, from, to time.Time) bizmetrics.Query {
	between := func(a, b time.Time) time.Time {
		at := a.Add(time.Duration(r.Int64N(int64(b.Sub(a)) + 1)))
		switch r.IntN(3) {
		case 0: // whole days take another way through a store than parts of them
			y, m, d := at.In(v.Zone).Date()
			at = time.Date(y, m, d, 0, 0, 0, 0, v.Zone)
		case 1:
			at = at.Truncate(15 * time.Minute)
		}
		return at.Truncate(time.Microsecond).In(v.Zone)
	}
	q := bizmetrics.Query{Metric: name, From: between(from, to)}
	q.To = between(q.From, to)
	if q.To.Before(q.From) {
		q.To = q.From
	}
	if r.IntN(4) == 0 { // from month to month
		y, m, d := q.From.Date()
		first := max(v.MonthStart, 1)
		if d < first {
			m--
		}
		q.From = time.Date(y, m, first, 0, 0, 0, 0, v.Zone)
		q.To = time.Date(y, m+1+time.Month(r.IntN(3)), first, 0, 0, 0, 0, v.Zone)
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
	}
	if q.Step > 0 && q.Step < 24*time.Hour && q.To.Sub(q.From) > 40*24*time.Hour {
		q.Step = 31 * time.Hour
	}
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
