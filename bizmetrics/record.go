package bizmetrics

import "github.com/distri-night/monitoring/bizmetrics/internal/ledger"

func (o Order) record() ledger.Record {
	k := ledger.KindPlaced
	if o.Status != "" {
		k = ledger.StatusKinds[ledger.OrderStatus(o.Status)]
	}
	return ledger.Record{Kind: k, ID: o.ID, Order: o.ID, Customer: o.CustomerID, Supplier: o.SupplierID, Amount: ledger.Money(o.Total), Tenant: o.Tenant}
}

func (r Refund) record() ledger.Record {
	return ledger.Record{Kind: ledger.KindRefund, ID: r.ID, Order: r.OrderID, Amount: ledger.Money(r.Amount), Tenant: r.Tenant}
}

func (p Payment) record() ledger.Record {
	return ledger.Record{
		Kind: ledger.KindPayment, ID: p.ID, Order: p.OrderID, Method: p.Method, Text: clean(p.FailureReason),
		Amount: ledger.Money(p.Amount), Succeeded: p.Succeeded, Declined: p.Declined, Tenant: p.Tenant,
	}
}

func (s SupplierResponse) record() ledger.Record {
	return ledger.Record{Kind: ledger.KindResponse, ID: s.ID, Order: s.OrderID, Supplier: s.SupplierID, After: s.After, Accepted: s.Accepted, Tenant: s.Tenant}
}

func (n NPS) record() ledger.Record {
	return ledger.Record{Kind: ledger.KindNPS, ID: n.ID, Customer: n.UserID, Text: clean(n.Comment), Score: int8(n.Score), Tenant: n.Tenant}
}
