package bizmetrics

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func yearOf(t *testing.T, r *Recorder, metric string, from time.Time, groups ...string) map[string]Row {
	t.Helper()
	rows, err := r.Query(t.Context(), Query{Metric: metric, From: from, To: from.AddDate(1, 0, 0), GroupBy: groups})
	require.NoError(t, err)
	by := map[string]Row{}
	for _, row := range rows {
		by[fmt.Sprint(row.Group)] = row
	}
	return by
}

func TestOldDaysKeepTheirTotalsWhenTheirEventsGo(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart ", restart), func(t *testing.T) {
			now := newClock(time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC))
			begin := now.now().AddDate(0, 0, -1)
			c := Config{Currency: "EUR", Dir: t.TempDir(), Now: now.now}
			r := open(t, c)
			recordAny(t, r, Order{ID: "a", CustomerID: "ada", SupplierID: "s1", Total: eur(100)})
			recordAny(t, r, Order{ID: "free", CustomerID: "ada", SupplierID: "s1", Total: eur(0)})
			recordAny(t, r, Order{ID: "b", CustomerID: "bob", SupplierID: "s2", Total: eur(10)})
			recordAny(t, r, Refund{ID: "r", OrderID: "a", Amount: eur(30)})
			recordAny(t, r, Payment{ID: "p", Method: "card", Amount: eur(1), Succeeded: true})
			recordAny(t, r, SupplierResponse{ID: "s", SupplierID: "s1", After: time.Minute, Accepted: true})
			recordAny(t, r, NPS{ID: "n", UserID: "cy", Score: 10})
			require.NoError(t, r.Sync(t.Context()))
			again := func() {
				if restart {
					closeNow(t, r)
					r = open(t, c)
				}
			}
			for range 3 {
				now.set(now.now().AddDate(0, 0, 41))
				again()
				recordAny(t, r, Order{ID: now.now().String(), CustomerID: "eve", SupplierID: "s1", Total: eur(1)})
				require.NoError(t, r.Sync(t.Context()))
				require.NoError(t, r.backend.(*journaled).compact())
				again()
			}
			assert.EqualValues(t, 1, r.backend.(*journaled).size(), "only the last event is kept")
			assert.Equal(t, 1, r.backend.(*journaled).known.len())
			assert.Len(t, r.backend.(*journaled).orders, 1)
			assert.Len(t, r.backend.(*journaled).slots, 1)

			assert.Equal(t, eur(83), yearOf(t, r, "revenue", begin)["[]"].Money)
			bySupplier := yearOf(t, r, "revenue", begin, "supplier")
			assert.Equal(t, eur(73), bySupplier["[s1]"].Money)
			assert.Equal(t, eur(10), bySupplier["[s2]"].Money)
			assert.EqualValues(t, 1, yearOf(t, r, "payments", begin, "method")["[card]"].Count)
			assert.InDelta(t, 60, yearOf(t, r, "supplier_response", begin)["[]"].Value, 0)
			assert.InDelta(t, 100, yearOf(t, r, "nps", begin)["[]"].Value, 0)
			assert.Equal(t, eur(19), yearOf(t, r, "order_value", begin)["[]"].Money, "113 / 6")
			assert.True(t, math.IsNaN(yearOf(t, r, "order_value_median", begin)["[]"].Value), "single totals are gone")
			assert.True(t, math.IsNaN(yearOf(t, r, "active_users", begin)["[]"].Value), "who they were is gone")

			days, err := r.Query(t.Context(), Query{Metric: "active_users", From: begin, To: begin.AddDate(0, 0, 3), Step: 24 * time.Hour})
			require.NoError(t, err)
			assert.InDelta(t, 3, days[1].Value, 0, "of one day they were counted")
		})
	}
}

func TestALateEventOfAnOldDayLandsInIt(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	c := Config{Currency: "EUR", Dir: t.TempDir(), Now: now.now}
	r := open(t, c)
	old := now.now().AddDate(0, 0, -100)
	late := Order{ID: "late", SupplierID: "s", Total: eur(100), At: old}
	check := func(minor int64) {
		t.Helper()
		require.NoError(t, r.Sync(t.Context()))
		rows, err := r.Query(t.Context(), Query{Metric: "revenue", From: old.AddDate(0, 0, -1), To: old.AddDate(0, 0, 2), Step: 24 * time.Hour})
		require.NoError(t, err)
		assert.Equal(t, minor, rows[1].Money.Minor)
	}
	recordAny(t, r, late)
	check(100)
	recordAny(t, r, late)
	recordAny(t, r, Refund{ID: "r", OrderID: "late", Amount: eur(500), At: old.Add(time.Minute)})
	check(0)
	for range 2 { // its ID is kept from when it came
		require.NoError(t, r.backend.(*journaled).compact())
		closeNow(t, r)
		r = open(t, c)
		recordAny(t, r, late)
		check(0)
	}
	now.set(now.now().AddDate(0, 0, 50))
	recordAny(t, r, Order{ID: "new", Total: eur(1)})
	check(0)
	require.NoError(t, r.backend.(*journaled).compact())
	closeNow(t, r)
	r = open(t, c)
	check(0)
	assert.Equal(t, 1, r.backend.(*journaled).size())
}

func TestTheJournalIsCompactedOnceMuchOfItIsOld(t *testing.T) {
	now := newClock(time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Dir: t.TempDir(), Now: now.now})
	for i := range 2000 {
		recordAny(t, r, Order{ID: fmt.Sprint(i), Total: eur(1)})
	}
	require.NoError(t, r.Sync(t.Context()))
	before := r.backend.(*journaled).log.Bytes()
	now.set(now.now().AddDate(0, 0, 45))
	recordAny(t, r, Order{ID: "new", Total: eur(1)})
	require.NoError(t, r.Sync(t.Context()))
	assert.Less(t, r.backend.(*journaled).log.Bytes(), before/100)
}
