package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
	"github.com/distri-night/monitoring/metric"
)

// maxActive bounds the alerts that are pending or active at one time.
const maxActive = 10_000

// Manager judges readings by rules, keeps the alerts that come of it, and
// tells the receivers. Make one with [New]. It is safe for concurrent use. A
// nil Manager does nothing, and its writes return [ErrNotInitialized].
type Manager struct {
	conf     Config
	routes   []Route
	store    Store
	closers  []func() error
	out      *outbox
	keep     *keeper
	own      own
	registry *metric.Registry
	ask      indicators // the registry, or a test's
	private  bool       // the registry is the Manager's own
	stop     func()
	unreg    func()

	rules atomic.Pointer[ruleset] // replaced, never changed

	mu      sync.Mutex
	tracked map[string]*tracked // by identity
	byID    map[string]*tracked // active ones
	tick    tick
	stats   tally
	history history
	closed  bool
}

// New checks c, takes up the alerts and messages that an earlier process left
// in the state folder, and starts. Close ends what it started.
func New(c Config) (*Manager, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Manager{conf: c, registry: c.Registry, tracked: map[string]*tracked{}, byID: map[string]*tracked{}}
	m.conf.Instance = cmp.Or(c.Instance, instance())
	m.own.set.Logger = c.Logger
	m.own.init()
	if c.Rules == nil {
		c.Rules = DefaultRules()
	}
	var rules ruleset
	for _, r := range c.Rules {
		rules = rules.with(compile(r))
	}
	m.rules.Store(&rules)
	if c.Disabled {
		return m, nil
	}
	if err := m.start(); err != nil {
		return nil, errors.Join(err, m.Close(context.Background()))
	}
	return m, nil
}

// start opens what the Manager owns, in the order in which it is needed.
func (m *Manager) start() error {
	m.routes = named(m.conf.Routes)
	if m.conf.Routes == nil {
		m.routes = []Route{{Name: "log", To: LogNotifier{Logger: m.conf.Logger}}}
	}
	if m.registry == nil {
		r, err := metric.NewRegistry(metric.Config{Now: m.conf.Now, Logger: m.conf.Logger})
		if err != nil {
			return wrap("make a registry", err)
		}
		m.registry, m.private = r, true
	}
	m.ask = m.registry
	m.openStore()
	q, err := m.openQueue()
	if err != nil {
		return err
	}
	out, known := newOutbox(q, m.routes, m.own.lost, m.log)
	m.out = out
	m.keep = newKeeper(m.store, m.conf.Instance, out, m.log)
	m.restore(known)
	unreg, err := m.registry.Register(m)
	if err != nil {
		return wrap("register its metrics", err)
	}
	m.unreg = unreg
	m.stop = m.registry.OnSample(m.evaluate)
	return nil
}

// openStore opens the file, or falls back to memory and says so.
func (m *Manager) openStore() {
	m.store = m.conf.Store
	if m.store != nil {
		return
	}
	if m.conf.Dir != "" {
		s, err := openFileStore(filepath.Join(m.conf.Dir, "alerts"), m.conf.Now)
		if err == nil {
			m.store = s
			m.closers = append(m.closers, s.Close)
			return
		}
		m.log().Warn("alerts: kept in memory only: the state folder cannot be used", "error", err)
	}
	m.store = &MemoryStore{Now: m.conf.Now}
}

// openQueue opens the outbox's queue, on disk if it can be.
func (m *Manager) openQueue() (*spool.Queue, error) {
	var dir string
	if m.conf.Dir != "" {
		dir = filepath.Join(m.conf.Dir, "outbox")
	}
	q, err := spool.Open(spool.Config{Dir: dir, MaxBytes: maxOutbox})
	switch {
	case q == nil:
		return nil, wrap("open the outbox", err)
	case err != nil && !q.Persistent():
		m.log().Warn("alerts: the outbox is in memory only: the state folder cannot be used", "error", err)
	case err != nil:
		m.log().Warn("alerts: some of what an earlier process left is not sent", "error", err)
	}
	return q, nil
}

// Close stops judging, delivers what is due, and releases what the Manager
// holds. A receiver that does not answer gets one more try. What is left by
// the deadline of ctx is in the error, and with a state folder also in the
// outbox of the next process. It may come twice.
func (m *Manager) Close(ctx context.Context) error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	first := !m.closed
	m.closed = true
	m.mu.Unlock()
	if !first {
		return nil
	}
	var errs []error
	if m.stop != nil {
		m.stop()
	}
	if m.unreg != nil {
		m.unreg()
	}
	if m.private {
		errs = append(errs, m.registry.Close(ctx))
	}
	var waiting int
	if m.keep != nil {
		waiting = m.keep.close(ctx)
	}
	if m.out != nil {
		errs = append(errs, m.out.close(ctx, waiting))
	}
	for _, c := range m.closers {
		errs = append(errs, wrap("close the store", c()))
	}
	return errors.Join(errs...)
}

// Flush returns when every notification that is due has been delivered, or
// ctx ends; the error says how many are left. Receivers that failed before
// are tried at once.
func (m *Manager) Flush(ctx context.Context) error {
	if !m.live() {
		return nil
	}
	if err := m.keep.flush(ctx); err != nil {
		return err
	}
	return m.out.flush(ctx)
}

// live reports whether there is something that runs.
func (m *Manager) live() bool {
	if m == nil || m.conf.Disabled {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.closed
}

func (m *Manager) now() time.Time {
	if m.conf.Now != nil {
		return m.conf.Now()
	}
	return time.Now()
}

func (m *Manager) log() *slog.Logger {
	if m.conf.Logger != nil {
		return m.conf.Logger
	}
	return slog.Default()
}

// instance is host and process.
func instance() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}
