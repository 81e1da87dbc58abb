package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/spool"
)

const (
	memoryBytes = 16 << 20 // of events without a SpoolDir
	adoptEvery  = time.Minute
)

// delivery takes events off the spool, one after the other, to Sentry; after
// them transactions; and with either, or else once a minute, a report of what
// was not sent. What Sentry limits does not hold up the rest.
type delivery struct {
	t            *Tracker
	queue        *spool.Queue
	transport    *transport
	transactions transactions
	limits       limits

	cancel context.CancelFunc
	wait   sync.WaitGroup
	hurry  chan struct{} // ends a back-off

	// Of the goroutine only.
	passed   uint64    // records up to here are held back by a limit
	heldTill time.Time // when to look at them again; zero: there are none
	reported time.Time // the last report
	adopted  time.Time // when the folders of dead processes were looked at

	mu       sync.Mutex
	lastErr  error         // nil: the last attempt went well
	progress chan struct{} // closed when something left a queue
}

func newDelivery(t *Tracker, dsn *sentry.Dsn) *delivery {
	return &delivery{
		t: t, queue: t.queue, transport: newTransport(dsn), transactions: transactions{news: make(chan struct{}, 1)},
		hurry: make(chan struct{}, 1), progress: make(chan struct{}), reported: time.Now(), adopted: time.Now(),
	}
}

func (d *delivery) start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	d.wait.Go(func() { d.run(ctx) })
}

// stop ends an attempt that is under way, and waits. If Sentry answered last
// time it gets the last report, as long as ctx lasts.
func (d *delivery) stop(ctx context.Context) {
	d.cancel()
	d.wait.Wait()
	if ctx.Err() == nil && d.state() == nil && !d.t.discards.empty() && d.limits.of(categoryInternal, time.Now()).IsZero() {
		_ = d.attempt(ctx, parcel{category: categoryInternal})
	}
	d.transport.close()
}

func (d *delivery) run(ctx context.Context) {
	failures := 0
	for {
		p, err := d.next(ctx)
		if err == nil {
			err = d.attempt(ctx, p)
		}
		if ctx.Err() != nil || errors.Is(err, spool.ErrClosed) {
			return
		}
		d.note(err, failures == 0)
		switch {
		case err == nil:
			failures = 0
			continue
		case errors.Is(err, errLimited):
			failures++
			if !d.limits.of(p.category, time.Now()).IsZero() {
				continue // next knows how long, and what may go out meanwhile
			}
		default:
			failures++
		}
		if !sleep(ctx, backoff(failures, rand.Float64()), d.hurry) { //nolint:gosec // jitter
			return
		}
	}
}

var errLimited = errors.New("send to Sentry: it has set a rate limit")

// attempt sends p once. It is taken off its queue unless it should be tried
// again, which an error says.
func (d *delivery) attempt(ctx context.Context, p parcel) error {
	now := time.Now()
	report := d.t.discards.take()
	envelope, err := d.transport.envelope(p.header, p.items, reportItem(report, now))
	if err != nil {
		return err
	}
	d.reported = now
	code, header, err := d.transport.post(ctx, envelope)
	if err != nil {
		d.t.discards.putBack(report)
		return fmt.Errorf("send to Sentry: %w", err)
	}
	d.limits.note(code, header, time.Now())
	switch {
	case code >= 200 && code < 300:
		d.done(p)
		return nil
	case code == http.StatusTooManyRequests:
		if p.transaction != nil { // Sentry has counted it itself
			d.t.dropped.With("tracing", string(discardRateLimit)).Add(1)
		}
		if p.seq == 0 {
			d.done(p)
		}
		return errLimited
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooEarly:
		d.refused(p, code)
		return nil
	default:
		d.t.discards.putBack(report)
		return fmt.Errorf("send to Sentry: status %d", code)
	}
}

// refused: for good.
func (d *delivery) refused(p parcel, code int) {
	switch {
	case p.seq != 0:
		d.t.lost(reasonRefused, 1)
		d.t.say(slog.LevelError, "Sentry refused an event", "status", code, "event_id", p.header.EventID)
	case p.transaction != nil:
		d.t.lostTransaction(discardSend, *p.transaction)
		d.t.say(slog.LevelWarn, "Sentry refused a transaction", "status", code)
	}
	d.done(p)
}

func (d *delivery) done(p parcel) {
	if p.transaction != nil {
		d.doneTransaction()
		return
	}
	if p.seq == 0 {
		return
	}
	if err := d.queue.Done(p.seq); err != nil {
		d.t.say(slog.LevelWarn, "an event that was sent may be sent again at the next start", "error", err.Error())
	}
	d.t.pending.room.Store(d.queue.Room())
	d.progressed()
}

func (d *delivery) doneTransaction() {
	d.transactions.done()
	d.progressed()
}

func (d *delivery) progressed() {
	d.mu.Lock()
	close(d.progress)
	d.progress = make(chan struct{})
	d.mu.Unlock()
}

// note keeps how the last attempt went, and says when that changes.
func (d *delivery) note(err error, before bool) {
	d.mu.Lock()
	d.lastErr = err
	d.mu.Unlock()
	switch {
	case err != nil && before:
		d.t.say(slog.LevelWarn, "events cannot be delivered; they wait in the spool", "error", err.Error(), "waiting", d.queue.Len())
	case err == nil && !before:
		d.t.say(slog.LevelInfo, "events are delivered again")
	}
}

// sleep ends early when somebody hurries.
func sleep(ctx context.Context, pause time.Duration, hurry <-chan struct{}) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

// drain waits until the queues are empty, or ctx ends.
func (d *delivery) drain(ctx context.Context) {
	select {
	case d.hurry <- struct{}{}:
	default:
	}
	for {
		d.mu.Lock()
		progress := d.progress
		d.mu.Unlock()
		if d.queue.Len() == 0 && d.transactions.len() == 0 {
			return
		}
		select {
		case <-progress:
		case <-ctx.Done():
			return
		}
	}
}

// state is why nothing, or no error, can be delivered now; nil if it can.
func (d *delivery) state() error {
	d.mu.Lock()
	err := d.lastErr
	d.mu.Unlock()
	if err == nil && !d.limits.of(categoryError, time.Now()).IsZero() {
		return errLimited
	}
	return err
}
