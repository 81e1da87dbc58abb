package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/internal/spool"
	"github.com/distri-night/monitoring/metric"
)

// patience is how long Flush and Close wait if their context does not say.
const patience = 5 * time.Second

var goVersion = runtime.Version()

// Tracker captures errors and delivers them. Make one with [New]; a nil
// Tracker writes to slog.Default, and does nothing else. Safe for concurrent
// use.
type Tracker struct {
	config    Config
	commit    string // that the binary was built from
	server    string
	dsn       *sentry.Dsn // nil: none
	redactor  *redact.Redactor
	issues    issues
	looks     cache[recollection]
	eventURL  string       // with eventIDMark
	templates atomic.Int64 // bytes that wait to be summaries
	crumbs    ring
	others    reqctx.Reports // of what has no request

	owner    reqctx.Owner    // of the middleware
	sampler  *reqctx.Sampler // nil: nothing is recorded
	set      metric.Set
	captured *metric.Vec[metric.Counter]
	dropped  *metric.Vec[metric.Counter]
	spooled  *metric.Gauge
	registry *metric.Registry
	private  bool // the registry is ours to close

	pending  pending
	writing  sync.Mutex   // held while drafts go from pending into queue
	queue    *spool.Queue // nil: a sink, or the log
	delivery *delivery
	discards reports
	tunnel   tunnel

	held       chan struct{} // something is held back
	stop       chan struct{}
	stopped    sync.WaitGroup
	unregister func()

	mu     sync.Mutex
	closed bool

	beforeSendPanics, samplePanics, spoolFull, sinkPanics, adoption sync.Once
}

// New makes a Tracker and registers its metrics. All wrong fields are named in
// one error, which Is [ErrInvalid]. A SpoolDir that cannot be used is said in
// the log, and events are kept in memory.
func New(c Config) (*Tracker, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	t := &Tracker{
		config: c, server: serverName(), commit: buildCommit(), redactor: redact.New(c.Allow),
		held: make(chan struct{}, 1), stop: make(chan struct{}), unregister: func() {},
	}
	t.issues.limit = c.FloodLimit
	if c.DSN != "" {
		t.dsn, _ = parseDSN(c.DSN) // checked
	}
	if t.eventURL = c.EventURL; t.eventURL == "" {
		t.eventURL = eventTemplate(t.dsn)
	}
	t.instrument()
	t.tunnel.init(t.dsn)
	if c.Disabled {
		return t, nil
	}
	if err := t.register(); err != nil {
		return nil, err
	}
	if t.dsn != nil && c.Sink == nil {
		t.openSpool()
		t.delivery = newDelivery(t, t.dsn)
		t.delivery.start()
		t.stopped.Go(t.work)
	}
	t.sampler = t.newSampler()
	t.stopped.Go(t.summarize)
	return t, nil
}

func (t *Tracker) register() (err error) {
	if t.registry = t.config.Registry; t.registry == nil {
		if t.registry, err = metric.NewRegistry(metric.Config{Logger: t.config.Logger}); err != nil {
			return fmt.Errorf("make a private registry: %w", err)
		}
		t.private = true
	}
	if t.unregister, err = t.registry.Register(t); err != nil {
		return fmt.Errorf("register errortracking: %w", err)
	}
	return nil
}

func (t *Tracker) openSpool() {
	c := spool.Config{Dir: t.config.SpoolDir}
	if c.Dir == "" {
		c.MaxBytes = memoryBytes
	} else {
		c.Dir = filepath.Clean(c.Dir)
	}
	queue, err := spool.Open(c)
	if err != nil {
		t.say(slog.LevelWarn, "the spool of errors is not as it should be", "error", err.Error(), "on_disk", queue.Persistent())
	}
	t.queue = queue
	t.pending.init(queue.Room())
	t.pending.room.Store(queue.Room())
	if n := queue.Damaged(); n > 0 {
		t.lost(reasonDamaged, n)
	}
}

// Classify says what the Tracker takes err for: what Config.Classify says,
// else the built-in rules; of a joined error the worst branch decides.
func (t *Tracker) Classify(err error) Class {
	var own func(error) (Class, bool)
	if t != nil {
		own = t.config.Classify
	}
	return classify(err, own)
}

// Delivery is how many events wait, and why the last attempt failed; nil if it
// went well.
func (t *Tracker) Delivery() (waiting int, lastErr error) {
	if t == nil || t.delivery == nil {
		return 0, nil
	}
	return t.waiting(), t.delivery.state()
}

// waiting counts what is captured and not delivered.
func (t *Tracker) waiting() int { return t.pending.len() + t.queue.Len() }

// Flush sends what waits, counts of floods included, and returns when nothing
// does, or when ctx is done (at the latest after 5 s if it has no deadline)
// with an error that says how many events are left.
func (t *Tracker) Flush(ctx context.Context) error {
	if t == nil {
		return ErrNotInitialized
	}
	if t.config.Disabled {
		return nil
	}
	t.sendSummaries(t.config.Now(), true)
	return t.drain(ctx)
}

func (t *Tracker) drain(ctx context.Context) error {
	if t.delivery == nil {
		return nil
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	t.writePending()
	t.delivery.drain(ctx)
	n := t.waiting()
	noun := "events"
	if n == 1 {
		noun = "event"
	}
	switch {
	case n == 0:
		return nil
	case t.queue.Persistent():
		return fmt.Errorf("errors: %d %s left in the spool", n, noun)
	default:
		return fmt.Errorf("errors: %d %s left in the spool, which is in memory", n, noun)
	}
}

// Close flushes, stops and says what is left in the spool, from where the next
// process sends it. What is captured later goes to the log. It may come twice.
func (t *Tracker) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if t.isClosed() || t.config.Disabled {
		return nil
	}
	t.sendSummaries(t.config.Now(), true)
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil
	}
	t.closed = true
	t.mu.Unlock()

	if t.queue != nil {
		t.pending.close()
		t.writePending()
		t.stopped.Go(func() { _ = t.queue.Sync() }) // so that the last one takes no time; its error comes again
	}
	err := t.drain(ctx)
	close(t.stop)
	t.stopped.Wait()
	if t.delivery != nil {
		t.delivery.stop(ctx)
		t.dropped.With("tracing", reasonMemory).Add(uint64(t.delivery.transactions.len()))
		if n := t.queue.Len(); n > 0 && !t.queue.Persistent() {
			t.lost(reasonMemory, uint64(n))
		}
		err = errors.Join(err, t.queue.Close())
	}
	t.tunnel.close()
	t.unregister()
	if t.private {
		// Nothing of it goes anywhere, so it takes no time, also past the deadline.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 50*time.Millisecond)
		defer cancel()
		err = errors.Join(err, t.registry.Close(ctx))
	}
	return err
}

func (t *Tracker) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}
