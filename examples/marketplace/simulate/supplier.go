package simulate

import (
	"context"
	"regexp"
	"strings"
	"time"
)

var (
	offer    = regexp.MustCompile(`action="(/supplier/offers/\d+/accept)"`)
	handOver = regexp.MustCompile(`action="(/supplier/deliveries/\d+/hand-over)"`)
	arrived  = regexp.MustCompile(`action="(/supplier/deliveries/\d+/delivered)"`)
	lowStock = regexp.MustCompile(`class="n few">\d+</td>\s*<td class="act"><form method="post" action="(/supplier/products/\d+/stock)"`)
)

// floor goes from supplier to supplier and does what each has to do.
type floor struct {
	*actor
	suppliers []int64
	next      int
	visitors  map[int64]*visitor // stay signed in
}

// round visits the next supplier: answers offers, hands over, delivers, and
// fills the shelf.
func (f *floor) round(ctx context.Context) error {
	f.pause(ctx, 900*time.Millisecond)
	id := f.suppliers[f.next%len(f.suppliers)]
	f.next++
	v := f.visitors[id]
	if v == nil {
		var err error
		if v, err = f.visitor(); err != nil {
			return err
		}
		if err := v.signIn(ctx, id); err != nil {
			return err
		}
		f.visitors[id] = v
	}
	if err := v.view(ctx, "/supplier", "/supplier"); err != nil {
		return err
	}
	if strings.HasPrefix(v.path, "/sign-in") { // the session has gone
		delete(f.visitors, id)
		return nil
	}
	// What the page showed: each post brings a new page.
	offers, parcels, couriers, empty := v.find(offer), v.find(handOver), v.find(arrived), v.find(lowStock)
	for _, link := range offers {
		if f.chance(.04) {
			link = strings.TrimSuffix(link, "accept") + "decline"
		}
		if err := v.post(ctx, link); err != nil {
			return err
		}
	}
	for _, link := range append(parcels, couriers...) {
		if f.chance(.5) { // kitchen and road take a few rounds
			if err := v.post(ctx, link); err != nil {
				return err
			}
		}
	}
	for _, link := range empty {
		if f.chance(.25) {
			if err := v.post(ctx, link, "quantity", "120"); err != nil {
				return err
			}
		}
	}
	return nil
}
