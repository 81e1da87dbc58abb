package shop

import (
	"context"
	"errors"
	"fmt"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// Cart is a basket with its sums.
type Cart struct {
	Items         []store.CartItem
	Count         int
	Suppliers     int
	DeliveryMinor int64 // 0 for an empty basket
	TotalMinor    int64
	Minutes       int // until the slowest supplier is at the door
}

// Cart returns the basket of a user.
func (s *Shop) Cart(ctx context.Context, userID int64) (Cart, error) {
	items, err := s.store.Cart(ctx, userID)
	if err != nil {
		return Cart{}, err
	}
	return sum(items), nil
}

func sum(items []store.CartItem) Cart {
	c := Cart{Items: items}
	suppliers := map[int64]bool{}
	for _, it := range items {
		c.Count += it.Quantity
		c.TotalMinor += it.PriceMinor * int64(it.Quantity)
		c.Minutes = max(c.Minutes, it.Minutes)
		suppliers[it.SupplierID] = true
	}
	c.Suppliers = len(suppliers)
	if len(items) > 0 {
		c.DeliveryMinor = DeliveryMinor
		c.TotalMinor += DeliveryMinor
	}
	return c
}

// SetCart puts quantity of a product in the basket; 0 takes it out. It returns
// [Invalid] for a quantity that cannot be had, store.ErrNotFound for no product.
func (s *Shop) SetCart(ctx context.Context, userID, productID int64, quantity int) error {
	if quantity < 0 || quantity > MaxQuantity {
		return Invalid{"quantity": fmt.Sprintf("A basket takes 0 to %d of one product.", MaxQuantity)}
	}
	err := s.store.SetCart(ctx, userID, productID, quantity)
	if errors.Is(err, store.ErrStock) {
		s.products.drop(productID) // the page showed an old figure
		return Invalid{"quantity": "There are not that many left."}
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("set the basket: %w", err)
	}
	return err
}

// EmptyCart takes everything out of the basket.
func (s *Shop) EmptyCart(ctx context.Context, userID int64) error {
	return s.store.EmptyCart(ctx, userID)
}
