package seed

import (
	"math"
	"time"
)

const (
	firstOrder    = 60001
	deliveryMinor = 390
)

// hours is how busy each hour of a day is; the shop lives at night.
var hours = [24]float64{9, 7, 5, 3, 1, .5, .5, 1, 1.5, 2, 2, 3, 4, 3, 2, 2, 3, 4, 6, 8, 9, 10, 10, 10}

// weekdays is how busy each day is, Sunday first.
var weekdays = [7]float64{.95, .8, .82, .9, 1, 1.35, 1.4}

var methods = []struct {
	name  string
	share float64
}{{"card", .58}, {"wallet", .24}, {"paypal", .13}, {"bank_transfer", .05}}

// tables collects the rows of the past, to be copied table by table.
type tables struct {
	orders, items, offers, deliveries, payments, refunds, ratings, invitations, advertising [][]any
}

// past makes the orders of the last days, up to now. What would have happened
// after now has not happened: those orders are still open.
func (f *filler) past() error {
	t := &tables{}
	midnight := f.now.In(f.opt.Zone)
	midnight = time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 0, 0, 0, 0, f.opt.Zone)
	var busy float64
	for _, h := range hours {
		busy += h
	}
	for day := f.opt.Days - 1; day >= 0; day-- {
		start := midnight.AddDate(0, 0, -day)
		f.advertise(t, start)
		growth := 1 - .004*float64(day) // the shop is a little busier every day
		for hour, share := range hours {
			mean := float64(f.opt.OrdersPerDay) * growth * weekdays[start.Weekday()] * share / busy
			for range int(mean + f.rand.Float64()) {
				at := start.Add(time.Duration(hour)*time.Hour + time.Duration(f.rand.Int64N(int64(time.Hour)))).Truncate(time.Microsecond)
				if at.Before(f.now) {
					f.order(t, at)
				}
			}
		}
	}
	for _, c := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"orders", []string{"id", "customer_id", "supplier_id", "status", "total_minor", "delivery_minor", "commission_minor", "placed_at", "confirmed_at", "cancelled_at", "cancel_reason"}, t.orders},
		{"order_items", []string{"order_id", "product_id", "name", "quantity", "price_minor"}, t.items},
		{"offers", []string{"id", "order_id", "supplier_id", "published_at", "answered_at", "accepted"}, t.offers},
		{"deliveries", []string{"order_id", "due_at", "picked_up_at", "delivered_at"}, t.deliveries},
		{"payments", []string{"id", "order_id", "method", "amount_minor", "status", "reason", "at"}, t.payments},
		{"refunds", []string{"id", "order_id", "product_id", "amount_minor", "at"}, t.refunds},
		{"ratings", []string{"id", "order_id", "user_id", "score", "comment", "at"}, t.ratings},
		{"invitations", []string{"id", "user_id", "at"}, t.invitations},
		{"advertising", []string{"id", "channel", "amount_minor", "at"}, t.advertising},
	} {
		if err := f.copy(c.table, c.columns, c.rows); err != nil {
			return err
		}
	}
	return nil
}

// order makes one order of one supplier with all that followed it.
func (f *filler) order(t *tables, at time.Time) {
	id := int64(firstOrder + len(t.orders))
	customer := int64(1 + int(float64(f.opt.Clients)*math.Pow(f.rand.Float64(), 1.6))) // some come often
	if !f.joined[customer-1].Before(at) {
		customer = f.rand.Int64N(int64(f.early)) + 1 // not there yet
	}
	first := goods[f.rand.IntN(len(goods))]
	supplier := supplierID(first.supplier)
	total := int64(deliveryMinor)
	var firstProduct, firstAmount int64
	for i, g := range goods {
		if g.supplier != first.supplier || (g.name != first.name && f.rand.Float64() > .45) {
			continue
		}
		quantity := 1 + f.rand.IntN(3)
		amount := g.price * int64(quantity)
		total += amount
		if firstProduct == 0 {
			firstProduct, firstAmount = int64(i+1), amount
		}
		t.items = append(t.items, []any{id, int64(i + 1), g.name, int32(quantity), g.price})
	}
	f.payment(t, id, total, at)

	answered := at.Add(f.logNormal(95*time.Second, .6))
	pickedUp := answered.Add(f.logNormal(9*time.Minute, .3))
	delivered := pickedUp.Add(f.logNormal(14*time.Minute, .3))
	accepted := f.rand.Float64() < .955
	status, confirmedAt, cancelledAt, reason := "placed", any(nil), any(nil), ""
	offer := []any{int64(len(t.offers) + 1), id, supplier, at, nil, nil}
	if answered.Before(f.now) {
		offer[4], offer[5] = answered, accepted
		if accepted {
			status, confirmedAt = "confirmed", answered
			d := []any{id, answered.Add(30 * time.Minute), nil, nil}
			if pickedUp.Before(f.now) {
				status, d[2] = "on_its_way", pickedUp
			}
			if delivered.Before(f.now) {
				status, d[3] = "delivered", delivered
				f.after(t, id, customer, firstProduct, firstAmount, delivered)
			}
			t.deliveries = append(t.deliveries, d)
		} else {
			status, cancelledAt, reason = "cancelled", answered, "declined by the supplier"
		}
	}
	t.offers = append(t.offers, offer)
	commission := int64(math.Round(float64((total-deliveryMinor)*commissionBPS(supplier)) / 10000))
	t.orders = append(t.orders, []any{id, customer, supplier, status, total, int64(deliveryMinor), commission, at, confirmedAt, cancelledAt, reason})
}

// payment pays an order, now and then after an attempt that did not go through.
func (f *filler) payment(t *tables, order, total int64, at time.Time) {
	method, x := methods[0].name, f.rand.Float64()
	for _, m := range methods {
		if method = m.name; x < m.share {
			break
		}
		x -= m.share
	}
	add := func(order any, status, reason string, at time.Time) {
		t.payments = append(t.payments, []any{int64(len(t.payments) + 1), order, method, total, status, reason, at})
	}
	switch x := f.rand.Float64(); {
	case x < .003:
		add(nil, "failed", "provider_unavailable", at.Add(-40*time.Second))
	case x < .03:
		add(nil, "declined", "insufficient_funds", at.Add(-40*time.Second))
	}
	add(order, "succeeded", "", at)
}

// after is what some customers do once the goods are there.
func (f *filler) after(t *tables, order, customer, product, amount int64, delivered time.Time) {
	if at := delivered.Add(f.logNormal(30*time.Minute, .5)); f.rand.Float64() < .015 && at.Before(f.now) {
		t.refunds = append(t.refunds, []any{int64(len(t.refunds) + 1), order, product, amount, at})
	}
	if at := delivered.Add(f.logNormal(time.Hour, .5)); f.rand.Float64() < .02 && at.Before(f.now) {
		t.invitations = append(t.invitations, []any{int64(len(t.invitations) + 1), customer, at})
	}
	if at := delivered.Add(f.logNormal(20*time.Minute, .5)); f.rand.Float64() < .15 && at.Before(f.now) {
		score := []int32{10, 9, 9, 10, 8, 9, 7, 8, 10, 6, 9, 8, 3, 9, 10, 5}[f.rand.IntN(16)]
		t.ratings = append(t.ratings, []any{int64(len(t.ratings) + 1), order, customer, score, "", at})
	}
}

// advertise spends the day's money, at noon.
func (f *filler) advertise(t *tables, midnight time.Time) {
	at := midnight.Add(12 * time.Hour)
	if !at.Before(f.now) {
		return
	}
	for _, c := range []struct {
		name  string
		minor float64
	}{{"search", 90_00}, {"social", 60_00}, {"posters", 25_00}} {
		spent := int64(c.minor * (.8 + .4*f.rand.Float64()))
		t.advertising = append(t.advertising, []any{int64(len(t.advertising) + 1), c.name, spent, at})
	}
}

func (f *filler) logNormal(median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*f.rand.NormFloat64())).Truncate(time.Microsecond)
}
