package bizmetrics

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

func TestAQueryThatMakesNoSenseNamesWhatIsWrong(t *testing.T) {
	r := open(t, Config{})
	day := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	for field, q := range map[string]Query{
		"Query.Metric":  {Metric: "profit"},
		"Query.GroupBy": {Metric: "revenue", GroupBy: []string{"method"}},
		"Query.Filter":  {Metric: "nps", Filter: map[string]string{"method": "x"}},
		"Query.To":      {Metric: "revenue", From: day, To: day.Add(-1)},
		"Query.Step":    {Metric: "revenue", From: day, To: day.Add(time.Hour), Step: -1},
		"Query.From":    {Metric: "revenue", From: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), To: day},
	} {
		_, err := r.Query(t.Context(), q)
		require.ErrorIs(t, err, ErrInvalid, field)
		var wrong *config.FieldError
		require.ErrorAs(t, err, &wrong)
		assert.Equal(t, field, wrong.Field)
	}
	_, err := r.Query(t.Context(), Query{Metric: "revenue", From: day, To: day.AddDate(0, 0, 1), Step: time.Millisecond})
	assert.ErrorIs(t, err, ErrInvalid, "eighty million rows")
}

func TestEveryMetricAnswersForEveryGroup(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	for _, e := range []any{
		Order{ID: "o", CustomerID: "c", SupplierID: "s", Total: eur(100), Tenant: "t"},
		Refund{ID: "r", OrderID: "o", Amount: eur(1), Tenant: "t"},
		Order{ID: "o", Status: Cancelled, Tenant: "t"},
		Payment{ID: "p", OrderID: "o", Method: "card", Amount: eur(100), Succeeded: true, Tenant: "t"},
		SupplierResponse{ID: "x", SupplierID: "s", Tenant: "t"},
		SupplierOffer{ID: "x", SupplierID: "s", Tenant: "t"},
		Delivery{ID: "x", SupplierID: "s", Tenant: "t"},
		NPS{ID: "n", UserID: "c", Score: 10, Tenant: "t"},
		UserEvent{ID: "u", UserID: "c", Action: SignedUp, Tenant: "t"},
		UserEvent{ID: "u", UserID: "c", Action: Invited, Tenant: "t"},
		FeatureUse{ID: "f", UserID: "c", Feature: "search", Tenant: "t"},
		Cost{ID: "a", Kind: AcquisitionCost, Channel: "ads", Amount: eur(7), Tenant: "t"},
		Cost{ID: "g", Kind: GoodsCost, OrderID: "o", Amount: eur(50), Tenant: "t"},
		Commission{ID: "k", OrderID: "o", SupplierID: "s", Amount: eur(10), Tenant: "t"},
	} {
		recordAny(t, r, e)
	}
	require.NoError(t, r.Sync(t.Context()))
	month := time.Now().UTC().Format("2006-01")
	for name, m := range ledger.Metrics {
		for _, group := range m.Groups {
			rows, err := r.Query(t.Context(), Query{Metric: name, GroupBy: []string{group}})
			require.NoError(t, err, "%s by %s", name, group)
			require.NotEmpty(t, rows, "%s by %s", name, group)
			for _, row := range rows {
				want := map[string][]string{
					"supplier": {"s"}, "customer": {"c"}, "currency": {"EUR"}, "method": {"card"},
					"feature": {"search"}, "channel": {"ads"}, "tenant": {"t"}, "cohort": {month},
					"status": {"placed", "cancelled", "refunded", "succeeded", "rejected", "promoter", "offered", "on_time", "signed_up", "invited", ""},
				}[group]
				if name == "active_users" {
					want = append(want, "") // who answers is a user of no supplier
				}
				assert.Contains(t, want, row.Group[0], "%s by %s", name, group)
			}
		}
	}
}

func TestEmptyStepsAreThereWithZeroAndRatiosOfNothingAreNoNumber(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Now: now.now})
	for metric, empty := range map[string]float64{
		"revenue": 0, "gross": 0, "refunds": 0, "cancellations": 0, "orders": 0, "payments": 0, "active_users": 0,
		"order_value": math.NaN(), "order_value_median": math.NaN(), "order_value_p95": math.NaN(),
		"payment_success": math.NaN(), "supplier_response": math.NaN(), "nps": math.NaN(),
	} {
		rows, err := r.Query(t.Context(), Query{Metric: metric, Step: time.Hour})
		require.NoError(t, err, metric)
		require.Len(t, rows, 24, "today by the hour, without From and To")
		for i, row := range rows {
			assert.True(t, sameFloat(empty, row.Value), "%s: %v", metric, row.Value)
			assert.Zero(t, row.Count)
			assert.Equal(t, i, row.At.Hour())
		}
	}
	recordAny(t, r, Order{ID: "a", SupplierID: "s1", Total: eur(5), At: now.now().Add(-time.Hour)})
	recordAny(t, r, Order{ID: "b", SupplierID: "s2", Total: eur(7), At: now.now()})
	require.NoError(t, r.Sync(t.Context()))
	rows, err := r.Query(t.Context(), Query{Metric: "gross", From: now.now().Add(-2 * time.Hour), To: now.now().Add(time.Hour), Step: time.Hour, GroupBy: []string{"supplier"}})
	require.NoError(t, err)
	var got []int64
	for _, row := range rows {
		got = append(got, row.Money.Minor)
	}
	assert.Equal(t, []int64{0, 0, 5, 0, 0, 7}, got, "by time, then by group")
}

func TestOrdersAreThosePlacedUnlessAskedByStatus(t *testing.T) {
	r := open(t, Config{})
	for _, s := range []OrderStatus{Placed, Confirmed, Delivered} {
		recordAny(t, r, Order{ID: "o", Status: s, Total: eur(5)})
	}
	recordAny(t, r, Order{ID: "x", Status: Cancelled})
	require.NoError(t, r.Sync(t.Context()))
	count := func(filter map[string]string) int64 {
		rows, err := r.Query(t.Context(), Query{Metric: "orders", Filter: filter})
		require.NoError(t, err)
		return rows[0].Count
	}
	assert.EqualValues(t, 1, count(nil))
	for _, status := range []string{"placed", "confirmed", "delivered", "cancelled"} {
		assert.EqualValues(t, 1, count(map[string]string{"status": status}), status)
	}
}
