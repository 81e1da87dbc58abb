package shop

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/logging"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// The steps of an order that the business counts, each with its own time.
type step struct {
	status bizmetrics.OrderStatus
	at     func(store.Order) *time.Time
}

var (
	placed    = step{bizmetrics.Placed, func(o store.Order) *time.Time { return &o.PlacedAt }}
	confirmed = step{bizmetrics.Confirmed, func(o store.Order) *time.Time { return o.ConfirmedAt }}
	delivered = step{bizmetrics.Delivered, func(o store.Order) *time.Time { return o.DeliveredAt }}
	cancelled = step{bizmetrics.Cancelled, func(o store.Order) *time.Time { return o.CancelledAt }}
)

func euros(minor int64) bizmetrics.Money { return bizmetrics.Money{Minor: minor, Currency: Currency} }

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// book tells a recorder what the tables hold, row by row. What it has told
// before counts no second time: events have the IDs of their rows. Suppliers go
// by their names, which are unique, so that a table of them can be read.
type book struct{ *bizmetrics.Recorder }

// ledger is the book of what happens now.
func ledger() book { return book{bizmetrics.Default()} }

// order tells one step of an order, if it has come. Placed, it is offered to
// its supplier; delivered, the shop has earned its commission, and the supplier
// the rest of the goods' price.
func (b book) order(ctx context.Context, o store.Order, st step) error {
	at := st.at(o)
	if at == nil {
		return nil
	}
	order, supplier := id(o.ID), o.Supplier
	err := b.RecordOrder(ctx, bizmetrics.Order{ID: order, CustomerID: id(o.CustomerID), SupplierID: supplier, Status: st.status, Total: euros(o.TotalMinor), At: *at})
	switch st.status {
	case bizmetrics.Placed:
		err = errors.Join(err, b.RecordOffer(ctx, bizmetrics.SupplierOffer{ID: order, SupplierID: supplier, OrderID: order, At: *at}))
	case bizmetrics.Delivered:
		goods := o.TotalMinor - o.DeliveryMinor - o.CommissionMinor
		err = errors.Join(err,
			b.RecordDelivery(ctx, bizmetrics.Delivery{ID: order, SupplierID: supplier, OrderID: order, Late: o.DueAt != nil && at.After(*o.DueAt), At: *at}),
			b.RecordCommission(ctx, bizmetrics.Commission{ID: order, OrderID: order, SupplierID: supplier, Amount: euros(o.CommissionMinor), At: *at}),
			b.RecordCost(ctx, bizmetrics.Cost{ID: order, Kind: bizmetrics.GoodsCost, OrderID: order, Amount: euros(goods), At: *at}))
	}
	return err
}

func (b book) payment(ctx context.Context, p store.Payment) error {
	return b.RecordPayment(ctx, bizmetrics.Payment{
		ID: id(p.ID), OrderID: id(p.OrderID), Method: p.Method, FailureReason: p.Reason, Amount: euros(p.AmountMinor),
		Succeeded: p.Status == "succeeded", Declined: p.Status == "declined", At: p.At,
	})
}

func (b book) refund(ctx context.Context, r store.Refund) error {
	return b.RecordRefund(ctx, bizmetrics.Refund{ID: id(r.ID), OrderID: id(r.OrderID), Amount: euros(r.AmountMinor), At: r.At})
}

func (b book) answer(ctx context.Context, f store.Offer) error {
	return b.RecordSupplierResponse(ctx, bizmetrics.SupplierResponse{
		ID: id(f.ID), SupplierID: f.Supplier, OrderID: id(f.OrderID),
		After: f.AnsweredAt.Sub(f.PublishedAt), Accepted: *f.Accepted, At: *f.AnsweredAt,
	})
}

func (b book) rating(ctx context.Context, r store.Rating) error {
	return b.RecordNPS(ctx, bizmetrics.NPS{ID: id(r.ID), UserID: id(r.UserID), Comment: r.Comment, Score: r.Score, At: r.At})
}

func (b book) signup(ctx context.Context, n store.Signup) error {
	return b.RecordUser(ctx, bizmetrics.UserEvent{ID: id(n.UserID), UserID: id(n.UserID), Action: bizmetrics.SignedUp, ReferredBy: id(n.InvitedBy), At: n.At})
}

func (b book) invitation(ctx context.Context, i store.Invitation) error {
	return b.RecordUser(ctx, bizmetrics.UserEvent{ID: id(i.ID), UserID: id(i.UserID), Action: bizmetrics.Invited, At: i.At})
}

// visit counts a customer as active, once a day.
func (b book) visit(ctx context.Context, userID int64, now time.Time) error {
	return b.RecordUser(ctx, bizmetrics.UserEvent{ID: id(userID) + " " + now.Format(time.DateOnly), UserID: id(userID), Action: bizmetrics.Active, At: now})
}

// feature counts one use: the request's ID makes it one.
func (b book) feature(ctx context.Context, userID int64, name string) error {
	return b.RecordFeature(ctx, bizmetrics.FeatureUse{ID: logging.CorrelationID(ctx) + " " + name, UserID: id(userID), Feature: name})
}

func (b book) advertising(ctx context.Context, a store.Advertising) error {
	return b.RecordCost(ctx, bizmetrics.Cost{ID: id(a.ID), Kind: bizmetrics.AcquisitionCost, Channel: a.Channel, Amount: euros(a.AmountMinor), At: a.At})
}

// told notes an event that was not taken. The sale stands: it is committed, and
// the next start records it again from the tables.
func told(ctx context.Context, what string, err error) {
	if err != nil {
		logging.FromContext(ctx).Error("business event not recorded", "event", what, logging.Err(err))
	}
}
