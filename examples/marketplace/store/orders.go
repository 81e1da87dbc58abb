package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/dbmon"
)

// Status is how far an order has come.
type Status string

// The way of an order. From Placed it can be cancelled; the supplier's
// "no" cancels it too.
const (
	Placed    Status = "placed"
	Confirmed Status = "confirmed"
	OnItsWay  Status = "on_its_way"
	Delivered Status = "delivered"
	Cancelled Status = "cancelled"
)

// Order is one supplier's part of a checkout. Times that have not come are nil.
type Order struct {
	ID              int64
	CustomerID      int64
	Customer        string
	SupplierID      int64
	Supplier        string
	Status          Status
	TotalMinor      int64
	DeliveryMinor   int64
	CommissionMinor int64
	PlacedAt        time.Time
	ConfirmedAt     *time.Time
	CancelledAt     *time.Time
	CancelReason    string
	DueAt           *time.Time
	PickedUpAt      *time.Time
	DeliveredAt     *time.Time
}

const orderColumns = `o.id, o.customer_id, c.name, o.supplier_id, s.name, o.status, o.total_minor, o.delivery_minor, o.commission_minor,
	o.placed_at, o.confirmed_at, o.cancelled_at, o.cancel_reason, d.due_at, d.picked_up_at, d.delivered_at`
const orderTables = ` from shop.orders o join shop.users c on c.id = o.customer_id join shop.suppliers s on s.id = o.supplier_id
	left join shop.deliveries d on d.order_id = o.id `

// OrderItem is one line of an order. Refunded is what was given back for it.
type OrderItem struct {
	ProductID     int64
	Name          string
	Quantity      int
	PriceMinor    int64
	RefundedMinor int64
}

// Offer is an order as it was offered to its supplier.
type Offer struct {
	ID          int64
	OrderID     int64
	Supplier    string
	PublishedAt time.Time
	AnsweredAt  *time.Time
	Accepted    *bool
}

const (
	offerColumns = `f.id, f.order_id, s.name, f.published_at, f.answered_at, f.accepted`
	offerTables  = ` from shop.offers f join shop.suppliers s on s.id = f.supplier_id `
)

// Refund is money given back for one line of an order.
type Refund struct {
	ID          int64
	OrderID     int64
	AmountMinor int64
	At          time.Time
}

// Rating is a customer's answer to "would you recommend us?".
type Rating struct {
	ID      int64
	OrderID int64
	UserID  int64
	Score   int
	Comment string
	At      time.Time
}

// CustomerOrders returns the customer's newest orders.
func (s *Store) CustomerOrders(ctx context.Context, userID int64, limit int) ([]Order, error) {
	return dbmon.TrackQuery(ctx, "fetch_orders", func(ctx context.Context) ([]Order, error) {
		return queryAll[Order](ctx, s.pool, "select "+orderColumns+orderTables+"where o.customer_id = $1 order by o.placed_at desc, o.id desc limit $2", userID, limit)
	})
}

// CustomerOrder returns one order of the customer, or ErrNotFound.
func (s *Store) CustomerOrder(ctx context.Context, userID, id int64) (Order, error) {
	return dbmon.TrackQuery(ctx, "fetch_order", func(ctx context.Context) (Order, error) {
		return queryOne[Order](ctx, s.pool, "select "+orderColumns+orderTables+"where o.id = $2 and o.customer_id = $1", userID, id)
	})
}

// OrderItems returns the lines of an order.
func (s *Store) OrderItems(ctx context.Context, id int64) ([]OrderItem, error) {
	items, err := queryAll[OrderItem](ctx, s.pool, `select i.product_id, i.name, i.quantity, i.price_minor, coalesce(r.amount_minor, 0)
		from shop.order_items i left join shop.refunds r on r.order_id = i.order_id and r.product_id = i.product_id
		where i.order_id = $1 order by i.product_id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the order's items: %w", err)
	}
	return items, nil
}

// SupplierOrders returns the supplier's orders in one of these states, the oldest first.
func (s *Store) SupplierOrders(ctx context.Context, supplierID int64, limit int, states ...Status) ([]Order, error) {
	return dbmon.TrackQuery(ctx, "supplier_orders", func(ctx context.Context) ([]Order, error) {
		return queryAll[Order](ctx, s.pool, "select "+orderColumns+orderTables+"where o.supplier_id = $1 and o.status = any($2) order by o.placed_at, o.id limit $3", supplierID, states, limit)
	})
}

// Answer writes the supplier's answer to the offer of an order: accepted, it is
// due at due; declined, it is cancelled and its goods go back.
// ErrState if it was answered or cancelled before.
func (s *Store) Answer(ctx context.Context, supplierID, orderID int64, accepted bool, at, due time.Time) (Order, Offer, error) {
	var o Order
	var f Offer
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.step(ctx, tx, "supplier_id", supplierID, orderID, Placed); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update shop.offers set answered_at = $2, accepted = $3 where order_id = $1", orderID, at, accepted); err != nil {
			return err
		}
		if accepted {
			if _, err := tx.Exec(ctx, "update shop.orders set status = 'confirmed', confirmed_at = $2 where id = $1", orderID, at); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "insert into shop.deliveries (order_id, due_at) values ($1, $2)", orderID, due); err != nil {
				return err
			}
		} else if err := cancel(ctx, tx, orderID, at, "declined by the supplier"); err != nil {
			return err
		}
		var err error
		if f, err = queryOne[Offer](ctx, tx, "select "+offerColumns+offerTables+"where f.order_id = $1", orderID); err != nil {
			return err
		}
		o, err = readOrder(ctx, tx, orderID)
		return err
	})
	return o, f, err
}

// Cancel takes back a customer's order that no supplier has accepted.
func (s *Store) Cancel(ctx context.Context, userID, orderID int64, at time.Time) (Order, error) {
	return s.change(ctx, "customer_id", userID, orderID, Placed, func(tx pgx.Tx) error {
		return cancel(ctx, tx, orderID, at, "cancelled by the customer")
	})
}

// HandOver gives a confirmed order to the courier.
func (s *Store) HandOver(ctx context.Context, supplierID, orderID int64, at time.Time) (Order, error) {
	return s.change(ctx, "supplier_id", supplierID, orderID, Confirmed, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "update shop.orders set status = 'on_its_way' where id = $1", orderID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "update shop.deliveries set picked_up_at = $2 where order_id = $1", orderID, at)
		return err
	})
}

// Deliver notes that an order on its way has arrived.
func (s *Store) Deliver(ctx context.Context, supplierID, orderID int64, at time.Time) (Order, error) {
	return s.change(ctx, "supplier_id", supplierID, orderID, OnItsWay, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "update shop.orders set status = 'delivered' where id = $1", orderID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "update shop.deliveries set delivered_at = $2 where order_id = $1", orderID, at)
		return err
	})
}

// Refund gives back the price of one line of a delivered order, once.
func (s *Store) Refund(ctx context.Context, userID, orderID, productID int64, at time.Time) (Refund, error) {
	var r Refund
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.step(ctx, tx, "customer_id", userID, orderID, Delivered); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `insert into shop.refunds (order_id, product_id, amount_minor, at)
			select i.order_id, i.product_id, i.quantity * i.price_minor, $3 from shop.order_items i where i.order_id = $1 and i.product_id = $2
			on conflict do nothing returning id, order_id, amount_minor, at`, orderID, productID, at)
		if err != nil {
			return err
		}
		r, err = one(pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Refund]))
		return err
	})
	return r, err
}

// Rate writes the customer's rating of a delivered order. ErrState if there is one.
func (s *Store) Rate(ctx context.Context, r Rating) (Rating, error) {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.step(ctx, tx, "customer_id", r.UserID, r.OrderID, Delivered); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "insert into shop.ratings (order_id, user_id, score, comment, at) values ($1, $2, $3, $4, $5) on conflict do nothing returning id", r.OrderID, r.UserID, r.Score, r.Comment, r.At)
		if err != nil {
			return err
		}
		ids, err := collectIDs(rows)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return ErrState
		}
		r.ID = ids[0]
		return nil
	})
	return r, err
}

// Rated reports whether an order has a rating.
func (s *Store) Rated(ctx context.Context, orderID int64) (bool, error) {
	return queryValue[bool](ctx, s.pool, "select exists (select from shop.ratings where order_id = $1)", orderID)
}

// change locks the order, checks owner and state, runs f and reads it again.
func (s *Store) change(ctx context.Context, owner string, ownerID, orderID int64, from Status, f func(tx pgx.Tx) error) (Order, error) {
	var o Order
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.step(ctx, tx, owner, ownerID, orderID, from); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		var err error
		o, err = readOrder(ctx, tx, orderID)
		return err
	})
	return o, err
}

// step locks an order of an owner ("customer_id" or "supplier_id") and checks
// that it is in a state: ErrNotFound, ErrState.
func (s *Store) step(ctx context.Context, tx pgx.Tx, owner string, ownerID, orderID int64, want Status) error {
	is, err := queryValue[Status](ctx, tx, "select status from shop.orders where id = $1 and "+owner+" = $2 for no key update", orderID, ownerID)
	if err != nil {
		return err
	}
	if is != want {
		return ErrState
	}
	return nil
}

func readOrder(ctx context.Context, q querier, id int64) (Order, error) {
	return queryOne[Order](ctx, q, "select "+orderColumns+orderTables+"where o.id = $1", id)
}

func cancel(ctx context.Context, tx pgx.Tx, orderID int64, at time.Time, reason string) error {
	if _, err := tx.Exec(ctx, "update shop.orders set status = 'cancelled', cancelled_at = $2, cancel_reason = $3 where id = $1", orderID, at, reason); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `with held as (
			select p.id, i.quantity from shop.products p join shop.order_items i on i.product_id = p.id
			where i.order_id = $1 order by p.id for no key update of p)
		update shop.products p set stock = p.stock + h.quantity from held h where p.id = h.id`, orderID)
	return err
}
