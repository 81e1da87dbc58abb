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
	Order       func(Order) error
	Payment     func(Payment) error
	Refund      func(Refund) error
	Offer       func(Offer) error // answered
	Rating      func(Rating) error
	Signup      func(Signup) error
	Invitation  func(Invitation) error
	Advertising func(Advertising) error
}

// Replay calls h for all that happened since a time, as one snapshot has it.
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
		if err := each(ctx, tx, h.Offer, "select "+offerColumns+offerTables+"where f.answered_at >= $1 order by f.answered_at", since); err != nil {
			return err
		}
		if err := each(ctx, tx, h.Rating, "select id, order_id, user_id, score, comment, at from shop.ratings where at >= $1 order by at", since); err != nil {
			return err
		}
		if err := each(ctx, tx, h.Signup, "select id, coalesce(invited_by, 0), created_at from shop.users where role = 'client' and created_at >= $1 order by created_at", since); err != nil {
			return err
		}
		if err := each(ctx, tx, h.Invitation, "select id, user_id, at from shop.invitations where at >= $1 order by at", since); err != nil {
			return err
		}
		return each(ctx, tx, h.Advertising, "select id, channel, amount_minor, at from shop.advertising where at >= $1 order by at", since)
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
