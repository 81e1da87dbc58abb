package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/pgtest"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
)

// open starts a shop on an empty database, quiet unless shoppers are asked for.
func open(t *testing.T, shoppers int) *app {
	return openOn(t, pgtest.Schema(t), shoppers)
}

func openOn(t *testing.T, database string, shoppers int) *app {
	a, err := start(t.Context(), options{addr: "127.0.0.1:0", database: database, shoppers: shoppers, days: 1, seed: 1, speed: 10})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.stop()) }) // may come twice
	return a
}

// faults switches on what the pairs name; all else is off.
func faults(t *testing.T, admin *browser, pairs ...string) {
	form := []string{"errors", "0", "slow_query", "0", "fail_payments", "0", "decline_payments", "0", "slow_payments", "0"}
	p := admin.post("/admin/faults", append(form, pairs...)...)
	require.Equal(t, http.StatusSeeOther, p.status, p.body)
}

func count(t *testing.T, a *app, sql string, args ...any) (n int64) {
	require.NoError(t, a.pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

func TestTheShop(t *testing.T) {
	a := open(t, 0)
	client, supplier, admin, stranger := as(t, a, "client"), as(t, a, "supplier"), as(t, a, "admin"), visit(t, a)
	faults(t, admin)

	t.Run("text that the database does not take is no error of the shop", func(t *testing.T) {
		for _, path := range []string{"/?q=%00", "/?q=%ff%fe", "/?q=%zz", "/sign-in?next=%00"} {
			assert.Equal(t, http.StatusBadRequest, stranger.get(path).status, path)
		}
	})

	t.Run("every role has its pages", func(t *testing.T) {
		for _, tc := range []struct {
			who  *browser
			path string
			want string
		}{
			{stranger, "/", "Ice cubes, 2 kg"},
			{stranger, "/?category=party", "Balloons, 25"},
			{stranger, "/?q=pizza", "Pizza with mushrooms"},
			{stranger, "/?q=nothing-like-it", "Nothing found"},
			{stranger, "/?sort=price&page=1", "Previous products"},
			{stranger, "/products/2", "Tonic water, 6 × 20 cl"},
			{stranger, "/sign-in", "Choose a demo user"},
			{client, "/orders", "My orders"},
			{supplier, "/supplier", "Open offers"},
			{admin, "/admin", "Commissions"},
		} {
			p := tc.who.get(tc.path)
			assert.Equal(t, http.StatusOK, p.status, tc.path)
			assert.Contains(t, p.body, tc.want, tc.path)
			assert.Contains(t, p.header.Get("Content-Security-Policy"), "default-src 'self'")
			assert.NotContains(t, p.body, " style=", "nothing inline")
			assert.NotContains(t, p.body, "<script>", "nothing inline")
		}
		assert.Equal(t, "text/css; charset=utf-8", stranger.get("/static/shop.css").header.Get("Content-Type"))
	})

	t.Run("pages are closed to the others", func(t *testing.T) {
		for _, path := range []string{"/orders", "/supplier", "/admin", "/admin/reconcile"} {
			p := stranger.get(path)
			assert.Equal(t, http.StatusSeeOther, p.status, path)
			assert.Contains(t, p.location(), "/sign-in", path)
		}
		assert.Equal(t, http.StatusForbidden, client.get("/admin").status)
		assert.Equal(t, http.StatusForbidden, client.post("/admin/faults", "errors", "100").status)
		assert.Equal(t, http.StatusForbidden, supplier.get("/orders").status)
		assert.Equal(t, http.StatusForbidden, admin.get("/supplier").status)
		others := count(t, a, "select max(id) from shop.orders where customer_id <> 1")
		assert.Equal(t, http.StatusNotFound, client.get(fmt.Sprint("/orders/", others)).status, "another's order")
		for _, path := range []string{"/nowhere", "/orders/x", "/products/999999", "/products/-1"} {
			assert.Equal(t, http.StatusNotFound, client.get(path).status, path)
		}
	})

	t.Run("a form from another site is refused", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/cart/empty", nil)
		require.NoError(t, err)
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		assert.Equal(t, http.StatusForbidden, client.do(req).status)
	})

	t.Run("sign-in takes users that there are", func(t *testing.T) {
		for _, id := range []string{"", "x", "999999"} {
			p := stranger.post("/sign-in", "user_id", id)
			assert.Equal(t, http.StatusUnprocessableEntity, p.status, id)
		}
		b := as(t, a, "client")
		assert.Equal(t, http.StatusSeeOther, b.post("/sign-out").status)
		assert.Equal(t, http.StatusSeeOther, b.get("/orders").status, "signed out")
	})

	t.Run("a basket takes what can be had", func(t *testing.T) {
		for _, quantity := range []string{"-1", "21"} {
			p := client.post("/cart/items", "product_id", "1", "quantity", quantity, "back", "/")
			assert.Equal(t, http.StatusUnprocessableEntity, p.status)
			assert.Contains(t, p.body, "A basket takes 0 to 20 of one product.")
		}
		p := client.post("/cart/items", "product_id", "4", "quantity", "4", "back", "/?category=drinks")
		assert.Equal(t, http.StatusUnprocessableEntity, p.status, "there are three")
		assert.Contains(t, p.body, `id="wrong-4"`, "said at the product")
		assert.Equal(t, http.StatusBadRequest, client.post("/cart/items", "product_id", "x", "quantity", "1").status)
		assert.Equal(t, http.StatusNotFound, client.post("/cart/items", "product_id", "999999", "quantity", "1").status)
		assert.Zero(t, count(t, a, "select count(*) from shop.cart_items where user_id = 1"))
	})

	t.Run("a checkout form with faults says so at its fields", func(t *testing.T) {
		key := client.fill(1, 1, 2, 2)
		p := client.post("/checkout", "key", key, "phone", "06 12 34", "method", "cheque")
		assert.Equal(t, http.StatusUnprocessableEntity, p.status)
		assert.Contains(t, p.body, "A French number has 10 digits. This one has 6.")
		assert.Contains(t, p.body, `value="06 12 34" aria-invalid="true" aria-describedby="wrong-phone"`)
		assert.Contains(t, p.body, "Choose how to pay.")
		assert.Zero(t, count(t, a, "select count(*) from shop.checkouts"))
		assert.Contains(t, p.body, "€26.20", "2 × 8.90 + 4.50 + 3.90")
	})

	t.Run("a payment that fails or is declined is a page with 402", func(t *testing.T) {
		stock := count(t, a, "select stock from shop.products where id = 1")
		paid := count(t, a, "select count(*) from shop.payments where status = 'succeeded'")
		var failedID string
		for fault, want := range map[string]struct{ heading, status string }{
			"fail_payments":    {"Payment did not go through", "failed"},
			"decline_payments": {"Your bank declined the payment", "declined"},
		} {
			faults(t, admin, fault, "100")
			p := client.post("/checkout", "key", client.fill(1, 1), "phone", "0612345678", "method", "wallet")
			assert.Equal(t, http.StatusPaymentRequired, p.status)
			assert.Contains(t, p.body, want.heading)
			if want.status == "failed" {
				failedID = p.header.Get("X-Request-ID")
			}
			assert.Contains(t, p.body, "Pay €26.20", "the basket is as it was")
			assert.Equal(t, int64(1), count(t, a, "select count(*) from shop.payments where checkout_id is not null and order_id is null and status = $1", want.status))
		}
		faults(t, admin)
		issues := a.mon.Errors.Recent()
		require.Len(t, issues, 1, "a bank that declines is no error")
		assert.Equal(t, errortracking.Payment, issues[0].Category)
		assert.Equal(t, "/checkout", issues[0].Route)
		assert.Equal(t, 1, issues[0].Count)
		assert.Equal(t, 1, issues[0].Users)
		assert.Equal(t, failedID, issues[0].CorrelationID)
		assert.Equal(t, stock, count(t, a, "select stock from shop.products where id = 1"), "goods are back")
		assert.Equal(t, paid, count(t, a, "select count(*) from shop.payments where status = 'succeeded'"))
		assert.Zero(t, count(t, a, "select count(*) from shop.orders where checkout_id is not null"))
	})

	t.Run("product pages that break do not hide what became of a payment", func(t *testing.T) {
		key := client.fill()
		faults(t, admin, "errors", "100", "fail_payments", "100")
		p := client.get("/")
		assert.Equal(t, http.StatusInternalServerError, p.status)
		assert.Contains(t, p.body, "It has been reported")
		p = client.post("/checkout", "key", key, "phone", "0612345678", "method", "card")
		assert.Equal(t, http.StatusPaymentRequired, p.status)
		assert.Contains(t, p.body, "Payment did not go through")
		faults(t, admin)
	})

	t.Run("a paid basket is an order for each supplier, once", func(t *testing.T) {
		key := client.fill(1, 1, 2, 2)
		p := client.post("/checkout", "key", key, "phone", "06 12 34 56 78", "method", "card")
		require.Equal(t, http.StatusSeeOther, p.status, p.body)
		assert.Equal(t, "/orders", p.location())
		assert.Equal(t, int64(2), count(t, a, "select count(*) from shop.orders where checkout_id is not null"))
		assert.Equal(t, int64(2620), count(t, a, "select sum(total_minor) from shop.orders where checkout_id is not null"))
		assert.Zero(t, count(t, a, "select count(*) from shop.cart_items where user_id = 1"))

		again := client.post("/checkout", "key", key, "phone", "06 12 34 56 78", "method", "card")
		assert.Equal(t, "/orders", again.location(), "a second click on the button")
		assert.Equal(t, int64(2), count(t, a, "select count(*) from shop.orders where checkout_id is not null"))
	})

	t.Run("an order goes its way", func(t *testing.T) {
		p := client.post("/checkout", "key", client.fill(2, 1), "phone", "0612345678", "method", "paypal")
		order := p.location()
		require.Regexp(t, `^/orders/\d+$`, order)
		id := strings.TrimPrefix(order, "/orders/")
		owner := asUser(t, a, count(t, a, "select u.id from shop.users u join shop.orders o on o.supplier_id = u.supplier_id where o.id = $1", id))
		other := asUser(t, a, count(t, a, "select min(u.id) from shop.users u join shop.orders o on o.supplier_id <> u.supplier_id where o.id = $1", id))

		assert.Equal(t, http.StatusNotFound, other.post("/supplier/offers/"+id+"/accept").status, "another supplier's offer")
		assert.Equal(t, http.StatusConflict, owner.post("/supplier/deliveries/"+id+"/delivered").status, "not yet accepted")
		assert.Equal(t, http.StatusConflict, client.post(order+"/rating", "score", "9").status, "not yet there")
		assert.Contains(t, client.get(order).body, "Waiting for Maison Lumen")

		assert.Equal(t, http.StatusSeeOther, owner.post("/supplier/offers/"+id+"/accept").status)
		assert.Equal(t, http.StatusConflict, owner.post("/supplier/offers/"+id+"/decline").status, "answered")
		assert.Equal(t, http.StatusConflict, client.post(order+"/cancel").status, "too late")
		assert.Contains(t, client.get(order).body, "Accepted by Maison Lumen")
		assert.Equal(t, http.StatusSeeOther, owner.post("/supplier/deliveries/"+id+"/hand-over").status)
		assert.Equal(t, http.StatusSeeOther, owner.post("/supplier/deliveries/"+id+"/delivered").status)

		assert.Equal(t, http.StatusUnprocessableEntity, client.post(order+"/rating", "score", "11").status)
		assert.Equal(t, http.StatusSeeOther, client.post(order+"/rating", "score", "9", "comment", "fast").status)
		assert.Equal(t, http.StatusConflict, client.post(order+"/rating", "score", "0").status, "one answer an order")
		assert.Equal(t, http.StatusSeeOther, client.post(order+"/refund", "product_id", "2").status)
		assert.Equal(t, http.StatusNotFound, client.post(order+"/refund", "product_id", "2").status, "once")
		assert.Equal(t, int64(890), count(t, a, "select sum(amount_minor) from shop.refunds where order_id = $1", id))
	})

	t.Run("what is declined or cancelled goes back to the shelf", func(t *testing.T) {
		stock := count(t, a, "select stock from shop.products where id = 2")
		for _, end := range []string{"decline", "cancel"} {
			order := client.post("/checkout", "key", client.fill(2, 3), "phone", "0612345678", "method", "card").location()
			id := strings.TrimPrefix(order, "/orders/")
			assert.Equal(t, stock-3, count(t, a, "select stock from shop.products where id = 2"))
			if end == "cancel" {
				assert.Equal(t, http.StatusSeeOther, client.post(order+"/cancel").status)
			} else {
				owner := asUser(t, a, count(t, a, "select u.id from shop.users u join shop.orders o on o.supplier_id = u.supplier_id where o.id = $1", id))
				assert.Equal(t, http.StatusSeeOther, owner.post("/supplier/offers/"+id+"/decline").status)
			}
			assert.Contains(t, client.get(order).body, "Your money is on its way back.")
			assert.Equal(t, stock, count(t, a, "select stock from shop.products where id = 2"))
		}
	})

	t.Run("the admin's forms check what is typed", func(t *testing.T) {
		p := admin.post("/admin/faults", "errors", "101", "slow_query", "0", "fail_payments", "0", "decline_payments", "0", "slow_payments", "0")
		assert.Equal(t, http.StatusUnprocessableEntity, p.status)
		assert.Contains(t, p.body, `id="wrong-errors"`)
		assert.Contains(t, p.body, `value="101"`, "what was typed is still there")
		assert.Equal(t, http.StatusUnprocessableEntity, admin.post("/admin/shoppers", "speed", "1000").status)
		assert.Equal(t, http.StatusUnprocessableEntity, admin.post("/admin/shoppers", "running", "maybe").status)
		p = supplier.post("/supplier/products/2/stock", "quantity", "0")
		assert.Equal(t, http.StatusUnprocessableEntity, p.status)
		assert.Contains(t, p.body, "1 to 1000 pieces")
	})

	t.Run("metrics equal the tables to the cent after all that", func(t *testing.T) {
		r := reconcile(t, admin)
		assert.Equal(t, r.Tables, r.Metrics)
		assert.Positive(t, r.Tables.RevenueMinor)
	})
}

func reconcile(t *testing.T, admin *browser) (r shop.Reconciliation) {
	p := admin.get("/admin/reconcile")
	require.Equal(t, http.StatusOK, p.status, p.body)
	require.NoError(t, json.Unmarshal([]byte(p.body), &r))
	return r
}

func TestRevenueEqualsTheTablesWithShoppersPausedAndAfterARestart(t *testing.T) {
	database := pgtest.Schema(t)
	a := openOn(t, database, 8)
	admin := as(t, a, "admin")
	before := reconcile(t, admin)
	faults(t, admin, "fail_payments", "10", "decline_payments", "10")
	time.Sleep(8 * time.Second) // real shoppers at a real shop
	require.Equal(t, http.StatusSeeOther, admin.post("/admin/shoppers", "running", "0").status)

	r := reconcile(t, admin)
	assert.Equal(t, r.Tables, r.Metrics)
	assert.True(t, r.Equal)
	assert.Greater(t, r.Tables.Orders, before.Tables.Orders+10, "the shoppers bought something")
	assert.Less(t, r.Tables.Succeeded, r.Tables.Payments, "and some payments did not go through")
	assert.Equal(t, r.Tables, reconcile(t, admin).Tables, "paused means paused")
	assert.Zero(t, count(t, a, "select count(*) from shop.checkouts where status = 'pending'"))

	require.NoError(t, a.stop())
	again := openOn(t, database, 0)
	r2 := reconcile(t, as(t, again, "admin"))
	assert.Equal(t, r.Tables, r2.Metrics, "what was counted is in the database")
}

func TestBusyShoppersMeetNoError(t *testing.T) {
	a := open(t, 12)
	admin := as(t, a, "admin")
	time.Sleep(4 * time.Second)
	require.Equal(t, http.StatusSeeOther, admin.post("/admin/shoppers", "running", "0").status)
	a.mon.Metrics.Sample(time.Now())
	errors, err := a.mon.Metrics.Read("error_rate")
	require.NoError(t, err)
	require.Len(t, errors, 1)
	assert.Zero(t, errors[0].Value, "%% of %d requests", errors[0].Samples)
	assert.Greater(t, errors[0].Samples, uint64(100))
}
