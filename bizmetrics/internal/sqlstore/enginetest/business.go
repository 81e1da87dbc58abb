package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Business makes a stream of events as a shop has them, in order of time: orders
// that are confirmed, paid, delivered, sometimes refunded or cancelled,
// suppliers' answers, visits, features. One in fifty comes twice.
type Business struct {
	rnd     *rand.Rand
	at, gap int64 // µs
	n       int
	waiting []*ledger.Record // of orders on their way
	old     []bizmetrics.Event
	tenants int
}

// NewBusiness makes one that begins at a time and has so many events a day, of
// some tenants or of none.
func NewBusiness(begin time.Time, perDay, tenants int) *Business {
	return &Business{rnd: rand.New(rand.NewPCG(1, 2)), at: begin.UnixMicro(), gap: 86400e6 / int64(perDay), tenants: tenants}
}

// Now is when the latest event happened.
func (b *Business) Now() time.Time { return time.UnixMicro(b.at).UTC() }

// Batch gives the next n events, duplicates of them older ones.
func (b *Business) Batch(n int) (events []bizmetrics.Event, duplicates int, err error) {
	events = make([]bizmetrics.Event, 0, n)
	for range n {
		if len(b.old) > 1000 && b.rnd.IntN(50) == 0 {
			events = append(events, b.old[b.rnd.IntN(len(b.old))])
			duplicates++
			continue
		}
		e, err := b.next().Event()
		if err != nil {
			return nil, 0, fmt.Errorf("make events: %w", err)
		}
		events = append(events, bizmetrics.Event(e))
		if b.rnd.IntN(100) == 0 {
			b.old = append(b.old, bizmetrics.Event(e))
		}
	}
	return events, duplicates, nil
}

const onTheirWay = 2000

func (b *Business) next() *ledger.Record {
	b.at += b.gap
	b.n++
	if len(b.waiting) > onTheirWay {
		i, last := b.rnd.IntN(len(b.waiting)), len(b.waiting)-1
		r := b.waiting[i]
		b.waiting[i] = b.waiting[last]
		b.waiting = b.waiting[:last]
		r.At = b.at
		return r
	}
	id, tenant := strconv.Itoa(b.n), ""
	if b.tenants > 0 {
		tenant = fmt.Sprint("tenant-", b.rnd.IntN(b.tenants))
	}
	customer := fmt.Sprint("customer-", b.rnd.IntN(50+min(b.n/10, 200_000)))
	switch b.rnd.IntN(4) {
	case 0:
		return &ledger.Record{Kind: ledger.KindActive, ID: "a" + id, Customer: customer, Tenant: tenant, At: b.at, AtGiven: true}
	case 1:
		feature := fmt.Sprint("feature-", b.rnd.IntN(12))
		return &ledger.Record{Kind: ledger.KindFeature, ID: "f" + id, Customer: customer, Tenant: tenant, Method: feature, At: b.at, AtGiven: true}
	}
	return b.order(id, customer, tenant)
}

// order places one; what becomes of it comes later.
func (b *Business) order(id, customer, tenant string) *ledger.Record {
	order, supplier := "order-"+id, fmt.Sprint("supplier-", int(b.rnd.ExpFloat64()*40)%200)
	total := int64(500 + b.rnd.ExpFloat64()*4000)
	more := []*ledger.Record{
		money(&ledger.Record{Kind: ledger.KindPayment, ID: "p" + id, Order: order, Method: []string{"card", "sepa", "wallet"}[b.rnd.IntN(3)], Succeeded: b.rnd.IntN(50) > 0}, total),
		{Kind: ledger.KindConfirmed, ID: order, Order: order},
		{Kind: ledger.KindDelivered, ID: order, Order: order},
		{Kind: ledger.KindResponse, ID: "r" + id, Supplier: supplier, After: time.Duration(b.rnd.IntN(1e10)), Accepted: b.rnd.IntN(5) > 0},
		money(&ledger.Record{Kind: ledger.KindCommission, ID: "c" + id, Order: order, Supplier: supplier}, total/10),
	}
	switch b.rnd.IntN(20) {
	case 0:
		more = append(more, money(&ledger.Record{Kind: ledger.KindRefund, ID: "x" + id, Order: order}, total/2))
	case 1:
		more = append(more, &ledger.Record{Kind: ledger.KindCancelled, ID: order, Order: order})
	}
	for _, r := range more {
		r.Tenant, r.AtGiven = tenant, true
		b.waiting = append(b.waiting, r)
	}
	placed := &ledger.Record{
		Kind: ledger.KindPlaced, ID: order, Order: order, Customer: customer, Supplier: supplier, Tenant: tenant, At: b.at, AtGiven: true,
	}
	return money(placed, total)
}

func money(r *ledger.Record, minor int64) *ledger.Record {
	r.Amount, r.Value, r.Base = ledger.Money{Minor: minor, Currency: "EUR"}, minor, "EUR"
	return r
}
