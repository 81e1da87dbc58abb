package shop

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// cookingTime is what a supplier promises from "yes" to the door.
const cookingTime = 30 * time.Minute

// Answer is the supplier's yes or no to an offer. It returns store.ErrState if
// the offer is not open any more.
func (s *Shop) Answer(ctx context.Context, supplierID, orderID int64, accepted bool) error {
	now := store.Now()
	o, offer, err := s.store.Answer(ctx, supplierID, orderID, accepted, now, now.Add(cookingTime))
	if err != nil {
		return fmt.Errorf("answer the offer of order %d: %w", orderID, err)
	}
	told(ctx, "supplier response", ledger().answer(ctx, offer))
	if accepted {
		told(ctx, "order", ledger().order(ctx, o, confirmed))
	} else {
		told(ctx, "order", ledger().order(ctx, o, cancelled))
		s.forget(ctx, []store.Order{o})
	}
	return nil
}

// Cancel takes back a customer's order, as long as no supplier has accepted.
func (s *Shop) Cancel(ctx context.Context, userID, orderID int64) error {
	o, err := s.store.Cancel(ctx, userID, orderID, store.Now())
	if err != nil {
		return fmt.Errorf("cancel order %d: %w", orderID, err)
	}
	told(ctx, "order", ledger().order(ctx, o, cancelled))
	s.forget(ctx, []store.Order{o})
	return nil
}

// HandOver gives an order to the courier.
func (s *Shop) HandOver(ctx context.Context, supplierID, orderID int64) error {
	if _, err := s.store.HandOver(ctx, supplierID, orderID, store.Now()); err != nil {
		return fmt.Errorf("hand over order %d: %w", orderID, err)
	}
	return nil
}

// Deliver notes that an order is at the door.
func (s *Shop) Deliver(ctx context.Context, supplierID, orderID int64) error {
	o, err := s.store.Deliver(ctx, supplierID, orderID, store.Now())
	if err != nil {
		return fmt.Errorf("deliver order %d: %w", orderID, err)
	}
	told(ctx, "order", ledger().order(ctx, o, delivered))
	return nil
}

// Refund gives back the price of one line of a delivered order, once.
func (s *Shop) Refund(ctx context.Context, userID, orderID, productID int64) error {
	r, err := s.store.Refund(ctx, userID, orderID, productID, store.Now())
	if err != nil {
		return fmt.Errorf("refund product %d of order %d: %w", productID, orderID, err)
	}
	told(ctx, "refund", ledger().refund(ctx, r))
	return nil
}

// Rate takes the customer's rating of a delivered order, 0 to 10.
func (s *Shop) Rate(ctx context.Context, userID, orderID int64, score int, comment string) error {
	bad := Invalid{}
	if score < 0 || score > 10 {
		bad["score"] = "Choose a number from 0 to 10."
	}
	if utf8.RuneCountInString(comment) > 500 {
		bad["comment"] = "A comment has at most 500 characters."
	}
	if len(bad) > 0 {
		return bad
	}
	r, err := s.store.Rate(ctx, store.Rating{OrderID: orderID, UserID: userID, Score: score, Comment: comment, At: store.Now()})
	if err != nil {
		return fmt.Errorf("rate order %d: %w", orderID, err)
	}
	told(ctx, "rating", ledger().rating(ctx, r))
	return nil
}

// Restock adds goods to a product of the supplier.
func (s *Shop) Restock(ctx context.Context, supplierID, productID int64, quantity int) error {
	if quantity < 1 || quantity > 1000 {
		return Invalid{"quantity": "A delivery to the shelf has 1 to 1000 pieces."}
	}
	if err := s.store.Restock(ctx, supplierID, productID, quantity); err != nil {
		return err
	}
	s.products.drop(productID)
	return nil
}
