package bizmetrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
)

func TestAViewOfATenantShowsThatTenantOnly(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	north := r.ForTenant("north")
	recordAny(t, north, Order{ID: "1", Total: eur(1)})
	recordAny(t, r.ForTenant("north"), Order{ID: "2", Total: eur(2)})
	recordAny(t, north, Order{ID: "3", Total: eur(4), Tenant: "south"}) // says so itself
	recordAny(t, r, Order{ID: "4", Total: eur(8)})
	require.NoError(t, north.Sync(t.Context()))
	for name, want := range map[string]int64{"": 15, "north": 3, "south": 4, "west": 0} {
		revenue, err := north.ForTenant(name).Revenue(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, revenue.Today.Value.Minor, name)
	}
	filter := map[string]string{"status": "placed"}
	rows, err := north.Query(t.Context(), Query{Metric: "orders", Filter: filter})
	require.NoError(t, err)
	assert.EqualValues(t, 2, rows[0].Count)
	assert.Len(t, filter, 1, "the caller's map is left alone")
	_, err = north.Query(t.Context(), Query{Metric: "orders", Filter: map[string]string{"tenant": "south"}})
	var wrong *config.FieldError
	require.ErrorAs(t, err, &wrong, "nothing of another tenant is shown")
	assert.Equal(t, "Query.Filter", wrong.Field)
}

func TestAViewOfNothingIsNothing(t *testing.T) {
	var none *Recorder
	require.ErrorIs(t, none.ForTenant("a").RecordOrder(t.Context(), Order{ID: "1", Total: eur(1)}), ErrNotInitialized)
	_, err := none.ForTenant("a").Query(t.Context(), Query{Metric: "revenue"})
	require.ErrorIs(t, err, ErrNotInitialized)
}

func TestClosingAViewClosesAllViewsOnce(t *testing.T) {
	r := open(t, Config{})
	require.NoError(t, r.ForTenant("a").Close(t.Context()))
	require.NoError(t, r.ForTenant("b").Close(t.Context()))
	require.ErrorIs(t, r.RecordOrder(t.Context(), Order{ID: "1", Total: eur(1)}), ErrDropped)
}

func TestAQueryByMonthFollowsTheBusinessCalendar(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := newClock(at(t, berlin, "2026-04-10 12:00"))
	r := open(t, Config{Currency: "EUR", Location: berlin, MonthStart: 25, Now: now.now})
	for id, when := range map[string]string{"1": "2026-03-24 23:59", "2": "2026-03-25 00:00", "3": "2026-03-29 03:00", "4": "2026-04-09 10:00"} {
		recordAny(t, r, Order{ID: id, CustomerID: "c" + id, Total: eur(1), At: at(t, berlin, when)})
	}
	recordAny(t, r, Order{ID: "5", CustomerID: "c1", Total: eur(1), At: now.now()})
	require.NoError(t, r.Sync(t.Context()))
	rows, err := r.Query(t.Context(), Query{Metric: "orders", From: at(t, berlin, "2026-03-01 00:00"), To: at(t, berlin, "2026-04-25 00:00"), Monthly: true})
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, []int64{1, 4}, []int64{rows[0].Count, rows[1].Count})
	assert.Equal(t, at(t, berlin, "2026-02-25 00:00"), rows[0].At)
	assert.Equal(t, at(t, berlin, "2026-03-25 00:00"), rows[1].At)

	back, err := r.Query(t.Context(), Query{Metric: "returning_customers", From: rows[0].At, To: at(t, berlin, "2026-04-25 00:00"), Monthly: true})
	require.NoError(t, err)
	assert.Equal(t, []int64{0, 1}, []int64{back[0].Count, back[1].Count})
	p, err := r.Product(t.Context())
	require.NoError(t, err)
	require.Len(t, p.Cohorts, 2)
	assert.Equal(t, []string{"2026-02", "2026-03"}, []string{p.Cohorts[0].Month, p.Cohorts[1].Month})
	assert.InDelta(t, 100, p.Cohorts[0].Retained[1], 0)

	_, err = r.Query(t.Context(), Query{Metric: "orders", Monthly: true, Step: time.Hour})
	require.ErrorIs(t, err, ErrInvalid)
	_, err = New(Config{MonthStart: 29})
	require.ErrorIs(t, err, ErrInvalid)
}

func TestACohortOfATenantKnowsNothingOfOtherTenants(t *testing.T) {
	now := newClock(time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Now: now.now})
	recordAny(t, r, Order{ID: "1", CustomerID: "ada", Total: eur(1), Tenant: "north", At: now.now().AddDate(0, 0, -20)})
	recordAny(t, r, Order{ID: "2", CustomerID: "ada", Total: eur(1), Tenant: "south"})
	recordAny(t, r, Order{ID: "3", CustomerID: "ada", Total: eur(1), At: now.now().Add(-time.Hour)})
	require.NoError(t, r.Sync(t.Context()))
	for filter, want := range map[string]string{"none": "2026-03", "north": "2026-03", "south": "2026-04", "": "2026-04"} {
		q := Query{Metric: "customers", GroupBy: []string{"cohort"}, From: now.now().AddDate(0, -2, 0), To: now.now().AddDate(0, 0, 1)}
		if filter != "none" {
			q.Filter = map[string]string{"tenant": filter}
		}
		rows, err := r.Query(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.Equal(t, want, rows[0].Group[0], filter)
	}
	f, err := r.ForTenant("south").Finance(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, f.NewCustomers)
}
