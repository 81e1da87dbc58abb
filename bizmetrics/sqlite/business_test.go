package sqlite

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// business makes a stream of events as a shop has them: orders that are
// confirmed, paid, delivered, sometimes refunded or cancelled, suppliers'
// answers, visits, features. One in fifty comes twice.
type business struct {
	rnd     *rand.Rand
	at, gap int64 // µs
	n       int
	waiting []*ledger.Record // of orders on their way
	old     []bizmetrics.Event
	tenants []string
}

const (
	customers = 100_000
	suppliers = 200
)

func newBusiness(begin time.Time, perDay int, tenants ...string) *business {
	return &business{rnd: rand.New(rand.NewPCG(1, 2)), at: begin.UnixMicro(), gap: 86400e6 / int64(perDay), tenants: append(tenants, "")}
}

func (b *business) next() *ledger.Record {
	b.at += b.gap
	b.n++
	if len(b.waiting) > 2000 {
		i := b.rnd.IntN(len(b.waiting))
		r := b.waiting[i]
		b.waiting[i] = b.waiting[len(b.waiting)-1]
		b.waiting = b.waiting[:len(b.waiting)-1]
		r.At = b.at
		return r
	}
	id := strconv.Itoa(b.n)
	tenant := b.tenants[b.rnd.IntN(len(b.tenants))]
	customer := fmt.Sprint("customer-", b.rnd.IntN(customers))
	supplier := fmt.Sprint("supplier-", int(b.rnd.ExpFloat64()*suppliers/5)%suppliers)
	switch b.rnd.IntN(4) {
	case 0:
		return &ledger.Record{Kind: ledger.KindActive, ID: "a" + id, Customer: customer, Tenant: tenant, At: b.at, AtGiven: true}
	case 1:
		return &ledger.Record{Kind: ledger.KindFeature, ID: "f" + id, Customer: customer, Tenant: tenant, Method: fmt.Sprint("feature-", b.rnd.IntN(12)), At: b.at, AtGiven: true}
	}
	order := "order-" + id
	total := ledger.Money{Minor: int64(500 + b.rnd.ExpFloat64()*4000), Currency: "EUR"}
	money := func(r *ledger.Record, minor int64) *ledger.Record {
		r.Amount = ledger.Money{Minor: minor, Currency: "EUR"}
		r.Value, r.Base = minor, "EUR"
		return r
	}
	more := []*ledger.Record{
		money(&ledger.Record{Kind: ledger.KindPayment, ID: "p" + id, Order: order, Method: []string{"card", "sepa", "wallet"}[b.rnd.IntN(3)], Succeeded: b.rnd.IntN(50) > 0}, total.Minor),
		{Kind: ledger.KindConfirmed, ID: order, Order: order},
		{Kind: ledger.KindDelivered, ID: order, Order: order},
		{Kind: ledger.KindResponse, ID: "r" + id, Supplier: supplier, After: time.Duration(b.rnd.IntN(1e10)), Accepted: b.rnd.IntN(5) > 0},
		money(&ledger.Record{Kind: ledger.KindCommission, ID: "c" + id, Order: order, Supplier: supplier}, total.Minor/10),
	}
	switch b.rnd.IntN(20) {
	case 0:
		more = append(more, money(&ledger.Record{Kind: ledger.KindRefund, ID: "x" + id, Order: order}, total.Minor/2))
	case 1:
		more = append(more, &ledger.Record{Kind: ledger.KindCancelled, ID: order, Order: order})
	}
	for _, r := range more {
		r.Tenant, r.AtGiven = tenant, true
		b.waiting = append(b.waiting, r)
	}
	return money(&ledger.Record{Kind: ledger.KindPlaced, ID: order, Order: order, Customer: customer, Supplier: supplier, Tenant: tenant, At: b.at, AtGiven: true}, total.Minor)
}

func (b *business) batch(t testing.TB, n int) (events []bizmetrics.Event, duplicates int) {
	events = make([]bizmetrics.Event, 0, n)
	for range n {
		if len(b.old) > 1000 && b.rnd.IntN(50) == 0 {
			events = append(events, b.old[b.rnd.IntN(len(b.old))])
			duplicates++
			continue
		}
		e, err := b.next().Event()
		require.NoError(t, err)
		events = append(events, bizmetrics.Event(e))
		if b.rnd.IntN(100) == 0 {
			b.old = append(b.old, bizmetrics.Event(e))
		}
	}
	return events, duplicates
}
