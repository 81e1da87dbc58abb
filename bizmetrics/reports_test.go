package bizmetrics

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTransactionsCountDeclinedAsFailedButPaymentSuccessDoesNot(t *testing.T) {
	r := open(t, Config{})
	recordAny(t, r, Payment{ID: "1", Method: "card", Amount: eur(1), Succeeded: true})
	recordAny(t, r, Payment{ID: "2", Method: "card", Amount: eur(1), Declined: true})
	recordAny(t, r, Payment{ID: "3", Method: "sepa", Amount: eur(1)})
	recordAny(t, r, Payment{ID: "4", Amount: eur(1), Succeeded: true})
	require.NoError(t, r.Sync(t.Context()))
	tx, err := r.Transactions(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int64{4, 2, 2}, []int64{tx.Total, tx.Succeeded, tx.Failed})
	assert.InDelta(t, 50, tx.SuccessRate, 0)
	assert.Equal(t, map[string]int64{"card": 2, "sepa": 1, "unknown": 1}, tx.ByMethod)
	rows, err := r.Query(t.Context(), Query{Metric: "payment_success"})
	require.NoError(t, err)
	assert.InDelta(t, 200.0/3, rows[0].Value, 1e-9)
}

func TestReportsOfNothingSaySo(t *testing.T) {
	r := open(t, Config{Currency: "EUR"})
	ctx := t.Context()
	tx, err := r.Transactions(ctx)
	require.NoError(t, err)
	assert.True(t, math.IsNaN(tx.SuccessRate))
	assert.Equal(t, eur(0), tx.AverageOrder)
	nps, err := r.NPS(ctx)
	require.NoError(t, err)
	assert.True(t, math.IsNaN(nps.Score) && math.IsNaN(nps.Previous))
	v, err := r.OrderValue(ctx)
	require.NoError(t, err)
	assert.True(t, math.IsNaN(v.Change))
	suppliers, err := r.Suppliers(ctx)
	require.NoError(t, err)
	assert.Empty(t, suppliers)
	h, err := r.HealthReport(ctx)
	require.NoError(t, err)
	assert.Equal(t, "healthy", h.Verdict)
	assert.Empty(t, h.Reasons)
}

func TestOrderValueComparesWithTheMonthBefore(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Now: now.now})
	for i := range 100 {
		recordAny(t, r, Order{ID: fmt.Sprint(i), Total: eur(int64(i + 1))})
	}
	recordAny(t, r, Order{ID: "April", Total: eur(40), At: now.now().AddDate(0, -1, 5)})
	require.NoError(t, r.Sync(t.Context()))
	v, err := r.OrderValue(t.Context())
	require.NoError(t, err)
	trend := v.Trend
	v.Trend = nil
	assert.Equal(t, OrderValue{Mean: eur(51), Median: eur(51), P95: eur(95), Change: 27.5}, v, "5050/100 and (50+51)/2, halves up")
	require.Len(t, trend, 12)
	assert.True(t, math.IsNaN(trend[0].Value), "nobody ordered a year ago")
	assert.Equal(t, "2025-06", trend[0].At.Format("2006-01"))
	assert.Equal(t, []Money{eur(40), eur(51)}, []Money{trend[10].Money, trend[11].Money})
	assert.EqualValues(t, 100, trend[11].Count)
}

func TestSuppliersComeByRevenue(t *testing.T) {
	r := open(t, Config{})
	recordAny(t, r, Order{ID: "1", SupplierID: "small", Total: eur(10)})
	recordAny(t, r, Order{ID: "2", SupplierID: "large", Total: eur(70)})
	recordAny(t, r, Order{ID: "3", SupplierID: "large", Total: eur(70)})
	recordAny(t, r, Refund{ID: "r", OrderID: "3", Amount: eur(70)})
	recordAny(t, r, Order{ID: "4", Total: eur(1000)})
	recordAny(t, r, SupplierResponse{ID: "a", SupplierID: "large", After: 10 * time.Minute, Accepted: true})
	recordAny(t, r, SupplierResponse{ID: "b", SupplierID: "large", After: 20 * time.Minute})
	recordAny(t, r, SupplierResponse{ID: "c", SupplierID: "silent", After: time.Minute})
	recordAny(t, r, Order{ID: "5", SupplierID: "equal", Total: eur(10)})
	recordAny(t, r, SupplierOffer{ID: "1", SupplierID: "small"})
	recordAny(t, r, SupplierOffer{ID: "2", SupplierID: "small"})
	for i := range 4 {
		recordAny(t, r, Delivery{ID: fmt.Sprint(i), SupplierID: "small", Late: i == 0})
	}
	require.NoError(t, r.Sync(t.Context()))
	s, err := r.Suppliers(t.Context())
	require.NoError(t, err)
	require.Len(t, s, 4)
	for i, id := range []string{"large", "equal", "small", "silent"} {
		assert.Equal(t, id, s[i].ID)
		assert.Equal(t, i+1, s[i].Rank)
	}
	assert.Equal(t, eur(70), s[0].Revenue)
	assert.EqualValues(t, 2, s[0].Orders)
	assert.Equal(t, 15*time.Minute, s[0].ResponseTime)
	assert.InDelta(t, 50, s[0].AcceptanceRate, 0)
	assert.True(t, math.IsNaN(s[0].OnTimeRate), "not recorded")
	assert.EqualValues(t, 2, s[0].Responses)
	assert.True(t, math.IsNaN(s[1].AcceptanceRate))
	assert.Equal(t, []int64{2, 4}, []int64{s[2].Offers, s[2].Deliveries})
	assert.InDelta(t, 75, s[2].OnTimeRate, 0)
	assert.Equal(t, eur(0), s[3].Revenue)
}

func TestNPSIsOfThisMonth(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	r := open(t, Config{Now: now.now})
	for i, score := range []int{10, 9, 9, 8, 7, 6, 0} {
		recordAny(t, r, NPS{ID: fmt.Sprint(i), Score: score})
	}
	recordAny(t, r, NPS{ID: "April", Score: 3, At: now.now().AddDate(0, -1, 0)})
	require.NoError(t, r.Sync(t.Context()))
	n, err := r.NPS(t.Context())
	require.NoError(t, err)
	trend := n.Trend
	n.Trend = nil
	assert.Equal(t, NPSReport{Score: 100.0 / 7, Previous: -100, Promoters: 3, Passives: 2, Detractors: 2, Change: 100 + 100.0/7}, n)
	require.Len(t, trend, 12)
	assert.Equal(t, "2026-05", trend[11].At.Format("2006-01"))
	assert.Equal(t, []int64{0, 1, 7}, []int64{trend[9].Count, trend[10].Count, trend[11].Count})
	assert.True(t, math.IsNaN(trend[9].Value), "nobody answered in March")
}

func TestHealthIsJudgedByEvidenceNotByChance(t *testing.T) {
	for _, tc := range []struct {
		name    string
		report  HealthReport
		nps     NPSReport
		before  [3]int64
		dropped int64
		failing bool
		want    string
		reason  string
	}{
		{name: "well", report: HealthReport{Transactions: Transactions{Total: 1000, Succeeded: 995, Failed: 5}}, want: "healthy"},
		{name: "one of one failed", report: HealthReport{Transactions: Transactions{Total: 1, Failed: 1}}, want: "healthy"},
		{name: "4 of 100 failed", report: HealthReport{Transactions: Transactions{Total: 100, Succeeded: 96, Failed: 4}}, want: "healthy"},
		{name: "20 of 100 failed", report: HealthReport{Transactions: Transactions{Total: 100, Succeeded: 80, Failed: 20}}, want: "critical", reason: "80.0 % of payments"},
		{name: "20 of 100 declined", report: HealthReport{Transactions: Transactions{Total: 100, Succeeded: 80, Failed: 20, Declined: 20}}, want: "healthy"},
		{name: "hovering at 1.1 %", report: HealthReport{Transactions: Transactions{Total: 1000, Succeeded: 989, Failed: 11}}, want: "healthy"},
		{name: "revenue halved", report: HealthReport{Revenue: Revenue{Week: Span{Change: -51}}}, before: [3]int64{0, 20, 0}, want: "degraded", reason: "this week"},
		{name: "revenue halved from few orders", report: HealthReport{Revenue: Revenue{Week: Span{Change: -51}}}, before: [3]int64{0, 19, 0}, want: "healthy"},
		{name: "no revenue before", report: HealthReport{Revenue: Revenue{Today: Span{Change: math.NaN()}}}, before: [3]int64{99, 99, 99}, want: "healthy"},
		{name: "unhappy", nps: NPSReport{Score: -10, Passives: 18, Detractors: 2}, want: "degraded", reason: "NPS"},
		{name: "unhappy few", nps: NPSReport{Score: -100, Detractors: 3}, want: "healthy"},
		{name: "short of events", dropped: 3, want: "degraded", reason: "3 events"},
		{name: "disk full", failing: true, want: "degraded", reason: "cannot be stored"},
		{name: "critical stays", report: HealthReport{Transactions: Transactions{Total: 100, Failed: 100}}, dropped: 3, want: "critical", reason: "3 events"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.report.judge(tc.nps, tc.before, tc.dropped, tc.failing)
			assert.Equal(t, tc.want, tc.report.Verdict)
			assert.Contains(t, strings.Join(tc.report.Reasons, "; "), tc.reason)
			assert.Equal(t, tc.want == "healthy", len(tc.report.Reasons) == 0)
		})
	}
}
