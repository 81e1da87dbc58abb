package bizmetrics

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

func TestIDsOfOneHashAreToldApart(t *testing.T) {
	x := newIndex()
	const hash = 7
	record := func(k ledger.Kind, id string, score int8) *ledger.Record {
		return &ledger.Record{Kind: k, ID: id, Score: score}
	}
	a, b, c := record(ledger.KindNPS, "a", 1), record(ledger.KindNPS, "b", 1), record(ledger.KindFeature, "a", 1)
	for _, r := range []*ledger.Record{a, b, c} {
		assert.Equal(t, Stored, x.claimAt(hash, r))
		assert.Equal(t, Duplicate, x.claimAt(hash, r))
		assert.Equal(t, Conflict, x.claimAt(hash, record(r.Kind, r.ID, 2)))
	}
	assert.Equal(t, 3, x.len())
	x.releaseAt(hash, a)
	assert.Equal(t, Duplicate, x.claimAt(hash, b), "still known after the first of its hash went")
	assert.Equal(t, Stored, x.claimAt(hash, a), "free again")
	x.releaseAt(hash, record(ledger.KindNPS, "b", 1))
	assert.Equal(t, Duplicate, x.claimAt(hash, b), "another record's ID is not given back")
	for _, r := range []*ledger.Record{a, b, c} {
		x.releaseAt(hash, r)
	}
	assert.Zero(t, x.len())
}

func TestARecordKeepsNoTextOfTheCaller(t *testing.T) {
	r := open(t, Config{})
	body := []byte("o-1 c-1 s-1 EUR t-1")
	text := string(body)
	order := Order{ID: text[:3], CustomerID: text[4:7], SupplierID: text[8:11], Total: Money{5, text[12:15]}, Tenant: text[16:]}
	recordAny(t, r, order)
	m := r.backend.(*journaled)
	for _, kept := range m.known.records {
		own, currency, tenant := kept.ID, kept.Amount.Currency, kept.Tenant
		assert.Equal(t, []string{"o-1", "EUR", "t-1", "o-1"}, []string{own, currency, tenant, kept.Order})
		for i, s := range []string{kept.ID, kept.Order, kept.Customer, kept.Supplier, kept.Tenant, kept.Amount.Currency, kept.Base} {
			assert.False(t, partOf(s, text), "text %d", i)
		}
	}
	assert.Equal(t, 1, m.known.len())
}

// partOf reports whether s is a part of text's memory.
func partOf(s, text string) bool {
	at, begin := uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(unsafe.Pointer(unsafe.StringData(text)))
	return at >= begin && at < begin+uintptr(len(text))
}

func TestRecordOrderAllocatesLittle(t *testing.T) {
	r := open(t, Config{Currency: "EUR", Queue: 1 << 20})
	ids := make([]string, 5000)
	for i := range ids {
		ids[i] = fmt.Sprint("order-", i)
	}
	n, i := len(ids)-1, 0
	ctx := t.Context()
	allocs := testing.AllocsPerRun(n, func() {
		_ = r.RecordOrder(ctx, Order{ID: ids[i], CustomerID: "customer-1", SupplierID: "supplier-1", Total: eur(1999)})
		i++
	})
	assert.LessOrEqual(t, allocs, 2.0, "a new one, with what the committer does meanwhile")
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		_ = r.RecordOrder(ctx, Order{ID: ids[0], CustomerID: "customer-1", SupplierID: "supplier-1", Total: eur(1999)})
	}), "one that is known")
}
