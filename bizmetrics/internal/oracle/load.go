package oracle

import (
	"context"
	_ "embed"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
	"github.com/distri-night/monitoring/internal/pgtest"
)

//go:embed schema.sql
var schema string

//go:embed views.sql
var views string

// Oracle knows a workload, and answers from PostgreSQL.
type Oracle struct{ conn *pgx.Conn }

// table is rows for COPY.
type table struct {
	columns []string
	rows    [][]any
}

var columns = map[string][]string{
	"orders":      {"seq", "id", "customer", "supplier", "status", "minor", "currency", "tenant", "at"},
	"refunds":     {"seq", "id", "order_id", "minor", "currency", "tenant", "at"},
	"payments":    {"seq", "id", "order_id", "method", "minor", "currency", "succeeded", "declined", "tenant", "at"},
	"responses":   {"seq", "id", "supplier", "nanoseconds", "accepted", "tenant", "at"},
	"offers":      {"seq", "id", "supplier", "tenant", "at"},
	"deliveries":  {"seq", "id", "supplier", "late", "tenant", "at"},
	"answers":     {"seq", "id", "customer", "score", "tenant", "at"},
	"users":       {"seq", "id", "customer", "action", "referred_by", "tenant", "at"},
	"features":    {"seq", "id", "customer", "feature", "tenant", "at"},
	"costs":       {"seq", "id", "kind", "channel", "order_id", "minor", "currency", "tenant", "at"},
	"commissions": {"seq", "id", "order_id", "supplier", "minor", "currency", "tenant", "at"},
}

// Load fills a database of the test's own with what arrived. Without a server
// the test is skipped.
func Load(t testing.TB, arrivals []workload.Arrival) *Oracle {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, pgtest.Schema(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	o := &Oracle{conn: conn}
	_, err = conn.Exec(ctx, schema)
	require.NoError(t, err, "make the tables")
	tables := map[string]*table{}
	for name, c := range columns {
		tables[name] = &table{columns: c}
	}
	for i, a := range arrivals {
		name, row := rowOf(i, a)
		require.NotEmpty(t, name, "no table for %T", a.Event)
		tables[name].rows = append(tables[name].rows, row)
	}
	for name, of := range tables {
		_, err := conn.CopyFrom(ctx, pgx.Identifier{"arrived_" + name}, of.columns, pgx.CopyFromRows(of.rows))
		require.NoError(t, err, "copy %s", name)
	}
	_, err = conn.Exec(ctx, views)
	require.NoError(t, err, "make the views")
	return o
}

// rowOf is the table and row that keep an arrival.
func rowOf(seq int, a workload.Arrival) (string, []any) {
	at := a.At()
	switch e := a.Event.(type) {
	case bizmetrics.Order:
		status := e.Status
		if status == "" {
			status = bizmetrics.Placed
		}
		return "orders", []any{seq, e.ID, e.CustomerID, e.SupplierID, string(status), e.Total.Minor, e.Total.Currency, e.Tenant, at}
	case bizmetrics.Refund:
		return "refunds", []any{seq, e.ID, e.OrderID, e.Amount.Minor, e.Amount.Currency, e.Tenant, at}
	case bizmetrics.Payment:
		return "payments", []any{seq, e.ID, e.OrderID, e.Method, e.Amount.Minor, e.Amount.Currency, e.Succeeded, e.Declined, e.Tenant, at}
	case bizmetrics.SupplierResponse:
		return "responses", []any{seq, e.ID, e.SupplierID, int64(e.After), e.Accepted, e.Tenant, at}
	case bizmetrics.SupplierOffer:
		return "offers", []any{seq, e.ID, e.SupplierID, e.Tenant, at}
	case bizmetrics.Delivery:
		return "deliveries", []any{seq, e.ID, e.SupplierID, e.Late, e.Tenant, at}
	case bizmetrics.NPS:
		return "answers", []any{seq, e.ID, e.UserID, e.Score, e.Tenant, at}
	case bizmetrics.UserEvent:
		return "users", []any{seq, e.ID, e.UserID, string(e.Action), e.ReferredBy, e.Tenant, at}
	case bizmetrics.FeatureUse:
		return "features", []any{seq, e.ID, e.UserID, e.Feature, e.Tenant, at}
	case bizmetrics.Cost:
		return "costs", []any{seq, e.ID, string(e.Kind), e.Channel, e.OrderID, e.Amount.Minor, e.Amount.Currency, e.Tenant, at}
	case bizmetrics.Commission:
		return "commissions", []any{seq, e.ID, e.OrderID, e.SupplierID, e.Amount.Minor, e.Amount.Currency, e.Tenant, at}
	}
	return "", nil
}
