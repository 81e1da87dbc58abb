package bizmetrics

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A small business, worked out by hand: today is the 10th of March.
func business(t *testing.T, dir string) *Recorder {
	now := newClock(time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Now: now.now, Dir: dir})
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 9, 0, 0, 0, time.UTC) }
	order := func(id, customer string, minor int64, at time.Time) {
		recordAny(t, r, Order{ID: id, CustomerID: customer, SupplierID: "s-" + id, Total: eur(minor), At: at})
	}
	order("1", "ada", 10_000, day(2, 3))
	order("2", "bob", 20_000, day(2, 5))
	order("3", "cy", 4_000, day(2, 20))
	order("4", "dee", 6_000, day(2, 27))
	order("5", "ada", 3_000, day(3, 2))
	order("6", "eve", 5_000, day(3, 4))
	order("7", "fay", 7_000, day(3, 10))
	recordAny(t, r, Refund{ID: "r", OrderID: "6", Amount: eur(1_000), At: day(3, 5)})
	for i, goods := range map[string]int64{"5": 1_000, "6": 2_000} {
		recordAny(t, r, Cost{ID: i, Kind: GoodsCost, OrderID: i, Amount: eur(goods), At: day(3, 5)})
	}
	recordAny(t, r, Cost{ID: "ads", Kind: AcquisitionCost, Channel: "ads", Amount: eur(3_000), At: day(3, 1)})
	for i, u := range []struct {
		user, by string
		at       time.Time
	}{{"ada", "", day(2, 1)}, {"bob", "ada", day(2, 4)}, {"eve", "ada", day(3, 3)}, {"fay", "", day(3, 9)}, {"gil", "eve", day(3, 10)}} {
		recordAny(t, r, UserEvent{ID: fmt.Sprint(i), UserID: u.user, Action: SignedUp, ReferredBy: u.by, At: u.at})
	}
	recordAny(t, r, UserEvent{ID: "i", UserID: "ada", Action: Invited, At: day(3, 1)})
	recordAny(t, r, UserEvent{ID: "a", UserID: "ada", Action: Active, At: day(3, 10)})
	for i, user := range []string{"ada", "ada", "eve"} {
		recordAny(t, r, FeatureUse{ID: fmt.Sprint(i), UserID: user, Feature: "search", At: day(3, 6)})
	}
	require.NoError(t, r.Sync(t.Context()))
	return r
}

func TestProductIsWorkedOutAsItsDefinitionsSay(t *testing.T) {
	r := business(t, "")
	p, err := r.Product(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 3, p.Signups, "eve, fay, gil")
	assert.InDelta(t, 50, p.Growth, 1e-9, "two by the 10th of February")
	assert.Equal(t, []int64{3, 4, 6}, []int64{p.DAU, p.WAU, p.MAU}, "fay, gil, ada; with eve; all but bob")
	assert.InDelta(t, 50, p.Stickiness, 1e-9)
	assert.Equal(t, []int64{1, 2}, []int64{p.Invitations, p.Referred})
	assert.InDelta(t, 2.0/6, p.ViralCoefficient, 1e-9)
	require.Len(t, p.Features, 1)
	assert.Equal(t, Adoption{Feature: "search", Users: 2, Uses: 3, Share: 100.0 / 3}, p.Features[0])
	assert.True(t, math.IsNaN(p.Churn), "nobody ordered in January")
	require.Len(t, p.Cohorts, 2)
	assert.Equal(t, Cohort{Month: "2026-02", Customers: 4, Retained: []float64{100, 25}}, p.Cohorts[0])
	assert.Equal(t, Cohort{Month: "2026-03", Customers: 2, Retained: []float64{100}}, p.Cohorts[1])
}

func TestARestartKeepsEveryKindOfEvent(t *testing.T) {
	dir := t.TempDir()
	r := business(t, dir)
	p, err := r.Product(t.Context())
	require.NoError(t, err)
	f, err := r.Finance(t.Context())
	require.NoError(t, err)
	c := r.cfg
	require.NoError(t, r.Close(t.Context()))
	c.Registry = nil
	again := open(t, c)
	p2, err := again.Product(t.Context())
	require.NoError(t, err)
	f2, err := again.Finance(t.Context())
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(p, f), fmt.Sprint(p2, f2))
}

func TestFinanceIsWorkedOutAsItsDefinitionsSay(t *testing.T) {
	r := business(t, "")
	f, err := r.Finance(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(14_000), f.Revenue)
	assert.Equal(t, eur(3_000), f.CostOfGoods)
	assert.Equal(t, eur(0), f.Commission)
	assert.Equal(t, eur(11_000), f.Contribution, "no commission is recorded: revenue less the cost of goods")
	assert.EqualValues(t, 2, f.NewCustomers)
	assert.Equal(t, eur(1_500), f.CAC)
	assert.Equal(t, eur(8_500), f.LTVHistoric, "(54,000 - 3,000) / 6")
	assert.Equal(t, eur(0), f.LTVPredicted, "no churn is known")
	assert.InDelta(t, 8_500.0/1_500, f.LTVToCAC, 1e-9)
	require.Len(t, f.BySupplier, 3)
	assert.Equal(t, "s-7", f.BySupplier[0].Name)
	assert.InDelta(t, 50, f.BySupplier[0].Percent, 1e-9)
	require.Len(t, f.Cohorts, 2)
	assert.Equal(t, CohortProfit{
		Month: "2026-03", Customers: 2, Revenue: eur(11_000), CostOfGoods: eur(2_000), Commission: eur(0), AcquisitionCost: eur(3_000), Profit: eur(6_000),
	}, f.Cohorts[1])
}

func TestTheMarginalCaseOfNoEventsHasNoFigures(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	p, err := r.Product(t.Context())
	require.NoError(t, err)
	for _, v := range []float64{p.Growth, p.Stickiness, p.ViralCoefficient, p.Churn} {
		assert.True(t, math.IsNaN(v))
	}
	f, err := r.Finance(t.Context())
	require.NoError(t, err)
	assert.True(t, math.IsNaN(f.LTVToCAC))
	assert.Empty(t, f.Cohorts)
	var none *Recorder
	_, err = none.Product(t.Context())
	require.ErrorIs(t, err, ErrNotInitialized)
	_, err = none.Finance(t.Context())
	require.ErrorIs(t, err, ErrNotInitialized)
}

func TestChurnIsOfTheLastWholeMonth(t *testing.T) {
	now := newClock(time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Currency: "EUR", Now: now.now})
	for i, o := range []struct {
		customer string
		at       time.Time
	}{
		{"ada", now.now().AddDate(0, 0, -35)}, {"bob", now.now().AddDate(0, 0, -34)}, // December
		{"ada", now.now().AddDate(0, 0, -20)}, {"cy", now.now().AddDate(0, 0, -10)}, // January
	} {
		recordAny(t, r, Order{ID: fmt.Sprint(i), CustomerID: o.customer, Total: eur(1_000), At: o.at})
	}
	require.NoError(t, r.Sync(t.Context()))
	p, err := r.Product(t.Context())
	require.NoError(t, err)
	assert.InDelta(t, 50, p.Churn, 1e-9, "bob left")
	f, err := r.Finance(t.Context())
	require.NoError(t, err)
	assert.Equal(t, eur(2_000), f.LTVPredicted, "1,000 a customer a month, each stays two")
}
