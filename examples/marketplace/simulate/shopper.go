package simulate

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

var (
	canBuy    = regexp.MustCompile(`name="product_id" value="(\d+)"><input type="hidden" name="quantity" value="1"`)
	product   = regexp.MustCompile(`href="(/products/\d+)"`)
	formKey   = regexp.MustCompile(`name="key" value="([^"]+)"`)
	formPhone = regexp.MustCompile(`name="phone"[^>]* value="([^"]*)"`)
	refund    = regexp.MustCompile(`action="(/orders/\d+/refund)"`)
	refundOf  = regexp.MustCompile(`action="/orders/\d+/refund"><input type="hidden" name="product_id" value="(\d+)"`)
	rating    = regexp.MustCompile(`action="(/orders/\d+/rating)"`)
	cancelIt  = regexp.MustCompile(`action="(/orders/\d+/cancel)"`)
	doneOrder = regexp.MustCompile(`href="(/orders/\d+)">\d+</a></th><td>[^<]*</td><td><span class="state delivered"`)
	anyOrder  = regexp.MustCompile(`href="(/orders/\d+)"`)
)

var (
	searches   = []string{"water", "wine", "pizza", "candle", "ice", "bread", "soap", "juice"}
	categories = []string{"drinks", "food", "party", "care"}
	payMethods = []string{"card", "card", "card", "card", "card", "card", "wallet", "wallet", "paypal", "bank_transfer"}
)

// shop is one visit of a shopper, from the front page to the order.
func (a *actor) shop(ctx context.Context) error {
	v, err := a.visitor()
	if err != nil {
		return err
	}
	// Some clients come often, as in the past that was seeded.
	client := a.s.c.Clients[int(float64(len(a.s.c.Clients))*math.Pow(a.rand.Float64(), 1.6))]
	switch {
	case !a.chance(.01):
		err = v.signIn(ctx, client)
	case a.chance(.4): // a friend's link
		err = v.signUp(ctx, client)
	default:
		err = v.signUp(ctx, 0)
	}
	if err != nil {
		return err
	}
	if err := v.view(ctx, "/", "/{$}"); err != nil {
		return err
	}
	a.pause(ctx, time.Second)
	for range 1 + a.rand.IntN(2) {
		switch a.rand.IntN(3) {
		case 0:
			err = v.view(ctx, "/?category="+categories[a.rand.IntN(len(categories))], "/{$}")
		case 1:
			err = v.view(ctx, "/?q="+searches[a.rand.IntN(len(searches))], "/{$}")
		default:
			if links := v.find(product); len(links) > 0 {
				err = v.view(ctx, links[a.rand.IntN(len(links))], "/products/{id}")
			}
		}
		if err != nil {
			return err
		}
		a.pause(ctx, 800*time.Millisecond)
		if err := v.fill(ctx); err != nil {
			return err
		}
	}
	if v.first(formKey) == "" || a.chance(.12) {
		return nil // nothing found, or changed one's mind; the basket stays
	}
	a.pause(ctx, time.Second)
	if err := v.pay(ctx); err != nil {
		return err
	}
	return v.afterwards(ctx)
}

// fill puts one to three of what the page offers in the basket.
func (v *visitor) fill(ctx context.Context) error {
	goods := v.find(canBuy)
	for range 1 + v.rand.IntN(3) {
		if len(goods) == 0 {
			return nil
		}
		if err := v.post(ctx, "/cart/items", "product_id", goods[v.rand.IntN(len(goods))], "quantity", strconv.Itoa(1+v.rand.IntN(2)), "back", "/"); err != nil {
			return err
		}
		v.pause(ctx, 250*time.Millisecond)
	}
	return nil
}

// pay submits the checkout form, and once more if the payment did not go
// through: most people try another way.
func (v *visitor) pay(ctx context.Context) error {
	for range 2 {
		phone := v.first(formPhone)
		if len(phone) < 10 {
			phone = "06 12 34 56 78"
		}
		err := v.post(ctx, "/checkout", "key", v.first(formKey), "phone", phone, "method", payMethods[v.rand.IntN(len(payMethods))])
		if err != nil {
			return err
		}
		if v.status != http.StatusPaymentRequired {
			break
		}
		if v.pause(ctx, time.Second); v.chance(.3) {
			break
		}
	}
	if v.status == http.StatusUnprocessableEntity { // sold out meanwhile
		return v.post(ctx, "/cart/empty")
	}
	return nil
}

// afterwards looks at the orders, cancels a few, and rates or complains about
// one that has arrived.
func (v *visitor) afterwards(ctx context.Context) error {
	if link := v.first(cancelIt); link != "" && v.chance(.01) {
		return v.post(ctx, link) // 409 if a supplier was faster
	}
	v.pause(ctx, time.Second)
	if err := v.view(ctx, "/orders", "/orders"); err != nil {
		return err
	}
	if v.chance(.02) {
		return v.post(ctx, "/invitations")
	}
	links := v.find(doneOrder)
	if len(links) == 0 {
		links = v.find(anyOrder)
	}
	if len(links) == 0 {
		return nil
	}
	v.pause(ctx, 500*time.Millisecond)
	if err := v.view(ctx, links[0], "/orders/{id}"); err != nil {
		return err
	}
	if link := v.first(rating); link != "" && v.chance(.5) {
		score := []string{"10", "9", "9", "10", "8", "9", "7", "8", "10", "6", "9", "3"}[v.rand.IntN(12)]
		if err := v.post(ctx, link, "score", score, "comment", ""); err != nil {
			return err
		}
	}
	if link := v.first(refund); link != "" && v.chance(.03) {
		return v.post(ctx, link, "product_id", v.first(refundOf))
	}
	return nil
}
