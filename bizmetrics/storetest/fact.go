package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/workload"
)

// fact is what one event adds to figures, told as the documentation of package
// bizmetrics has it. It is worked out anew from all events for each check, and
// shares nothing with how stores do it.
type fact struct {
	kind                                                 string
	at                                                   time.Time
	value                                                int64 // in the currency of the reports
	after                                                time.Duration
	status, method, supplier, customer, currency, tenant string
}

// off is what makes an order count less.
type off struct {
	fact
	id, order string
	all       bool // of what the order still counts
}

// factsOf tells what the arrivals mean: each ID counts once, the first.
func factsOf(arrivals []workload.Arrival) []fact {
	known := map[string]bool{}
	var first []workload.Arrival
	placed := map[string]bizmetrics.Order{}
	for _, a := range arrivals {
		if key := workload.Key(a.Event); !known[key] {
			known[key] = true
			first = append(first, a)
			if o, ok := a.Event.(bizmetrics.Order); ok && (o.Status == "" || o.Status == bizmetrics.Placed) {
				placed[o.ID] = o
			}
		}
	}
	var facts []fact
	var offs []off
	for _, a := range first {
		f, order := factOf(a)
		o, there := placed[order]
		if there { // what is known of the order is known of its events
			f.customer, f.supplier = o.CustomerID, o.SupplierID
			if f.currency == "" {
				f.currency = o.Total.Currency
			}
		}
		switch e := a.Event.(type) {
		case bizmetrics.Refund:
			offs = append(offs, off{fact: f, id: e.ID, order: e.OrderID})
		case bizmetrics.Order:
			facts = append(facts, f)
			if e.Status == bizmetrics.Cancelled {
				f.kind = "cancellation"
				offs = append(offs, off{fact: f, id: e.ID, order: e.ID, all: true})
			}
		default:
			facts = append(facts, f)
		}
	}
	return append(facts, takeOff(offs, placed)...)
}

// takeOff works out what each refund and cancellation takes off, in order of
// time, of one moment the refund first.
func takeOff(offs []off, placed map[string]bizmetrics.Order) (facts []fact) {
	slices.SortFunc(offs, func(a, b off) int {
		switch {
		case !a.at.Equal(b.at):
			return a.at.Compare(b.at)
		case a.all != b.all && a.all:
			return 1
		case a.all != b.all:
			return -1
		}
		return strings.Compare(a.id, b.id)
	})
	left := map[string]int64{}
	for id, o := range placed {
		left[id] = valueOf(o.Total)
	}
	for _, f := range offs {
		_, known := placed[f.order]
		switch {
		case f.all:
			f.value = left[f.order]
		case known:
			f.value = min(f.value, left[f.order])
		}
		if known {
			left[f.order] -= f.value
		}
		facts = append(facts, f.fact)
	}
	return facts
}

func valueOf(m bizmetrics.Money) int64 {
	if m.Currency == "" {
		return 0
	}
	v, _ := workload.Convert(m, workload.Currency, time.Time{})
	return v.Minor
}

func word(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// factOf is an arrival's own, and the order that it belongs to.
func factOf(a workload.Arrival) (f fact, order string) {
	switch e := a.Event.(type) {
	case bizmetrics.Order:
		status := e.Status
		if status == "" {
			status = bizmetrics.Placed
		}
		f = fact{kind: "order", status: string(status), supplier: e.SupplierID, customer: e.CustomerID, currency: e.Total.Currency, tenant: e.Tenant, value: valueOf(e.Total)}
		order = e.ID
	case bizmetrics.Refund:
		f = fact{kind: "refund", status: "refunded", currency: e.Amount.Currency, tenant: e.Tenant, value: valueOf(e.Amount)}
		order = e.OrderID
	case bizmetrics.Payment:
		status := word(e.Succeeded, "succeeded", word(e.Declined, "declined", "failed"))
		f = fact{kind: "payment", status: status, method: word(e.Method == "", "unknown", e.Method), currency: e.Amount.Currency, tenant: e.Tenant, value: valueOf(e.Amount)}
		order = e.OrderID
	case bizmetrics.SupplierResponse:
		f = fact{kind: "response", status: word(e.Accepted, "accepted", "rejected"), supplier: e.SupplierID, tenant: e.Tenant, after: e.After}
	case bizmetrics.SupplierOffer:
		f = fact{kind: "offer", status: "offered", supplier: e.SupplierID, tenant: e.Tenant}
	case bizmetrics.Delivery:
		f = fact{kind: "delivery", status: word(e.Late, "late", "on_time"), supplier: e.SupplierID, tenant: e.Tenant}
	case bizmetrics.NPS:
		f = fact{kind: "nps", status: word(e.Score > 8, "promoter", word(e.Score > 6, "passive", "detractor")), customer: e.UserID, tenant: e.Tenant}
	case bizmetrics.UserEvent:
		f = fact{kind: string(e.Action), status: string(e.Action), customer: e.UserID, tenant: e.Tenant}
		if e.ReferredBy != "" {
			f.status = "referred"
		}
	case bizmetrics.FeatureUse:
		f = fact{kind: "feature", method: e.Feature, customer: e.UserID, tenant: e.Tenant}
	case bizmetrics.Cost:
		f = fact{kind: string(e.Kind), method: e.Channel, currency: e.Amount.Currency, tenant: e.Tenant, value: valueOf(e.Amount)}
		if e.Kind == bizmetrics.GoodsCost {
			order = e.OrderID
		}
	case bizmetrics.Commission:
		f = fact{kind: "commission", supplier: e.SupplierID, currency: e.Amount.Currency, tenant: e.Tenant, value: valueOf(e.Amount)}
		order = e.OrderID
	}
	f.at = a.At()
	return f, order
}
