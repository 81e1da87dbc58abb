package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

func TestMoneyIsWrittenToTheCent(t *testing.T) {
	for minor, want := range map[int64]string{0: "€0.00", 5: "€0.05", 890: "€8.90", 123450: "€1,234.50", 100000000: "€1,000,000.00", -390: "\u2212€3.90"} {
		assert.Equal(t, want, money(minor))
	}
}

func TestOnlyPathsOfThisSiteAreGoneBackTo(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/?q=wine": "/?q=wine", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/a\r\nb": "/", "/\t/evil.example": "/",
	} {
		assert.Equal(t, want, local(path), "%q", path)
	}
}

func TestProgressShowsWhatIsDoneAndWhatComes(t *testing.T) {
	s := &server{Config: Config{Shop: shop.New(nil, nil, time.UTC)}}
	at := func(minute int) *time.Time {
		t := time.Date(2026, 11, 25, 22, minute, 0, 0, time.UTC)
		return &t
	}
	o := store.Order{Supplier: "Nachtkontor", Status: store.Placed, PlacedAt: *at(31)}
	assert.Equal(t, []milestone{{"done", "Paid", "22:31"}, {"now", "Waiting for Nachtkontor", ""}, {"later", "On its way", ""}, {"later", "At your door", ""}}, s.progress(o))
	o.Status, o.ConfirmedAt, o.DueAt, o.PickedUpAt = store.OnItsWay, at(34), at(59), at(49)
	assert.Equal(t, []milestone{{"done", "Paid", "22:31"}, {"done", "Accepted by Nachtkontor", "22:34"}, {"now", "On its way", "22:49"}, {"later", "At your door", "about 22:59"}}, s.progress(o))
	o.Status, o.CancelledAt, o.CancelReason = store.Cancelled, at(35), "declined by the supplier"
	assert.Equal(t, "bad", s.progress(o)[1].State)
}

func TestEveryRouteHasItsTab(t *testing.T) {
	for route, want := range map[string]string{
		"/{$}": "products", "/products/{id}": "products", "/cart/items": "products", "/checkout": "products",
		"/orders": "orders", "/orders/{id}": "orders", "/admin/faults": "admin", "/supplier/products/{id}/stock": "supplier", "/": "",
	} {
		assert.Equal(t, want, section(route), route)
	}
}
