package e2e

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// count is today's business as one side knows it.
type count struct {
	Revenue   int64 `json:"revenue_minor"`
	Orders    int64 `json:"orders"`
	Payments  int64 `json:"payments"`
	Succeeded int64 `json:"payments_succeeded"`
}

func TestTheDemoServesShopAndDashboardsWithinAMinute(t *testing.T) {
	m := start(t, 4)
	for _, path := range []string{"/", "/monitoring/operations", "/monitoring/executive", "/monitoring/health", "/monitoring/vitals.js"} {
		status, _ := m.get(path)
		assert.Equal(t, 200, status, path)
	}
	assert.Less(t, m.started, 60*time.Second)
}

func TestFiguresEqualTheShopsOwnTablesToTheCent(t *testing.T) {
	m := start(t, 12, "-speed", "10")
	m.signIn("admin")
	time.Sleep(15 * time.Second) // real shoppers at work
	require.Less(t, m.post("/admin/shoppers", url.Values{"running": {"false"}}), 400)

	var got struct {
		From    time.Time `json:"from"`
		To      time.Time `json:"to"`
		Metrics count     `json:"metrics"`
	}
	m.json("/admin/reconcile", &got)
	var want count
	m.sql(`select
		(select coalesce(sum(total_minor), 0) from shop.orders where placed_at >= $1 and placed_at < $2)
		- (select coalesce(sum(total_minor), 0) from shop.orders where cancelled_at >= $1 and cancelled_at < $2)
		- (select coalesce(sum(amount_minor), 0) from shop.refunds where at >= $1 and at < $2),
		(select count(*) from shop.orders where placed_at >= $1 and placed_at < $2),
		(select count(*) from shop.payments where at >= $1 and at < $2),
		(select count(*) from shop.payments where at >= $1 and at < $2 and status = 'succeeded')`,
		[]any{got.From, got.To}, &want.Revenue, &want.Orders, &want.Payments, &want.Succeeded)
	assert.Equal(t, want, got.Metrics)
	assert.Positive(t, want.Orders)
}
