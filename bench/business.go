package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/distri-night/monitoring/bizmetrics"
)

const (
	orderIDs     = 4 << 20
	orderIDBytes = 12
)

// orderNames are IDs that nobody has used, made before the clock runs.
type orderNames struct {
	all  string
	used atomic.Int64
}

func newOrderNames() *orderNames {
	var b strings.Builder
	for i := range orderIDs {
		fmt.Fprintf(&b, "order-%0*d", orderIDBytes-len("order-"), i)
	}
	return &orderNames{all: b.String()}
}

func (o *orderNames) next() string {
	i := int(o.used.Add(1)) % orderIDs * orderIDBytes
	return o.all[i : i+orderIDBytes]
}

// ledgerFloor is the least that counting each order once takes: a map by ID
// under a lock, and a copy of the order.
type ledgerFloor struct {
	mu     sync.Mutex
	known  map[string]*bizmetrics.Order
	orders []*bizmetrics.Order
	total  int64
}

func (l *ledgerFloor) record(o bizmetrics.Order) {
	o.At = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[o.ID] != nil {
		return
	}
	l.known[o.ID] = &o
	l.orders = append(l.orders, &o)
	l.total += o.Total.Minor
}

// countAndLog is what services do without a ledger: counters, which count what
// is delivered twice twice, and a line for whoever adds up later.
type countAndLog struct {
	orders, revenue *prometheus.CounterVec
	log             *slog.Logger
}

func (c countAndLog) record(ctx context.Context, o bizmetrics.Order) {
	c.orders.WithLabelValues("placed").Inc()
	c.revenue.WithLabelValues(o.Total.Currency).Add(float64(o.Total.Minor))
	c.log.LogAttrs(ctx, slog.LevelInfo, "order placed", slog.String("id", o.ID), slog.String("customer", o.CustomerID),
		slog.String("supplier", o.SupplierID), slog.Int64("total", o.Total.Minor), slog.String("currency", o.Total.Currency))
}

// business measures RecordOrder: with the in-memory store, which works at the
// same time on the other CPU.
func business(ctx context.Context, s settings) ([]row, error) {
	ours, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Queue: orderIDs, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = ours.Close(ctx) }()
	idle, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = idle.Close(ctx) }()
	names := [3]*orderNames{newOrderNames(), newOrderNames(), newOrderNames()}
	floor := &ledgerFloor{known: map[string]*bizmetrics.Order{}}
	peer := countAndLog{
		prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orders"}, []string{"status"}),
		prometheus.NewCounterVec(prometheus.CounterOpts{Name: "revenue"}, []string{"currency"}),
		slog.New(slog.NewJSONHandler(io.Discard, nil)),
	}
	order := func(id string) bizmetrics.Order {
		return bizmetrics.Order{ID: id, CustomerID: "customer-1234", SupplierID: "supplier-12", Total: bizmetrics.Money{Minor: 1999, Currency: "EUR"}}
	}
	var failed atomic.Pointer[error]
	recordTo := func(r *bizmetrics.Recorder, id string) {
		if e := r.RecordOrder(ctx, order(id)); e != nil {
			failed.Store(new(e)) // &e would cost each call an allocation
		}
	}
	record := func(id string) { recordTo(ours, id) }
	rounds := min(s.rounds, 41) // each before it collects what all before it have kept
	f := measure(rounds, s.block,
		subject{"ours", times(func() { record(names[0].next()) })},
		subject{"a map and a lock", times(func() { floor.record(order(names[1].next())) })},
		subject{"client_golang and a log/slog line", times(func() { peer.record(ctx, order(names[2].next())) })},
	)
	if err := ours.Sync(ctx); err != nil { // else its allocations are told of what comes next
		return nil, err
	}
	again := measure(s.rounds, s.block, subject{"ours", times(func() { recordTo(idle, "order-again") })})
	both := measure(rounds, s.block,
		subject{"ours", spread(func() { record(names[0].next()) })},
		subject{"a map and a lock", spread(func() { floor.record(order(names[1].next())) })},
	)
	if e := failed.Load(); e != nil {
		return nil, *e
	}
	return []row{
		alone("`RecordOrder`, a new order", f[0], 500, 2),
		beside("`RecordOrder`, a new order", f[0], f[1], 2.5, 2),
		beside("`RecordOrder`, a new order", f[0], f[2], 1, 2),
		alone("`RecordOrder`, delivered twice", again[0], 500, 0),
		beside("`RecordOrder`, on all CPUs at once", both[0], both[1], nothing, nothing),
	}, nil
}

func times(do func()) func(int) {
	return func(n int) {
		for range n {
			do()
		}
	}
}

// spread divides the calls among as many goroutines as there are CPUs.
func spread(do func()) func(int) {
	return func(n int) {
		var wg sync.WaitGroup
		share := n/runtime.GOMAXPROCS(0) + 1
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() { times(do)(share) })
		}
		wg.Wait()
	}
}
