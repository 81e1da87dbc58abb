package bizmetrics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// anyRecord is an event of a small business, so that customers, suppliers and
// orders meet again.
func anyRecord(t *rapid.T, i int, now time.Time) *ledger.Record {
	name := func(of string, n int) string {
		k := rapid.IntRange(0, n).Draw(t, of)
		if k == 0 {
			return ""
		}
		return fmt.Sprint(of, k)
	}
	kind := ledger.Kind(rapid.IntRange(1, ledger.Kinds-1).Draw(t, "kind"))
	if rapid.Bool().Draw(t, "order") {
		kind = rapid.SampledFrom([]ledger.Kind{ledger.KindPlaced, ledger.KindPlaced, ledger.KindPlaced, ledger.KindCancelled, ledger.KindRefund, ledger.KindGoods, ledger.KindCommission}).Draw(t, "of an order")
	}
	r := &ledger.Record{
		Kind: kind, ID: fmt.Sprint(i), Customer: name("customer", 6), Supplier: name("supplier", 3), Method: name("method", 3), Tenant: name("tenant", 2),
		Accepted: rapid.Bool().Draw(t, "accepted"), Succeeded: rapid.Bool().Draw(t, "succeeded"), Score: int8(rapid.IntRange(0, 10).Draw(t, "score")),
		After: time.Duration(rapid.IntRange(0, 1000).Draw(t, "after")), AtGiven: true,
	}
	minute := rapid.IntRange(-1440, 75*1440).Draw(t, "minutes ago")
	if rapid.Bool().Draw(t, "quarter") {
		minute -= minute % 15
	}
	r.At = now.Add(-time.Duration(minute) * time.Minute).Truncate(time.Minute).UnixMicro()
	r.Arrived = r.At
	switch kind {
	case ledger.KindPayment, ledger.KindRefund, ledger.KindGoods, ledger.KindCommission:
		r.Order = fmt.Sprint("o", rapid.IntRange(0, 30).Draw(t, "order"))
	}
	if kind.IsOrder() {
		r.ID = fmt.Sprint("o", rapid.IntRange(0, 30).Draw(t, "order"))
		r.Order = r.ID
	}
	r.Amount = ledger.Money{Minor: rapid.Int64Range(0, 500).Draw(t, "minor"), Currency: rapid.SampledFrom([]string{"EUR", "JPY"}).Draw(t, "currency")}
	r.Value, r.Base = r.Amount.Minor*2, "EUR"
	return r
}

func anyQuery(t *rapid.T, now time.Time, cal ledger.Calendar) Query {
	q := Query{Metric: rapid.SampledFrom(slices.Sorted(maps.Keys(ledger.Metrics))).Draw(t, "metric")}
	groups := ledger.Metrics[q.Metric].Groups
	if rapid.Bool().Draw(t, "tenant") {
		q.Filter = map[string]string{"tenant": rapid.SampledFrom([]string{"tenant1", "tenant2", "tenant3", ""}).Draw(t, "of")}
	}
	if slices.Contains(groups, "cohort") && rapid.Bool().Draw(t, "by cohort") {
		q.GroupBy = []string{"cohort"}
		if rapid.Bool().Draw(t, "one cohort") {
			q.GroupBy = nil
			q.Filter = maps.Clone(q.Filter)
			if q.Filter == nil {
				q.Filter = map[string]string{}
			}
			q.Filter["cohort"] = rapid.SampledFrom([]string{"", cal.MonthOf(now).String(), (cal.MonthOf(now) - 1).String()}).Draw(t, "cohort")
		}
	} else if rapid.Bool().Draw(t, "grouped") {
		q.GroupBy = rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 1, 2, rapid.ID[string]).Draw(t, "groups")
	}
	day, month := ledger.DateOf(now), cal.MonthOf(now)
	switch rapid.IntRange(0, 4).Draw(t, "span") {
	case 0: // days
		q.From = cal.DayStart(day - ledger.Date(rapid.IntRange(0, 35).Draw(t, "days ago")))
		q.To = cal.DayStart(ledger.DateOf(q.From.In(cal.Zone())) + ledger.Date(rapid.IntRange(0, 35).Draw(t, "days")))
		q.Step = rapid.SampledFrom([]time.Duration{0, wholeDay, 7 * wholeDay}).Draw(t, "step")
	case 1, 2: // months
		q.From = cal.MonthBegin(month - ledger.Month(rapid.IntRange(0, 2).Draw(t, "months ago")))
		q.To = cal.MonthBegin(month + ledger.Month(rapid.IntRange(-1, 2).Draw(t, "until")))
		q.Monthly = rapid.Bool().Draw(t, "monthly")
	default:
		q.From = now.Add(-time.Duration(rapid.IntRange(0, 36*1440).Draw(t, "minutes ago")) * time.Minute)
		q.To = q.From.Add(time.Duration(rapid.IntRange(0, 20*1440).Draw(t, "minutes")) * time.Minute)
		q.Monthly = rapid.Bool().Draw(t, "monthly")
		if !q.Monthly {
			q.Step = rapid.SampledFrom([]time.Duration{0, wholeDay, 7 * time.Hour}).Draw(t, "step")
		}
	}
	q.From, q.To = q.From.In(cal.Zone()), q.To.In(cal.Zone())
	if q.To.Before(q.From) {
		q.To = q.From
	}
	return q
}

// What totals say is what the events say, whatever is asked.
func TestTotalsAnswerAsSingleEventsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SampledFrom(moments).Draw(t, "moment")
		loc, err := time.LoadLocation(at.zone)
		require.NoError(t, err)
		now, err := time.ParseInLocation("2006-01-02 15:04", at.now, loc)
		require.NoError(t, err)
		cal := ledger.Calendar{Location: loc, MonthStart: rapid.SampledFrom([]int{1, 1, 20}).Draw(t, "month start")}
		m := newMemory(cal)
		if rapid.Bool().Draw(t, "swept before") {
			m.sweep(now.AddDate(0, 0, -30))
		}
		all := map[string]*ledger.Unit{}
		nothing := func(ledger.Fact) {}
		for i := range rapid.IntRange(0, 150).Draw(t, "events") {
			r := anyRecord(t, i, now)
			if m.known.claim(r) != Stored {
				continue
			}
			m.put([]*ledger.Record{r})
			key := r.Unit()
			if key == "" {
				key = r.Kind.Key(r.ID)
			}
			if all[key] == nil {
				all[key] = &ledger.Unit{}
			}
			all[key].Take(r, nothing, nothing)
		}
		m.sweep(now)
		horizon := cal.DayStart(m.horizon).UnixMicro()
		for range 8 {
			q := anyQuery(t, now, cal)
			c := ledger.NewCollector(ledger.Query(q), cal)
			if c.From < horizon {
				continue // of days that are gone it cannot know the same
			}
			c.FirstOrder = m.firstOrders(c)
			for _, u := range all {
				u.Facts(c.Add)
			}
			rows, err := c.Rows(m.base)
			require.NoError(t, err)
			got, err := m.Query(context.Background(), q)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(rowsOf(rows)), fmt.Sprint(got), "%+v", q)
		}
	})
}

func TestWhatIsSweptAwayLeavesNoTrace(t *testing.T) {
	m := newMemory(ledger.Calendar{})
	now := time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		for i := range rapid.IntRange(1, 100).Draw(t, "events") {
			if r := anyRecord(t, i, now); m.known.claim(r) == Stored {
				m.put([]*ledger.Record{r})
			}
		}
		now = now.AddDate(1, 0, 0)
		m.sweep(now)
		require.Zero(t, m.size())
		require.Zero(t, m.known.len())
		require.Empty(t, m.slots)
		require.Empty(t, m.orders)
		require.Empty(t, m.months)
		require.Empty(t, m.people.known)
		require.Empty(t, m.people.scopes)
		require.Empty(t, m.expiry)
	})
}
