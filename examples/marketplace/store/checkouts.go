package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/dbmon"
)

// ErrRepeated is returned for a checkout whose key was used before: the form
// was submitted twice.
var ErrRepeated = errors.New("this checkout was submitted before")

// ErrEmpty is returned for a checkout of an empty basket.
var ErrEmpty = errors.New("the basket is empty")

// ErrBusy is returned for a checkout of a basket that is being paid already,
// in another tab.
var ErrBusy = errors.New("the basket is being paid")

// payingFor is how long a basket can be paid for: longer than the provider and
// the settlement may take together.
const payingFor = 30 * time.Second

// Checkout is a basket whose goods are held while it is paid.
type Checkout struct {
	ID         int64
	UserID     int64
	TotalMinor int64
}

// Payment is one answer of the payment provider. OrderID is 0 if nothing was paid.
type Payment struct {
	ID          int64
	OrderID     int64
	Method      string
	AmountMinor int64
	Status      string // "succeeded", "failed", "declined"
	Reason      string
	At          time.Time
}

// Hold takes the basket's goods out of stock and writes a pending checkout of
// them. ErrStock, ErrEmpty, ErrBusy and ErrRepeated leave everything as it was.
func (s *Store) Hold(ctx context.Context, userID int64, key, phone string, deliveryMinor int64) (Checkout, error) {
	return dbmon.TrackQuery(ctx, "checkout_hold", func(ctx context.Context) (Checkout, error) {
		c := Checkout{UserID: userID}
		err := s.inTx(ctx, func(tx pgx.Tx) error {
			// One checkout of a user at a time: two tabs have the same basket.
			if _, err := tx.Exec(ctx, "select from shop.users where id = $1 for no key update", userID); err != nil {
				return err
			}
			used, err := queryValue[bool](ctx, tx, "select exists (select from shop.checkouts where key = $1)", key)
			if err != nil {
				return err
			}
			if used {
				return ErrRepeated
			}
			busy, err := queryValue[bool](ctx, tx, "select exists (select from shop.checkouts where user_id = $1 and status = 'pending' and created_at > $2)", userID, Now().Add(-payingFor))
			if err != nil {
				return err
			}
			if busy {
				return ErrBusy
			}
			items, err := cart(ctx, tx, userID)
			if err != nil {
				return err
			}
			if len(items) == 0 {
				return ErrEmpty
			}
			c.TotalMinor = deliveryMinor
			for _, it := range items {
				c.TotalMinor += it.PriceMinor * int64(it.Quantity)
			}
			rows, err := tx.Query(ctx, `insert into shop.checkouts (key, user_id, status, phone, total_minor, created_at)
				values ($1, $2, 'pending', $3, $4, $5) on conflict (key) do nothing returning id`, key, userID, phone, c.TotalMinor, Now())
			if err != nil {
				return err
			}
			c.ID, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
			if errors.Is(err, pgx.ErrNoRows) {
				return ErrRepeated
			}
			if err != nil {
				return err
			}
			if _, err = tx.Exec(ctx, `insert into shop.checkout_items (checkout_id, product_id, supplier_id, name, quantity, price_minor)
				select $1, p.id, p.supplier_id, p.name, i.quantity, i.price
				from unnest($2::bigint[], $3::int[], $4::bigint[]) i (product_id, quantity, price) join shop.products p on p.id = i.product_id`,
				append([]any{c.ID}, columns(items)...)...); err != nil {
				return err
			}
			return take(ctx, tx, c.ID)
		})
		return c, err
	})
}

// columns are the arrays of product, quantity and price: what the shopper saw
// is what is charged, even if a price changes meanwhile.
func columns(items []CartItem) []any {
	ids, quantities, prices := make([]int64, len(items)), make([]int32, len(items)), make([]int64, len(items))
	for i, it := range items {
		ids[i], quantities[i], prices[i] = it.ProductID, int32(it.Quantity), it.PriceMinor
	}
	return []any{ids, quantities, prices}
}

// take locks the rows in the order of their IDs, so that two checkouts of the
// same goods wait for each other instead of deadlocking.
func take(ctx context.Context, tx pgx.Tx, checkoutID int64) error {
	tag, err := tx.Exec(ctx, `with wanted as (
			select p.id, i.quantity from shop.products p join shop.checkout_items i on i.product_id = p.id
			where i.checkout_id = $1 order by p.id for no key update of p)
		update shop.products p set stock = p.stock - w.quantity from wanted w where p.id = w.id and p.stock >= w.quantity`, checkoutID)
	if err != nil {
		return err
	}
	n, err := queryValue[int64](ctx, tx, "select count(*) from shop.checkout_items where checkout_id = $1", checkoutID)
	if err != nil {
		return err
	}
	if tag.RowsAffected() < n {
		return ErrStock
	}
	return nil
}

// Settle writes what the provider answered to a pending checkout. Paid, it
// becomes one order and one offer for each supplier and the basket is emptied;
// else its goods go back. It returns the payment and the orders as written.
func (s *Store) Settle(ctx context.Context, c Checkout, p Payment, deliveryMinor int64) (Payment, []Order, error) {
	type result struct {
		p      Payment
		orders []Order
	}
	r, err := dbmon.TrackQuery(ctx, "checkout_settle", func(ctx context.Context) (result, error) {
		r := result{p: p}
		err := s.inTx(ctx, func(tx pgx.Tx) error {
			status := map[string]string{"succeeded": "paid"}[p.Status]
			if status == "" {
				status = p.Status
			}
			tag, err := tx.Exec(ctx, "update shop.checkouts set status = $2 where id = $1 and status = 'pending'", c.ID, status)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return ErrState
			}
			if status == "paid" {
				if r.orders, err = place(ctx, tx, c, p.At, deliveryMinor); err != nil {
					return err
				}
				r.p.OrderID = r.orders[0].ID
			} else if err := giveBack(ctx, tx, c.ID); err != nil {
				return err
			}
			r.p.ID, err = queryValue[int64](ctx, tx, `insert into shop.payments (checkout_id, order_id, method, amount_minor, status, reason, at)
				values ($1, nullif($2::bigint, 0), $3, $4, $5, $6, $7) returning id`, c.ID, r.p.OrderID, p.Method, p.AmountMinor, p.Status, p.Reason, p.At)
			return err
		})
		return r, err
	})
	if err != nil {
		return Payment{}, nil, fmt.Errorf("settle checkout %d: %w", c.ID, err)
	}
	return r.p, r.orders, nil
}

// place turns a checkout into orders; the first carries the delivery fee.
func place(ctx context.Context, tx pgx.Tx, c Checkout, at time.Time, deliveryMinor int64) ([]Order, error) {
	if _, err := tx.Exec(ctx, `with parts as (
			select i.supplier_id, sum(i.quantity * i.price_minor)::bigint as goods, row_number() over (order by i.supplier_id) as n
			from shop.checkout_items i where i.checkout_id = $1 group by i.supplier_id)
		insert into shop.orders (checkout_id, customer_id, supplier_id, status, total_minor, delivery_minor, commission_minor, placed_at)
		select $1, $2, p.supplier_id, 'placed', p.goods + case p.n when 1 then $4 else 0 end, case p.n when 1 then $4 else 0 end,
			round(p.goods * s.commission_bps / 10000.0)::bigint, $3
		from parts p join shop.suppliers s on s.id = p.supplier_id order by p.n`, c.ID, c.UserID, at, deliveryMinor); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `insert into shop.order_items (order_id, product_id, name, quantity, price_minor)
		select o.id, i.product_id, i.name, i.quantity, i.price_minor from shop.checkout_items i
		join shop.orders o on o.checkout_id = i.checkout_id and o.supplier_id = i.supplier_id where i.checkout_id = $1`, c.ID); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `insert into shop.offers (order_id, supplier_id, published_at)
		select id, supplier_id, placed_at from shop.orders where checkout_id = $1 order by id`, c.ID); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, "delete from shop.cart_items where user_id = $1 and product_id in (select product_id from shop.checkout_items where checkout_id = $2)", c.UserID, c.ID); err != nil {
		return nil, err
	}
	return queryAll[Order](ctx, tx, "select "+orderColumns+orderTables+"where o.checkout_id = $1 order by o.id", c.ID)
}

func giveBack(ctx context.Context, tx pgx.Tx, checkoutID int64) error {
	_, err := tx.Exec(ctx, `with held as (
			select p.id, i.quantity from shop.products p join shop.checkout_items i on i.product_id = p.id
			where i.checkout_id = $1 order by p.id for no key update of p)
		update shop.products p set stock = p.stock + h.quantity from held h where p.id = h.id`, checkoutID)
	return err
}

// Abandon gives back what checkouts held that have been pending for longer
// than age: the process that paid for them is dead. It returns how many.
func (s *Store) Abandon(ctx context.Context, age time.Duration) (int, error) {
	var n int
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "update shop.checkouts set status = 'abandoned' where status = 'pending' and created_at < $1 returning id", Now().Add(-age))
		if err != nil {
			return err
		}
		ids, err := collectIDs(rows)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := giveBack(ctx, tx, id); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("abandon old checkouts: %w", err)
	}
	return n, nil
}

func collectIDs(rows pgx.Rows) ([]int64, error) { return pgx.CollectRows(rows, pgx.RowTo[int64]) }
