package bizmetrics

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

func BenchmarkReports(b *testing.B) {
	for _, orders := range []int{10_000, 300_000} {
		now := newClock(time.Date(2026, 5, 31, 23, 0, 0, 0, time.UTC))
		r := open(b, Config{Currency: "EUR", Now: now.now, Queue: 1 << 20})
		for i := range orders {
			at := now.now().Add(-time.Duration(i) * 30 * 24 * time.Hour / time.Duration(orders))
			require.NoError(b, r.RecordOrder(b.Context(), Order{ID: strconv.Itoa(i), CustomerID: strconv.Itoa(i % 5000), SupplierID: strconv.Itoa(i % 50), Total: eur(int64(i%9000 + 100)), At: at}))
		}
		require.NoError(b, r.Sync(b.Context()))
		for name, report := range map[string]func() error{
			"Revenue":      func() error { _, err := r.Revenue(b.Context()); return err },
			"Transactions": func() error { _, err := r.Transactions(b.Context()); return err },
			"OrderValue":   func() error { _, err := r.OrderValue(b.Context()); return err },
			"Suppliers":    func() error { _, err := r.Suppliers(b.Context()); return err },
			"HealthReport": func() error { _, err := r.HealthReport(b.Context()); return err },
			"HourlyMonth": func() error {
				_, err := r.Query(b.Context(), Query{Metric: "revenue", From: now.now().AddDate(0, 0, -30), To: now.now(), Step: time.Hour})
				return err
			},
			"ActiveUsers": func() error {
				_, err := r.Query(b.Context(), Query{Metric: "active_users", From: now.now().AddDate(0, 0, -30), To: now.now()})
				return err
			},
		} {
			b.Run(fmt.Sprintf("%s/orders=%d", name, orders), func(b *testing.B) {
				for b.Loop() {
					if err := report(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
