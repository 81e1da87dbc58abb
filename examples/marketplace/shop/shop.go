// Package shop holds the rules of DISTRI-NIGHT: what may be bought, how it is
// paid, and what happens to an order until it is at the door.
//
// What happens to the business is told to bizmetrics after the transaction has
// been committed, with the IDs and times of the rows, so that the figures on
// the dashboards equal the tables.
package shop

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/distri-night/monitoring/examples/marketplace/payment"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// Currency of all prices.
const Currency = "EUR"

// DeliveryMinor is what the delivery of a basket costs, in minor units.
const DeliveryMinor = 390

// MaxQuantity is how many of one product fit in a basket.
const MaxQuantity = 20

// errFault is what the "errors on product pages" switch makes.
var errFault = errors.New("price list is unreadable")

// Shop is the service. Safe for concurrent use.
type Shop struct {
	store    *store.Store
	provider *payment.Provider
	zone     *time.Location
	products *cache[int64, store.Product]
	lists    *cache[store.Filter, []int64]

	mu     sync.Mutex
	faults Faults
}

// New returns a shop on a store. A day begins at midnight in zone.
func New(s *store.Store, p *payment.Provider, zone *time.Location) *Shop {
	return &Shop{
		store: s, provider: p, zone: zone,
		products: newCache[int64, store.Product]("products", time.Minute),
		lists:    newCache[store.Filter, []int64]("product_lists", 10*time.Second),
	}
}

// Zone is where the shop is.
func (s *Shop) Zone() *time.Location { return s.zone }

// Today returns when the day of now began.
func (s *Shop) Today(now time.Time) time.Time {
	y, m, d := now.In(s.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.zone)
}

// Recover puts back what a process that died in the middle of a checkout held.
func (s *Shop) Recover(ctx context.Context) (int, error) {
	return s.store.Abandon(ctx, 2*time.Minute)
}
