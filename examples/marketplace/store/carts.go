package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// CartItem is one line of a basket.
type CartItem struct {
	ProductID  int64
	SupplierID int64
	Supplier   string
	Name       string
	Quantity   int
	PriceMinor int64
	Minutes    int
	Stock      int
}

// Cart returns a user's basket in the order in which it was filled.
func (s *Store) Cart(ctx context.Context, userID int64) ([]CartItem, error) {
	items, err := cart(ctx, s.pool, userID)
	if err != nil {
		return nil, fmt.Errorf("read the basket: %w", err)
	}
	return items, nil
}

func cart(ctx context.Context, q querier, userID int64) ([]CartItem, error) {
	return queryAll[CartItem](ctx, q, `select p.id, p.supplier_id, s.name, p.name, c.quantity, p.price_minor, p.minutes, p.stock
		from shop.cart_items c join shop.products p on p.id = c.product_id join shop.suppliers s on s.id = p.supplier_id
		where c.user_id = $1 order by c.added_at, p.id`, userID)
}

// SetCart sets how many of a product are in a basket; 0 takes it out.
// ErrStock if there are not that many, ErrNotFound if there is no such product.
func (s *Store) SetCart(ctx context.Context, userID, productID int64, quantity int) error {
	if quantity == 0 {
		_, err := s.pool.Exec(ctx, "delete from shop.cart_items where user_id = $1 and product_id = $2", userID, productID)
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		stock, err := queryValue[int](ctx, tx, "select stock from shop.products where id = $1", productID)
		if err != nil {
			return err
		}
		if stock < quantity {
			return ErrStock
		}
		_, err = tx.Exec(ctx, `insert into shop.cart_items (user_id, product_id, quantity) values ($1, $2, $3)
			on conflict (user_id, product_id) do update set quantity = excluded.quantity`, userID, productID, quantity)
		return err
	})
}

// EmptyCart takes everything out of a basket.
func (s *Store) EmptyCart(ctx context.Context, userID int64) error {
	_, err := s.pool.Exec(ctx, "delete from shop.cart_items where user_id = $1", userID)
	return err
}
