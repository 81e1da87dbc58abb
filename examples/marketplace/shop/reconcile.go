package shop

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// Count is today's business as one side knows it.
type Count struct {
	RevenueMinor int64 `json:"revenue_minor"`
	Orders       int64 `json:"orders"`
	Payments     int64 `json:"payments"`
	Succeeded    int64 `json:"payments_succeeded"`
}

// Reconciliation puts the tables beside what bizmetrics counted. While orders
// come in the two may differ by what is under way; at rest they must not.
type Reconciliation struct {
	Currency string    `json:"currency"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Tables   Count     `json:"tables"`
	Metrics  Count     `json:"metrics"`
	Equal    bool      `json:"equal"`
}

// Reconcile compares today's figures of both sides, after Sync.
func (s *Shop) Reconcile(ctx context.Context, recorder *bizmetrics.Recorder) (Reconciliation, error) {
	if err := recorder.Sync(ctx); err != nil {
		return Reconciliation{}, fmt.Errorf("sync business events: %w", err)
	}
	now := store.Now()
	r := Reconciliation{Currency: Currency, From: s.Today(now), To: now}
	f, err := s.store.Figures(ctx, r.From, now)
	if err != nil {
		return r, fmt.Errorf("figures of the tables: %w", err)
	}
	r.Tables = Count{f.RevenueMinor, f.Orders, f.Payments, f.Succeeded}
	revenue, err := recorder.Revenue(ctx)
	if err != nil {
		return r, fmt.Errorf("revenue: %w", err)
	}
	transactions, err := recorder.Transactions(ctx)
	if err != nil {
		return r, fmt.Errorf("transactions: %w", err)
	}
	orders, err := recorder.Query(ctx, bizmetrics.Query{Metric: "orders", From: r.From, To: now, Filter: map[string]string{"status": string(bizmetrics.Placed)}})
	if err != nil {
		return r, fmt.Errorf("orders: %w", err)
	}
	r.Metrics = Count{RevenueMinor: revenue.Today.Value.Minor, Payments: transactions.Total, Succeeded: transactions.Succeeded}
	for _, row := range orders {
		r.Metrics.Orders += row.Count
	}
	r.Equal = r.Tables == r.Metrics
	return r, nil
}
