package seed_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"

	"github.com/distri-night/monitoring/examples/marketplace/seed"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

func TestThePastAddsUp(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), pgtest.Schema(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = store.Open(t.Context(), pool)
	require.NoError(t, err)
	options := seed.Options{Seed: 7, Days: 3, OrdersPerDay: 200, Zone: time.UTC}
	filled, err := seed.Fill(t.Context(), pool, options)
	require.NoError(t, err)
	assert.True(t, filled)
	filled, err = seed.Fill(t.Context(), pool, options)
	require.NoError(t, err)
	assert.False(t, filled, "tables that hold something are left alone")

	value := func(sql string) (n int64) {
		require.NoError(t, pool.QueryRow(t.Context(), sql).Scan(&n), sql)
		return n
	}
	assert.Equal(t, int64(31), value("select count(distinct supplier_id) from shop.products"), "every supplier sells something")
	assert.Greater(t, value("select count(*) from shop.orders"), int64(300))
	for name, sql := range map[string]string{
		"totals are goods and delivery": `select count(*) from shop.orders o where total_minor <> delivery_minor +
			(select sum(quantity * price_minor) from shop.order_items i where i.order_id = o.id)`,
		"every order was paid once": `select count(*) from shop.orders o where 1 <>
			(select count(*) from shop.payments p where p.order_id = o.id and p.status = 'succeeded' and p.amount_minor = o.total_minor)`,
		"commissions are of the goods": `select count(*) from shop.orders o join shop.suppliers s on s.id = o.supplier_id
			where commission_minor <> round((total_minor - delivery_minor) * commission_bps / 10000.0)`,
		"nothing is of the future": `select count(*) from shop.orders o left join shop.deliveries d on d.order_id = o.id
			where greatest(placed_at, confirmed_at, cancelled_at, picked_up_at, delivered_at) > now()`,
		"states follow from times": `select count(*) from shop.orders o left join shop.deliveries d on d.order_id = o.id where status <> case
			when cancelled_at is not null then 'cancelled' when delivered_at is not null then 'delivered'
			when picked_up_at is not null then 'on_its_way' when confirmed_at is not null then 'confirmed' else 'placed' end`,
		"nobody orders before joining":    "select count(*) from shop.orders o join shop.users u on u.id = o.customer_id where o.placed_at <= u.created_at",
		"refunds are of delivered orders": "select count(*) from shop.refunds r join shop.orders o on o.id = r.order_id where o.status <> 'delivered'",
	} {
		assert.Zero(t, value(sql), name)
	}
	assert.Equal(t, value("select max(id) + 1 from shop.orders"), value("select nextval(pg_get_serial_sequence('shop.orders', 'id'))"), "IDs go on")
}
