package bizmetrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/metric"
)

// Recorder takes business events in and reports on them. It is safe for
// concurrent use. A nil Recorder does nothing and returns [ErrNotInitialized].
//
// It is a view of what [New] made: of all tenants, or of one, by
// [Recorder.ForTenant].
type Recorder struct {
	*core
	tenant string // "": all
}

// core is what all views of one Recorder share.
type core struct {
	cfg      Config
	currency atomic.Pointer[string] // of the reports; nil until the first event names one
	counts   counters
	backend  backend
	claim    func(*ledger.Record) Outcome // of the backend
	release  func(...*ledger.Record)      // of the backend
	late     bool                         // the store knows what is new, and says so later
	queue    *queue
	drops    dropNotice
	failing  atomic.Int64 // since when store or journal refuse, µs; 0: they do not
	behind   atomic.Bool // events wait in the journal: the store refused last time

	syncs      chan chan<- error
	stop       chan struct{}
	stopped    chan struct{} // closed when the committer is gone
	last       error         // of the last commit, set before stopped is closed
	cancel     context.CancelFunc
	closing    sync.Once
	unregister func()
	private    *metric.Registry // made by New, closed by Close
}

// New makes a Recorder, reads its journal back and starts its committer. Every
// wrong field of c is named at once.
func New(c Config) (*Recorder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := &Recorder{core: &core{cfg: c.withDefaults(), unregister: func() {}}}
	if r.cfg.Currency != "" {
		r.currency.Store(&r.cfg.Currency)
	}
	r.counts.set.Logger = r.cfg.Logger
	if err := r.counts.declare(); err != nil {
		return nil, fmt.Errorf("declare business metrics: %w", err)
	}
	if c.Disabled {
		r.backend = &journaled{memory: newMemory(r.cfg.calendar())}
		return r, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := r.open(ctx); err != nil {
		cancel()
		return nil, err
	}
	if err := r.register(r); err != nil {
		cancel()
		return nil, errors.Join(err, r.backend.store().Close())
	}
	r.claim, r.release = r.backend.claim, r.backend.release
	r.queue = newQueue(r.cfg.Queue)
	r.syncs, r.stop, r.stopped = make(chan chan<- error), make(chan struct{}), make(chan struct{})
	r.cancel = cancel
	go r.run(ctx)
	return r, nil
}

func (r *core) open(ctx context.Context) error {
	if r.cfg.Store != nil {
		if err := r.cfg.checkStore(); err != nil {
			return err
		}
		r.backend, r.late = openRelay(ctx, r), true
		return nil
	}
	j, err := openJournal(r.cfg, &r.counts, r.convert)
	if err != nil {
		return err
	}
	if base := j.base; base != "" {
		r.currency.CompareAndSwap(nil, &base)
	}
	r.backend = j
	return nil
}

func (r *core) register(p metric.Producer) error {
	registry := r.cfg.Registry
	if registry == nil {
		private, err := metric.NewRegistry(metric.Config{})
		if err != nil {
			return fmt.Errorf("make a private registry: %w", err)
		}
		registry, r.private = private, private
	}
	unregister, err := registry.Register(p)
	if err != nil {
		if r.private != nil {
			err = errors.Join(err, r.private.Close(context.Background()))
		}
		return fmt.Errorf("register business metrics: %w", err)
	}
	r.unregister = unregister
	return nil
}

// Produce emits the counters. With the in-memory store they include every
// event recorded so far; with another, those that it has acknowledged.
func (r *Recorder) Produce(emit func(metric.Family)) {
	if r == nil {
		return
	}
	unstored := time.Duration(0)
	if since := r.failing.Load(); since != 0 {
		unstored = max(r.cfg.Now().Sub(time.UnixMicro(since)), 0)
	}
	r.counts.unstored.Set(unstored.Seconds())
	r.counts.set.Produce(emit)
}

// Indicators are payment_success, order_rate and business_unstored.
func (r *Recorder) Indicators() []metric.Indicator {
	if r == nil {
		return nil
	}
	return r.counts.set.Indicators()
}

// RecordOrder records that an order has reached a status. It never waits for
// the store. A wrong field is an error that is [ErrInvalid] and names it; a
// currency that cannot be converted is [ErrCurrency]; a full queue
// [ErrDropped]. An event recorded before is no error, and counts once.
func (r *Recorder) RecordOrder(_ context.Context, o Order) error { return take(r, o, o.At) }

// RecordRefund records money given back; see [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordRefund(_ context.Context, f Refund) error { return take(r, f, f.At) }

// RecordPayment records an attempt to take money; see [Recorder.RecordOrder]
// for errors.
func (r *Recorder) RecordPayment(_ context.Context, p Payment) error { return take(r, p, p.At) }

// RecordSupplierResponse records a supplier's answer; see
// [Recorder.RecordOrder] for errors.
func (r *Recorder) RecordSupplierResponse(_ context.Context, s SupplierResponse) error {
	return take(r, s, s.At)
}

// RecordNPS records an answer of a customer; see [Recorder.RecordOrder] for
// errors.
func (r *Recorder) RecordNPS(_ context.Context, n NPS) error { return take(r, n, n.At) }

// inert reports whether there is nothing to record to, and what to say then.
func (r *Recorder) inert() (bool, error) {
	if r == nil {
		return true, ErrNotInitialized
	}
	return r.cfg.Disabled, nil
}

// event is one of the types of events.
type event interface {
	validate() error
	record() ledger.Record
}

// take records e, whose own time is at.
func take[E event](r *Recorder, e E, at time.Time) error {
	if inert, err := r.inert(); inert {
		return err
	}
	if err := e.validate(); err != nil {
		return err
	}
	record := e.record()
	return r.record(&record, at)
}

// record does not let e escape: it stays on the caller's stack.
func (r *Recorder) record(e *ledger.Record, at time.Time) error {
	if e.Tenant == "" {
		e.Tenant = r.tenant
	}
	e.Arrived = r.cfg.Now().UnixMicro()
	if e.At = e.Arrived; !at.IsZero() {
		e.At, e.AtGiven = at.UnixMicro(), true
	}
	if err := r.convert(e); err != nil {
		return err
	}
	outcome, err := r.queue.push(e, r.claim, r.release)
	if err != nil {
		r.drop(err)
		return fmt.Errorf("%w: %w", ErrDropped, err)
	}
	if !r.late {
		r.counts.count(e, outcome)
	}
	return nil
}

func (r *core) drop(err error) {
	reason := reasonFull
	switch {
	case errors.Is(err, errClosed):
		reason = reasonClosed
	case r.failing.Load() != 0 && r.cfg.Dir != "":
		reason = reasonDisk
	}
	if r.lose(reason, 1) {
		r.cfg.Logger.Error("business event dropped", slog.Any("error", err), slog.String("reason", reason))
	}
}

// lose counts events that are lost, and reports whether to say so now.
func (r *core) lose(reason string, n int) bool {
	r.counts.drop(reason, n)
	return r.drops.add(r.cfg.Now(), int64(n))
}

// dropNotice lets one message a minute through, and remembers how many there
// were.
type dropNotice struct {
	n    atomic.Int64
	last atomic.Int64
}

func (d *dropNotice) add(now time.Time, n int64) bool {
	d.n.Add(n)
	last := d.last.Load()
	return (last == 0 || now.UnixNano()-last > int64(time.Minute)) && d.last.CompareAndSwap(last, now.UnixNano())
}
