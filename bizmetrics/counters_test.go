package bizmetrics

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

func registry(t *testing.T, now *clock) *metric.Registry {
	t.Helper()
	reg, err := metric.NewRegistry(metric.Config{Manual: true, Now: now.now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, reg.Close(context.Background())) })
	return reg
}

func TestPaymentSuccessReadsRightAfterTheRecords(t *testing.T) {
	now := newClock(time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC))
	reg := registry(t, now)
	r := open(t, Config{Now: now.now, Registry: reg})
	pay := func(n int, p Payment) {
		for range n {
			p.ID = fmt.Sprint(counted(r, "business.payments"))
			p.Amount = eur(1)
			recordAny(t, r, p)
			recordAny(t, r, p) // delivered twice
		}
	}
	pay(15, Payment{Method: "card", Succeeded: true})
	pay(4, Payment{Method: "card"})
	pay(50, Payment{Method: "card", Declined: true})
	reg.Sample(now.now())
	_, err := reg.Read("payment_success")
	require.ErrorIs(t, err, metric.ErrNoData, "19 of at least 20")
	pay(1, Payment{Method: "sepa", Succeeded: true})
	now.set(now.now().Add(10 * time.Second))
	reg.Sample(now.now())
	got, err := reg.Read("payment_success")
	require.NoError(t, err)
	assert.InDelta(t, 80, got[0].Value, 1e-9)
	assert.EqualValues(t, 20, got[0].Samples)
}

func TestCountersSayWhatWasRecorded(t *testing.T) {
	r := open(t, Config{})
	recordAny(t, r, Order{ID: "a", Total: eur(100)})
	recordAny(t, r, Order{ID: "a", Total: eur(100)})
	recordAny(t, r, Order{ID: "a", Total: eur(200)})
	recordAny(t, r, Order{ID: "a", Status: Cancelled})
	recordAny(t, r, Payment{ID: "p", Amount: eur(1), Declined: true})
	for _, tc := range []struct {
		name   string
		values []string
		want   float64
	}{
		{"business.orders", []string{"placed"}, 1},
		{"business.orders", []string{"cancelled"}, 1},
		{"business.revenue", []string{"EUR"}, 100},
		{"business.payments", []string{"declined", "unknown"}, 1},
		{"business.events", []string{"order", "stored"}, 2},
		{"business.events", []string{"order", "duplicate"}, 1},
		{"business.events", []string{"order", "conflict"}, 1},
	} {
		assert.InDelta(t, tc.want, counted(r, tc.name, tc.values...), 0, "%s %v", tc.name, tc.values)
	}
}

func TestThePastIsInReportsNotInLiveRates(t *testing.T) {
	r := open(t, Config{})
	for i, age := range []time.Duration{0, 59 * time.Minute, 61 * time.Minute, 20 * 24 * time.Hour} {
		recordAny(t, r, Order{ID: fmt.Sprint(i), Total: eur(100), At: r.cfg.Now().Add(-age)})
	}
	assert.InDelta(t, 2, counted(r, "business.orders", "placed"), 0)
	require.NoError(t, r.Sync(t.Context()))
	rows, err := r.Query(t.Context(), Query{Metric: "orders", From: r.cfg.Now().AddDate(0, 0, -30), To: r.cfg.Now().Add(time.Second)})
	require.NoError(t, err)
	var orders int64
	for _, row := range rows {
		orders += row.Count
	}
	assert.EqualValues(t, 4, orders)
}

func TestMethodsAreBounded(t *testing.T) {
	r := open(t, Config{})
	for i := range 100 {
		recordAny(t, r, Payment{ID: fmt.Sprint(i), Method: fmt.Sprint("method-", i), Amount: eur(1), Succeeded: true})
	}
	assert.InDelta(t, 50, counted(r, "business.payments", "succeeded", "other"), 0)
	assert.InDelta(t, 100, counted(r, "business.payments"), 0)
}

func TestManyWritersAndReadersAgree(t *testing.T) {
	r := open(t, Config{Currency: "EUR", Dir: t.TempDir()})
	ctx := t.Context()
	var wg sync.WaitGroup
	const writers, each = 8, 500
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				recordAny(t, r, Order{ID: fmt.Sprint((w/2)*each + i), Total: eur(1)}) // each order from two
				if i%100 == 0 {
					assert.NoError(t, r.Sync(ctx))
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range 20 {
				_, err := r.HealthReport(ctx)
				assert.NoError(t, err)
				r.Produce(func(metric.Family) {})
			}
		})
	}
	wg.Wait()
	require.NoError(t, r.Sync(ctx))
	revenue, err := r.Revenue(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, writers/2*each, revenue.Today.Value.Minor)
	assert.InDelta(t, writers/2*each, counted(r, "business.orders"), 0)
}
