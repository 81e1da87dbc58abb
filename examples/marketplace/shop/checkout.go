package shop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/perfmon"

	"github.com/distri-night/monitoring/examples/marketplace/payment"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// Checkout is the checkout form. Key is new for each form shown, so that a
// second submit of the same form is found out.
type Checkout struct {
	Key, Phone, Method string
}

// NotPaid is returned by [Shop.Checkout] when the money was not paid; nothing
// was charged and the basket is as it was.
type NotPaid struct {
	Declined bool   // by the customer's bank; else the provider failed
	Method   string // that was tried
}

func (e *NotPaid) Error() string {
	if e.Declined {
		return "payment declined"
	}
	return "payment failed"
}

// chargeTimeout is how long a shopper waits for the provider.
const chargeTimeout = 10 * time.Second

// Checkout pays a basket and places one order for each supplier in it. It
// returns [Invalid] for a wrong form, [store.ErrRepeated] for a form that was
// submitted before, and *[NotPaid].
func (s *Shop) Checkout(ctx context.Context, userID int64, form Checkout) ([]store.Order, error) {
	defer perfmon.Start(ctx, "checkout").End()
	phone, err := form.check()
	if err != nil {
		return nil, err
	}
	held, err := s.store.Hold(ctx, userID, form.Key, phone, DeliveryMinor)
	switch {
	case errors.Is(err, store.ErrStock):
		return nil, s.explainStock(ctx, userID)
	case errors.Is(err, store.ErrEmpty):
		return nil, Invalid{"basket": "The basket is empty."}
	case errors.Is(err, store.ErrBusy):
		return nil, Invalid{"basket": "This basket is being paid in another tab."}
	case err != nil:
		return nil, err
	}

	errortracking.AddBreadcrumb(ctx, errortracking.Breadcrumb{
		Category: "checkout", Message: "goods held, asking for the money", Data: map[string]any{"checkout_id": held.ID, "method": form.Method},
	})
	chargeCtx, cancel := context.WithTimeout(ctx, chargeTimeout)
	defer cancel()
	charged := s.provider.Charge(chargeCtx, form.Method, held.TotalMinor)

	// The shopper may have left by now; the money has not: settle in any case.
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), chargeTimeout)
	defer cancel()
	p, notPaid := outcome(form.Method, held.TotalMinor, charged)
	p, orders, err := s.store.Settle(ctx, held, p, DeliveryMinor)
	if err != nil {
		return nil, err
	}
	told(ctx, "payment", ledger().payment(ctx, p))
	for _, o := range orders {
		told(ctx, "order", ledger().order(ctx, o, placed))
	}
	s.forget(ctx, orders)
	if notPaid != nil {
		logging.FromContext(ctx).Warn("payment did not go through", "method", p.Method, "reason", p.Reason, "amount_minor", p.AmountMinor)
		if !notPaid.Declined {
			errortracking.CaptureException(ctx, charged, "method", p.Method, "payment_id", p.ID)
		}
		return nil, notPaid
	}
	return orders, nil
}

func (f Checkout) check() (phone string, err error) {
	bad := Invalid{}
	phone, wrong := ParsePhone(f.Phone)
	if wrong != "" {
		bad["phone"] = wrong
	}
	if !slices.Contains(payment.Methods, f.Method) {
		bad["method"] = "Choose how to pay."
	}
	if len(f.Key) < 16 || len(f.Key) > 64 {
		bad["basket"] = "This form is too old. Please check the basket and pay again."
	}
	if len(bad) > 0 {
		return "", bad
	}
	return phone, nil
}

func outcome(method string, amountMinor int64, charged error) (store.Payment, *NotPaid) {
	p := store.Payment{Method: method, AmountMinor: amountMinor, Status: "succeeded", At: store.Now()}
	var declined *payment.Declined
	switch {
	case charged == nil:
		return p, nil
	case errors.As(charged, &declined):
		p.Status, p.Reason = "declined", declined.Reason
		return p, &NotPaid{Declined: true, Method: method}
	default:
		p.Status, p.Reason = "failed", "provider_unavailable"
		return p, &NotPaid{Method: method}
	}
}

// explainStock names what there is not enough of.
func (s *Shop) explainStock(ctx context.Context, userID int64) error {
	items, err := s.store.Cart(ctx, userID)
	if err != nil {
		return err
	}
	var short []string
	for _, it := range items {
		if it.Stock < it.Quantity {
			short = append(short, fmt.Sprintf("%s (%d left)", it.Name, it.Stock))
			s.products.drop(it.ProductID)
		}
	}
	if len(short) == 0 {
		return Invalid{"basket": "Somebody was faster. Please try again."}
	}
	return Invalid{"basket": "Not enough left of: " + strings.Join(short, ", ") + "."}
}

// forget drops from the cache what was just bought.
func (s *Shop) forget(ctx context.Context, orders []store.Order) {
	for _, o := range orders {
		items, err := s.store.OrderItems(ctx, o.ID)
		if err != nil {
			return // the cache forgets by itself soon
		}
		for _, it := range items {
			s.products.drop(it.ProductID)
		}
	}
}
