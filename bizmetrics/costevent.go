package bizmetrics

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

// CostKind is what a cost was for.
type CostKind string

// The kinds of costs.
const (
	AcquisitionCost CostKind = "acquisition" // of customers: advertising, vouchers
	GoodsCost       CostKind = "goods"       // of what an order sold
)

var costKinds = map[CostKind]ledger.Kind{AcquisitionCost: ledger.KindAcquisition, GoodsCost: ledger.KindGoods}

// Cost is money that the business spent. ID and Kind together count once.
type Cost struct {
	ID      string
	Kind    CostKind
	Amount  Money  // not negative
	Channel string // of AcquisitionCost: what it was spent on
	OrderID string // of GoodsCost
	Tenant  string
	At      time.Time // zero: now
}

// Commission is what the marketplace earns from an order.
type Commission struct {
	ID, OrderID, SupplierID, Tenant string
	Amount                          Money     // not negative
	At                              time.Time // zero: now
}

// RecordCost records a cost; see [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordCost(_ context.Context, c Cost) error { return take(r, c, c.At) }

// RecordCommission records a commission; see [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordCommission(_ context.Context, c Commission) error { return take(r, c, c.At) }

func (c Cost) record() ledger.Record {
	return ledger.Record{Kind: costKinds[c.Kind], ID: c.ID, Order: c.OrderID, Method: c.Channel, Amount: ledger.Money(c.Amount), Tenant: c.Tenant}
}

func (c Commission) record() ledger.Record {
	return ledger.Record{
		Kind: ledger.KindCommission, ID: c.ID, Order: c.OrderID, Supplier: c.SupplierID, Amount: ledger.Money(c.Amount), Tenant: c.Tenant,
	}
}

func (c Cost) validate() error {
	var f config.Faults
	checkID(&f, "Cost.ID", c.ID, true)
	if costKinds[c.Kind] == 0 {
		f.Add("Cost.Kind", "acquisition or goods", cut(string(c.Kind), 32))
	}
	checkID(&f, "Cost.Channel", c.Channel, false)
	checkID(&f, "Cost.OrderID", c.OrderID, false)
	checkID(&f, "Cost.Tenant", c.Tenant, false)
	checkMoney(&f, "Cost.Amount", c.Amount)
	checkAt(&f, "Cost.At", c.At)
	return f.Err()
}

func (c Commission) validate() error {
	var f config.Faults
	checkID(&f, "Commission.ID", c.ID, true)
	checkID(&f, "Commission.OrderID", c.OrderID, false)
	checkID(&f, "Commission.SupplierID", c.SupplierID, false)
	checkID(&f, "Commission.Tenant", c.Tenant, false)
	checkMoney(&f, "Commission.Amount", c.Amount)
	checkAt(&f, "Commission.At", c.At)
	return f.Err()
}
