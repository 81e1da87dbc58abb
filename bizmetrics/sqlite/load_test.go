package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"syscall"
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
	tenants int
}

func newBusiness(begin time.Time, perDay int) *business {
	return &business{rnd: rand.New(rand.NewPCG(1, 2)), at: begin.UnixMicro(), gap: 86400e6 / int64(perDay)}
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
	tenant := ""
	if b.tenants > 0 {
		tenant = fmt.Sprint("tenant-", b.rnd.IntN(b.tenants))
	}
	customer := fmt.Sprint("customer-", b.rnd.IntN(50+min(b.n/10, 200_000)))
	supplier := fmt.Sprint("supplier-", int(b.rnd.ExpFloat64()*40)%200)
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

// TestLoad measures; LOAD is the number of events.
func TestLoad(t *testing.T) {
	events, err := strconv.Atoi(os.Getenv("LOAD"))
	if err != nil {
		t.Skip("set LOAD to a number of events")
	}
	path := filepath.Join(t.TempDir(), "load.db")
	if dir := os.Getenv("LOAD_DIR"); dir != "" {
		path = filepath.Join(dir, "load.db")
	}
	store, err := Open(path, Config{})
	require.NoError(t, err)
	defer store.Close()
	perDay, _ := strconv.Atoi(os.Getenv("LOAD_PER_DAY"))
	perDay = max(perDay, events/400, 1000)
	begin := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC).Add(-time.Duration(events/perDay) * 24 * time.Hour)
	b := newBusiness(begin, perDay)
	b.tenants, _ = strconv.Atoi(os.Getenv("LOAD_TENANTS"))
	if f := os.Getenv("LOAD_PROFILE"); f != "" {
		out, err := os.Create(f)
		require.NoError(t, err)
		require.NoError(t, pprof.StartCPUProfile(out))
		defer pprof.StopCPUProfile()
	}
	var spent, part time.Duration
	var before, after syscall.Rusage
	var cpu int64
	const size = 5000
	for done := 0; done < events; done += size {
		batch, want := b.batch(t, size)
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
		start := time.Now()
		outcomes, err := store.Append(context.Background(), batch)
		took := time.Since(start)
		spent, part = spent+took, part+took
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
		cpu += after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
		require.NoError(t, err)
		got := 0
		for _, o := range outcomes {
			if o == bizmetrics.Duplicate {
				got++
			}
		}
		require.Equal(t, want, got, "duplicates")
		if every := max(events/10/size, 1) * size; (done+size)%every == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			t.Logf("%9d events, %7.0f a second, the last tenth %7.0f; CPU %.1f µs an event; heap %d MB", done+size, float64(done+size)/spent.Seconds(), float64(every)/part.Seconds(), float64(cpu)/1e3/float64(done+size), m.HeapAlloc>>20)
			part = 0
		}
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	t.Logf("%d bytes an event", info.Size()/int64(events))
	measureReports(t, store, time.UnixMicro(b.at).UTC())
}

// measureReports tells how long each report takes when it is asked again.
func measureReports(t *testing.T, store *Store, now time.Time) {
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Store: keepOpen{store}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer r.Close(ctx)
	for _, report := range []struct {
		name string
		read func() error
	}{
		{"Revenue", func() error { _, err := r.Revenue(ctx); return err }},
		{"Transactions", func() error { _, err := r.Transactions(ctx); return err }},
		{"OrderValue", func() error { _, err := r.OrderValue(ctx); return err }},
		{"Suppliers", func() error { _, err := r.Suppliers(ctx); return err }},
		{"NPS", func() error { _, err := r.NPS(ctx); return err }},
		{"Product", func() error { _, err := r.Product(ctx); return err }},
		{"Finance", func() error { _, err := r.Finance(ctx); return err }},
		{"HealthReport", func() error { _, err := r.HealthReport(ctx); return err }},
	} {
		require.NoError(t, report.read())
		best := time.Hour
		for range 10 {
			start := time.Now()
			require.NoError(t, report.read())
			best = min(best, time.Since(start))
		}
		t.Logf("%-13s %v", report.name, best)
	}
}

// keepOpen is a store that a Recorder does not close. With LOAD_QUERIES set it
// tells of queries that take long.
type keepOpen struct{ *Store }

func (k keepOpen) Query(ctx context.Context, q bizmetrics.Query) ([]bizmetrics.Row, error) {
	start := time.Now()
	rows, err := k.Store.Query(ctx, q)
	if took := time.Since(start); os.Getenv("LOAD_QUERIES") != "" && took > time.Millisecond {
		fmt.Println(took, len(rows), q)
	}
	return rows, err
}

func (keepOpen) Close() error { return nil }
