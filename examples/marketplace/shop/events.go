package shop

import (
	"context"
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

func orderEvent(o store.Order, st step) (e bizmetrics.Order, happened bool) {
	at := st.at(o)
	if at == nil {
		return e, false
	}
	return bizmetrics.Order{ID: id(o.ID), CustomerID: id(o.CustomerID), SupplierID: id(o.SupplierID), Status: st.status, Total: euros(o.TotalMinor), At: *at}, true
}

func paymentEvent(p store.Payment) bizmetrics.Payment {
	return bizmetrics.Payment{
		ID: id(p.ID), OrderID: id(p.OrderID), Method: p.Method, FailureReason: p.Reason, Amount: euros(p.AmountMinor),
		Succeeded: p.Status == "succeeded", Declined: p.Status == "declined", At: p.At,
	}
}

func refundEvent(r store.Refund) bizmetrics.Refund {
	return bizmetrics.Refund{ID: id(r.ID), OrderID: id(r.OrderID), Amount: euros(r.AmountMinor), At: r.At}
}

func responseEvent(f store.Offer) bizmetrics.SupplierResponse {
	return bizmetrics.SupplierResponse{
		ID: id(f.ID), SupplierID: id(f.SupplierID), OrderID: id(f.OrderID),
		After: f.AnsweredAt.Sub(f.PublishedAt), Accepted: *f.Accepted, At: *f.AnsweredAt,
	}
}

func ratingEvent(r store.Rating) bizmetrics.NPS {
	return bizmetrics.NPS{ID: id(r.ID), UserID: id(r.UserID), Comment: r.Comment, Score: r.Score, At: r.At}
}

func (s *Shop) recordOrder(ctx context.Context, o store.Order, st step) {
	if e, happened := orderEvent(o, st); happened {
		told(ctx, "order", bizmetrics.RecordOrder(ctx, e))
	}
}

func (s *Shop) recordPayment(ctx context.Context, p store.Payment) {
	told(ctx, "payment", bizmetrics.RecordPayment(ctx, paymentEvent(p)))
}

func (s *Shop) recordRefund(ctx context.Context, r store.Refund) {
	told(ctx, "refund", bizmetrics.RecordRefund(ctx, refundEvent(r)))
}

func (s *Shop) recordResponse(ctx context.Context, f store.Offer) {
	told(ctx, "supplier response", bizmetrics.RecordSupplierResponse(ctx, responseEvent(f)))
}

func (s *Shop) recordRating(ctx context.Context, r store.Rating) {
	told(ctx, "rating", bizmetrics.RecordNPS(ctx, ratingEvent(r)))
}

// told notes an event that was not taken. The sale stands: it is committed, and
// the next start records it again from the tables.
func told(ctx context.Context, what string, err error) {
	if err != nil {
		logging.FromContext(ctx).Error("business event not recorded", "event", what, logging.Err(err))
	}
}
