package bizmetrics

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

func BenchmarkRecordOrder(b *testing.B) {
	for _, dir := range []string{"", "journal"} {
		b.Run("dir="+dir, func(b *testing.B) {
			c := Config{Currency: "EUR", Queue: 1 << 30}
			if dir != "" {
				c.Dir = b.TempDir()
			}
			r := open(b, c)
			ids := make([]string, b.N)
			for i := range ids {
				ids[i] = strconv.Itoa(i)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				_ = r.RecordOrder(b.Context(), Order{ID: ids[i], CustomerID: "c", SupplierID: "s", Total: eur(1999)})
			}
		})
	}
}

// monthOfEvents is a Recorder with so many events of this month: of 200
// suppliers, 100,000 customers, 3 tenants and 3 currencies.
func monthOfEvents(b testing.TB, events int) *Recorder {
	now := newClock(time.Date(2026, 5, 31, 23, 0, 0, 0, time.UTC))
	r := open(b, Config{Currency: "EUR", Convert: testConvert, Now: now.now, Queue: 1 << 21})
	currencies := []string{"EUR", "EUR", "JPY", "KWD"}
	for i := range events {
		id, n := strconv.Itoa(i), i*7919
		at := now.now().Add(-time.Duration(i) * (30 * wholeDay / time.Duration(events)))
		customer, supplier, tenant := strconv.Itoa(n%100_000), strconv.Itoa(n%200), []string{"", "north", "south", "west"}[n%4]
		money := Money{Minor: int64(n%90_000 + 100), Currency: currencies[n%5%4]}
		var err error
		switch i % 10 {
		default:
			err = r.RecordOrder(b.Context(), Order{ID: id, CustomerID: customer, SupplierID: supplier, Total: money, Tenant: tenant, At: at})
		case 5, 6:
			err = r.RecordPayment(b.Context(), Payment{ID: id, OrderID: strconv.Itoa(i - 5), Method: []string{"card", "sepa", "invoice"}[n%3], Amount: money, Succeeded: n%20 != 0, Tenant: tenant, At: at})
		case 7:
			err = r.RecordSupplierResponse(b.Context(), SupplierResponse{ID: id, SupplierID: supplier, After: time.Duration(n%1e9) * 1000, Accepted: n%3 == 0, Tenant: tenant, At: at})
		case 8:
			err = r.RecordFeature(b.Context(), FeatureUse{ID: id, UserID: customer, Feature: []string{"search", "cart", "chat"}[n%3], Tenant: tenant, At: at})
		case 9:
			err = r.RecordCost(b.Context(), Cost{ID: id, Kind: GoodsCost, OrderID: strconv.Itoa(i - 9), Amount: money, Tenant: tenant, At: at})
		}
		require.NoError(b, err)
	}
	require.NoError(b, r.Sync(b.Context()))
	return r
}

var reports = []struct {
	name string
	run  func(context.Context, *Recorder) error
}{
	{"Revenue", func(ctx context.Context, r *Recorder) error { _, err := r.Revenue(ctx); return err }},
	{"Transactions", func(ctx context.Context, r *Recorder) error { _, err := r.Transactions(ctx); return err }},
	{"OrderValue", func(ctx context.Context, r *Recorder) error { _, err := r.OrderValue(ctx); return err }},
	{"Suppliers", func(ctx context.Context, r *Recorder) error { _, err := r.Suppliers(ctx); return err }},
	{"NPS", func(ctx context.Context, r *Recorder) error { _, err := r.NPS(ctx); return err }},
	{"Product", func(ctx context.Context, r *Recorder) error { _, err := r.Product(ctx); return err }},
	{"Finance", func(ctx context.Context, r *Recorder) error { _, err := r.Finance(ctx); return err }},
	{"HealthReport", func(ctx context.Context, r *Recorder) error { _, err := r.HealthReport(ctx); return err }},
}

func BenchmarkReports(b *testing.B) {
	for _, events := range []int{10_000, 1_000_000} {
		r := monthOfEvents(b, events)
		for tenant, of := range map[string]*Recorder{"all": r, "one": r.ForTenant("north")} {
			for _, report := range reports {
				b.Run(fmt.Sprintf("%s/tenant=%s/events=%d", report.name, tenant, events), func(b *testing.B) {
					for b.Loop() {
						if err := report.run(b.Context(), of); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
		now := r.now()
		b.Run(fmt.Sprintf("HourlyMonth/events=%d", events), func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Query(b.Context(), Query{Metric: "revenue", From: now.AddDate(0, 0, -30), To: now, Step: time.Hour}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What an event costs once it is off the queue, and the memory it stays in.
func BenchmarkTakeIn(b *testing.B) {
	r := monthOfEvents(b, 10)
	events := make([]*ledger.Record, 0, b.N)
	now := r.now()
	for i := range b.N {
		at := now.Add(-time.Duration(b.N-i) * (30 * wholeDay / time.Duration(b.N)))
		record := Order{
			ID: strconv.Itoa(i), CustomerID: strconv.Itoa(i * 7919 % 100_000), SupplierID: strconv.Itoa(i % 200), Total: eur(int64(i%90_000 + 100)), Tenant: "north",
		}.record()
		record.At, record.Arrived, record.Value, record.Base = at.UnixMicro(), at.UnixMicro(), record.Amount.Minor, "EUR"
		events = append(events, &record)
	}
	m := newMemory(ledger.Calendar{})
	b.ReportAllocs()
	b.ResetTimer()
	for len(events) > 0 {
		n := min(len(events), 1000)
		m.put(events[:n])
		events = events[n:]
	}
}
