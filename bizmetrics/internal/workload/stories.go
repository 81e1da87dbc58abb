package workload

import (
	"math"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// sale is an order and what belongs to it.
type sale struct {
	id, customer, supplier, tenant string
	total                          bizmetrics.Money
	at                             time.Time
}

// tenantOf keeps a customer to one tenant, but for those who roam.
func (g *generator) tenantOf(customer int) string {
	if g.chance(g.Roaming) {
		customer = g.r.IntN(1 << 20)
	}
	n := customer % (g.Tenants + 1)
	if n == g.Tenants {
		return "" // a service that has tenants may have events of none
	}
	return "t" + strconv.Itoa(n)
}

func (g *generator) supplier() string { return "s" + strconv.FormatUint(g.suppliers.Uint64(), 10) }

// order tells of one order from its offer to its refunds, not all in order.
func (g *generator) order() {
	who := int(g.customers.Uint64())
	s := sale{id: g.id("o"), customer: "c" + strconv.Itoa(who), supplier: g.supplier(), tenant: g.tenantOf(who), total: g.money(), at: g.moment()}
	if g.chance(0.03) {
		s.customer = ""
	}
	if g.chance(0.03) {
		s.supplier = ""
	}
	if g.chance(0.97) { // else it never arrives
		status := bizmetrics.Placed
		if g.chance(0.5) {
			status = ""
		}
		g.add(bizmetrics.Order{ID: s.id, CustomerID: s.customer, SupplierID: s.supplier, Status: status, Total: s.total, Tenant: s.tenant, At: s.at})
	}
	g.offers(s)
	g.payments(s)
	if g.chance(0.6) {
		g.add(bizmetrics.Order{ID: s.id, CustomerID: s.customer, Status: bizmetrics.Confirmed, Tenant: s.tenant, At: s.at.Add(g.within(8 * time.Hour))})
	}
	if g.chance(0.5) {
		at := s.at.Add(g.within(5 * 24 * time.Hour))
		g.add(bizmetrics.Order{ID: s.id, Status: bizmetrics.Delivered, Total: s.total, Tenant: s.tenant, At: at})
		if s.supplier != "" {
			g.add(bizmetrics.Delivery{ID: g.id("d"), SupplierID: s.supplier, OrderID: s.id, Late: g.chance(0.15), Tenant: s.tenant, At: at})
		}
	}
	g.takeOff(s)
	if g.chance(0.4) {
		g.add(bizmetrics.Cost{ID: g.id("g"), Kind: bizmetrics.GoodsCost, OrderID: s.id, Amount: g.part(s.total, 0.7), Tenant: s.tenant, At: s.at.Add(g.within(48 * time.Hour))})
	}
	if g.chance(0.4) && s.tenant != "t1" { // one tenant earns no commission
		g.add(bizmetrics.Commission{ID: g.id("k"), OrderID: s.id, SupplierID: s.supplier, Amount: g.part(s.total, 0.2), Tenant: s.tenant, At: s.at.Add(g.within(48 * time.Hour))})
	}
}

// takeOff refunds and cancels, also before the order and more than it is worth.
func (g *generator) takeOff(s sale) {
	around := func() time.Time {
		if g.chance(0.1) {
			return s.at.Add(-g.within(24 * time.Hour))
		}
		return s.at.Add(g.within(20 * 24 * time.Hour))
	}
	if g.chance(0.12) {
		at := around()
		for range 1 + g.r.IntN(3) {
			amount := g.part(s.total, 0.8)
			if g.chance(0.1) {
				amount = s.total
			}
			if g.chance(0.05) {
				amount = g.money()
			}
			g.add(bizmetrics.Refund{ID: g.id("r"), OrderID: s.id, Amount: amount, Tenant: s.tenant, At: at})
			if g.chance(0.8) { // else several in one moment
				at = around()
			}
		}
		if g.chance(0.3) {
			g.add(bizmetrics.Order{ID: s.id, CustomerID: s.customer, Status: bizmetrics.Cancelled, Tenant: s.tenant, At: at})
		}
		return
	}
	if g.chance(0.06) {
		g.add(bizmetrics.Order{ID: s.id, CustomerID: s.customer, SupplierID: s.supplier, Status: bizmetrics.Cancelled, Tenant: s.tenant, At: around()})
	}
}

func (g *generator) payments(s sale) {
	at, method := s.at, g.oneOf("card", "card", "card", "sepa", "wallet", "")
	for {
		p := bizmetrics.Payment{ID: g.id("p"), OrderID: s.id, Method: method, Amount: s.total, Tenant: s.tenant, At: at}
		switch x := g.r.Float64(); {
		case x < 0.93:
			p.Succeeded = true
		case x < 0.97:
			p.Declined, p.FailureReason = true, "insufficient funds"
		default:
			p.FailureReason = "timeout"
		}
		g.add(p)
		if p.Succeeded || g.chance(0.3) {
			return
		}
		at = at.Add(g.within(10 * time.Minute))
	}
}

func (g *generator) offers(s sale) {
	published := s.at.Add(-g.within(3 * time.Hour))
	for range g.r.IntN(3) {
		who, after := g.supplier(), g.within(2*time.Hour)
		g.add(bizmetrics.SupplierOffer{ID: g.id("f"), SupplierID: who, OrderID: s.id, Tenant: s.tenant, At: published})
		g.add(bizmetrics.SupplierResponse{ID: g.id("a"), SupplierID: who, OrderID: s.id, After: after, Accepted: g.chance(0.7), Tenant: s.tenant, At: published.Add(after)})
	}
}

// user tells of a user's days.
func (g *generator) user() {
	n := int(g.customers.Uint64())
	who, tenant, at := "c"+strconv.Itoa(n), g.tenantOf(n), g.moment()
	if g.chance(0.2) {
		u := bizmetrics.UserEvent{ID: g.id("u"), UserID: who, Action: bizmetrics.SignedUp, Tenant: tenant, At: at}
		if g.chance(0.3) {
			u.ReferredBy = "c" + strconv.Itoa(int(g.customers.Uint64()))
		}
		g.add(u)
	}
	for range 1 + g.r.IntN(3) {
		at = at.Add(g.within(3 * 24 * time.Hour))
		g.add(bizmetrics.UserEvent{ID: g.id("u"), UserID: who, Action: bizmetrics.Active, Tenant: tenant, At: at})
		if g.chance(0.2) {
			g.add(bizmetrics.UserEvent{ID: g.id("u"), UserID: who, Action: bizmetrics.Invited, Tenant: tenant, At: at.Add(time.Minute)})
		}
		for range g.r.IntN(3) {
			user := who
			if g.chance(0.05) {
				user = ""
			}
			g.add(bizmetrics.FeatureUse{ID: g.id("x"), UserID: user, Feature: g.oneOf("search", "search", "wishlist", "chat", "export"), Tenant: tenant, At: at.Add(g.within(time.Hour))})
		}
	}
}

func (g *generator) answer() {
	n := int(g.customers.Uint64())
	a := bizmetrics.NPS{ID: g.id("n"), Score: min(10, int(11*math.Sqrt(g.r.Float64()))), Tenant: g.tenantOf(n), At: g.moment()}
	if g.chance(0.9) {
		a.UserID = "c" + strconv.Itoa(n)
	}
	if g.chance(0.3) {
		a.Comment = g.oneOf("quick", "it's \"fine\"", "größer, 日本", "late\nagain")
	}
	g.add(a)
}

func (g *generator) advertise() {
	g.add(bizmetrics.Cost{ID: g.id("m"), Kind: bizmetrics.AcquisitionCost, Channel: g.oneOf("search", "social", "vouchers", ""), Amount: g.money(), Tenant: g.tenantOf(g.r.IntN(1000)), At: g.moment()})
}

// money is an amount, often one of a few prices, sometimes nothing.
func (g *generator) money() bizmetrics.Money {
	m := bizmetrics.Money{Currency: g.oneOf("EUR", "EUR", "EUR", "JPY", "KWD")}
	cents := math.Exp(8 + 1.1*g.r.NormFloat64()) // about 30 euros
	if g.chance(0.3) {
		cents = []float64{0, 999, 1999, 4999, 1}[g.r.IntN(5)]
	}
	rate := rates[m.Currency]
	m.Minor = int64(cents) * rate[1] / rate[0]
	return m
}

// part is a share of m up to most.
func (g *generator) part(m bizmetrics.Money, most float64) bizmetrics.Money {
	return bizmetrics.Money{Minor: int64(g.r.Float64() * most * float64(m.Minor)), Currency: m.Currency}
}
