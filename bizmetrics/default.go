package bizmetrics

import (
	"context"
	"sync/atomic"
)

var installed atomic.Pointer[Recorder]

// Default is the Recorder that the package's functions act on; nil: none.
func Default() *Recorder { return installed.Load() }

// SetDefault installs r for the package's functions; nil takes it away.
func SetDefault(r *Recorder) { installed.Store(r) }

// RecordOrder is [Recorder.RecordOrder] of the default.
func RecordOrder(ctx context.Context, o Order) error { return Default().RecordOrder(ctx, o) }

// RecordRefund is [Recorder.RecordRefund] of the default.
func RecordRefund(ctx context.Context, r Refund) error { return Default().RecordRefund(ctx, r) }

// RecordPayment is [Recorder.RecordPayment] of the default.
func RecordPayment(ctx context.Context, p Payment) error { return Default().RecordPayment(ctx, p) }

// RecordSupplierResponse is [Recorder.RecordSupplierResponse] of the default.
func RecordSupplierResponse(ctx context.Context, s SupplierResponse) error {
	return Default().RecordSupplierResponse(ctx, s)
}

// RecordNPS is [Recorder.RecordNPS] of the default.
func RecordNPS(ctx context.Context, n NPS) error { return Default().RecordNPS(ctx, n) }

// RecordOffer is [Recorder.RecordOffer] of the default.
func RecordOffer(ctx context.Context, o SupplierOffer) error { return Default().RecordOffer(ctx, o) }

// RecordDelivery is [Recorder.RecordDelivery] of the default.
func RecordDelivery(ctx context.Context, d Delivery) error { return Default().RecordDelivery(ctx, d) }

// RecordUser is [Recorder.RecordUser] of the default.
func RecordUser(ctx context.Context, u UserEvent) error { return Default().RecordUser(ctx, u) }

// RecordFeature is [Recorder.RecordFeature] of the default.
func RecordFeature(ctx context.Context, f FeatureUse) error { return Default().RecordFeature(ctx, f) }

// RecordCost is [Recorder.RecordCost] of the default.
func RecordCost(ctx context.Context, c Cost) error { return Default().RecordCost(ctx, c) }

// RecordCommission is [Recorder.RecordCommission] of the default.
func RecordCommission(ctx context.Context, c Commission) error {
	return Default().RecordCommission(ctx, c)
}
