package bizmetrics

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

// SupplierOffer is what a supplier offered for an order.
type SupplierOffer struct {
	ID, SupplierID, OrderID, Tenant string
	At                              time.Time // zero: now
}

// Delivery is an order that a supplier has delivered, in time or late.
type Delivery struct {
	ID, SupplierID, OrderID, Tenant string
	Late                            bool
	At                              time.Time // zero: now
}

// RecordOffer records an offer; see [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordOffer(_ context.Context, o SupplierOffer) error { return take(r, o, o.At) }

// RecordDelivery records a delivery; see [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordDelivery(_ context.Context, d Delivery) error { return take(r, d, d.At) }

func (o SupplierOffer) record() ledger.Record {
	return ledger.Record{Kind: ledger.KindOffer, ID: o.ID, Order: o.OrderID, Supplier: o.SupplierID, Tenant: o.Tenant}
}

func (d Delivery) record() ledger.Record {
	return ledger.Record{Kind: ledger.KindDelivery, ID: d.ID, Order: d.OrderID, Supplier: d.SupplierID, Tenant: d.Tenant, Accepted: !d.Late}
}

func (o SupplierOffer) validate() error {
	return validateSupplied("SupplierOffer", o.ID, o.SupplierID, o.OrderID, o.Tenant, o.At)
}

func (d Delivery) validate() error {
	return validateSupplied("Delivery", d.ID, d.SupplierID, d.OrderID, d.Tenant, d.At)
}

func validateSupplied(of, id, supplier, order, tenant string, at time.Time) error {
	var f config.Faults
	checkID(&f, "ID", id, true)
	checkID(&f, "SupplierID", supplier, true)
	checkID(&f, "OrderID", order, false)
	checkID(&f, "Tenant", tenant, false)
	checkAt(&f, "At", at)
	var named config.Faults
	named.Under(of, f.Err())
	return named.Err()
}
