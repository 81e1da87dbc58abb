package bizmetrics

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// withTenants gives each story a tenant: an order and what belongs to it have
// the same. Customers are everybody's.
func withTenants(event any) any {
	tenant := func(of string) string { return []string{"", "north", "south"}[int(of[len(of)-1])%3] }
	switch e := event.(type) {
	case Order:
		e.Tenant = tenant(e.ID)
		return e
	case Refund:
		e.Tenant = tenant(e.OrderID)
		return e
	case Payment:
		e.Tenant = tenant(e.OrderID)
		return e
	case Cost:
		e.Tenant = tenant(e.OrderID)
		return e
	case Commission:
		e.Tenant = tenant(e.OrderID)
		return e
	case SupplierResponse:
		e.Tenant = tenant(e.ID)
		return e
	case SupplierOffer:
		e.Tenant = tenant(e.ID)
		return e
	case Delivery:
		e.Tenant = tenant(e.ID)
		return e
	case NPS:
		e.Tenant = tenant(e.ID)
		return e
	case UserEvent:
		e.Tenant = tenant(e.ID)
		return e
	case FeatureUse:
		e.Tenant = tenant(e.ID)
		return e
	}
	return event
}

func tenantOf(event any) string {
	switch e := event.(type) {
	case Order:
		return e.Tenant
	case Refund:
		return e.Tenant
	case Payment:
		return e.Tenant
	case Cost:
		return e.Tenant
	case Commission:
		return e.Tenant
	case SupplierResponse:
		return e.Tenant
	case SupplierOffer:
		return e.Tenant
	case Delivery:
		return e.Tenant
	case NPS:
		return e.Tenant
	case UserEvent:
		return e.Tenant
	case FeatureUse:
		return e.Tenant
	}
	return ""
}

// anyUse is what generate leaves out: users, features, costs and commissions.
func anyUse(t *rapid.T, i int, now time.Time) any {
	id, at := fmt.Sprint("u", i), now.Add(-time.Duration(rapid.IntRange(0, 38*24).Draw(t, "hours ago"))*time.Hour)
	user := rapid.SampledFrom([]string{"ada", "bob", "cy", "dee"}).Draw(t, "user")
	order := fmt.Sprint("o", rapid.IntRange(0, 12).Draw(t, "order"))
	amount := eur(rapid.Int64Range(0, 50_000).Draw(t, "minor"))
	switch rapid.IntRange(0, 4).Draw(t, "use") {
	case 0:
		u := UserEvent{ID: id, UserID: user, Action: rapid.SampledFrom([]UserAction{SignedUp, Active, Invited}).Draw(t, "action"), At: at}
		if u.Action == SignedUp && rapid.Bool().Draw(t, "referred") {
			u.ReferredBy = "ada"
		}
		return u
	case 1:
		return FeatureUse{ID: id, UserID: user, Feature: rapid.SampledFrom([]string{"search", "cart"}).Draw(t, "feature"), At: at}
	case 2:
		return Cost{ID: id, Kind: AcquisitionCost, Channel: "ads", OrderID: order, Amount: amount, At: at}
	case 3:
		return Cost{ID: id, Kind: GoodsCost, OrderID: order, Amount: amount, At: at}
	}
	return Commission{ID: id, OrderID: order, Amount: amount, At: at}
}

// What a tenant sees is what he would see if there were no other.
func TestReportsOfATenantAreThoseOfItsEventsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := generate(t)
		for i := range rapid.IntRange(0, 30).Draw(t, "uses") {
			g.events = append(g.events, anyUse(t, i, g.now))
		}
		for i := range g.events {
			g.events[i] = withTenants(g.events[i])
		}
		c := g.config()
		c.MonthStart = rapid.SampledFrom([]int{1, 12}).Draw(t, "month start")
		together := g.record(t, c)
		defer func() { require.NoError(t, together.Close(context.Background())) }()
		for _, tenant := range []string{"north", "south"} {
			alone := *g
			alone.events = nil
			for _, e := range g.events {
				if tenantOf(e) == tenant {
					alone.events = append(alone.events, e)
				}
			}
			r := alone.record(t, c)
			require.Equal(t, all(t, r), all(t, together.ForTenant(tenant)), tenant)
			require.NoError(t, r.Close(context.Background()))
		}
	})
}
