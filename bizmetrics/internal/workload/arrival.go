package workload

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Arrival is an event as it reaches a service.
type Arrival struct {
	// Event is one of the events of package bizmetrics.
	Event any
	// Clock is the service's at that moment, and so the time of an event that has
	// none. It never goes back.
	Clock time.Time
}

// At is when the event happened, in whole microseconds.
func (a Arrival) At() time.Time {
	at, _ := timeOf(a.Event)
	if at.IsZero() {
		at = a.Clock
	}
	return at.Truncate(time.Microsecond)
}

// Record hands the event to r, as a service does.
func (a Arrival) Record(ctx context.Context, r *bizmetrics.Recorder) error {
	switch e := a.Event.(type) {
	case bizmetrics.Order:
		return r.RecordOrder(ctx, e)
	case bizmetrics.Refund:
		return r.RecordRefund(ctx, e)
	case bizmetrics.Payment:
		return r.RecordPayment(ctx, e)
	case bizmetrics.SupplierResponse:
		return r.RecordSupplierResponse(ctx, e)
	case bizmetrics.SupplierOffer:
		return r.RecordOffer(ctx, e)
	case bizmetrics.Delivery:
		return r.RecordDelivery(ctx, e)
	case bizmetrics.NPS:
		return r.RecordNPS(ctx, e)
	case bizmetrics.UserEvent:
		return r.RecordUser(ctx, e)
	case bizmetrics.FeatureUse:
		return r.RecordFeature(ctx, e)
	case bizmetrics.Cost:
		return r.RecordCost(ctx, e)
	case bizmetrics.Commission:
		return r.RecordCommission(ctx, e)
	}
	return fmt.Errorf("no such event: %T", a.Event)
}

// timeOf is the time that the event gives itself, and the same event with
// another.
func timeOf(event any) (at time.Time, with func(time.Time) any) {
	switch e := event.(type) {
	case bizmetrics.Order:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.Refund:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.Payment:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.SupplierResponse:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.SupplierOffer:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.Delivery:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.NPS:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.UserEvent:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.FeatureUse:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.Cost:
		return e.At, func(t time.Time) any { e.At = t; return e }
	case bizmetrics.Commission:
		return e.At, func(t time.Time) any { e.At = t; return e }
	}
	panic(fmt.Sprintf("workload: no such event: %T", event))
}

// other is an event of the same ID that says something else.
func other(event any) any {
	const more = "-other"
	switch e := event.(type) {
	case bizmetrics.Order:
		e.CustomerID += more
		e.Total.Minor += 100
		if e.Total.Currency == "" {
			e.Total.Currency = Currency
		}
		return e
	case bizmetrics.Refund:
		e.Amount.Minor += 7
		return e
	case bizmetrics.Payment:
		e.Succeeded, e.Declined = !e.Succeeded, false
		return e
	case bizmetrics.SupplierResponse:
		e.Accepted = !e.Accepted
		return e
	case bizmetrics.SupplierOffer:
		e.SupplierID += more
		return e
	case bizmetrics.Delivery:
		e.Late = !e.Late
		return e
	case bizmetrics.NPS:
		e.Score = 10 - e.Score
		e.Comment += more
		return e
	case bizmetrics.UserEvent:
		e.UserID += more
		return e
	case bizmetrics.FeatureUse:
		e.Feature += more
		return e
	case bizmetrics.Cost:
		e.Amount.Minor += 1000
		return e
	case bizmetrics.Commission:
		e.Amount.Minor++
		return e
	}
	panic(fmt.Sprintf("workload: no such event: %T", event))
}
