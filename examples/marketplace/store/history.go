package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// History is what happened in the tables since a time, row by row. A nil
// function is not called; the first error ends it.
type History struct {
	Order   func(Order) error
	Payment func(Payment) error
	Refund  func(Refund) error
	Offer   func(Offer) error
	Rating  func(Rating) error
}

// Replay calls h for all that was placed, paid, refunded, answered or rated
// since a time, all of one snapshot.
func (s *Store) Replay(ctx context.Context, since time.Time, h History) error {
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := each(ctx, tx, h.Order, "select "+orderColumns+orderTables+"where o.placed_at >= $1 order by o.placed_at", since); err != nil {
			return err
		}
		if err := each(ctx, tx, h.Payment, "select id, coalesce(order_id, 0), method, amount_minor, status, reason, at from shop.payments where at >= $1 order by at", since); err != nil {
			return err
		}
		if err := each(ctx, tx, h.Refund, "select id, order_id, amount_minor, at from shop.refunds where at >= $1 order by at", since); err != nil {
			return err
		}
		if err := each(ctx, tx, h.Offer, "select "+offerColumns+" from shop.offers f where f.answered_at >= $1 order by f.answered_at", since); err != nil {
			return err
		}
		return each(ctx, tx, h.Rating, "select id, order_id, user_id, score, comment, at from shop.ratings where at >= $1 order by at", since)
	})
	if err != nil {
		return fmt.Errorf("replay the shop's history: %w", err)
	}
	return nil
}

func each[T any](ctx context.Context, tx pgx.Tx, f func(T) error, sql string, since time.Time) error {
	if f == nil {
		return nil
	}
	rows, err := tx.Query(ctx, sql, since)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByPos[T](rows)
		if err != nil {
			return err
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
