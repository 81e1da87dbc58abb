package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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

// CheckMetric judges one reading at once, by the rule called name: without
// For, Keep and noise guard, but with Hysteresis. It is the second source of
// the rule's alert, beside the evaluator: the alert fires while either does. A
// pushed reading has no labels: under a rule with By it has an alert of its own.
// NaN and infinity are [ErrInvalid], a name without a rule is [ErrNoRule]. A
// good reading while nothing fires takes no clock, no lock and no allocation.
func (m *Manager) CheckMetric(_ context.Context, name string, v float64) error {
	if m == nil {
		return ErrNotInitialized
	}
	c := m.rules.Load().fast.find(name)
	if c != nil && v-v == 0 && !c.breaks(v, c.mildest) && !c.pushed.Load() {
		return nil
	}
	return m.push(c, name, v)
}

func noRule(name string) error { return fmt.Errorf("%w: %q", ErrNoRule, name) }

func notFinite(v float64) error { return fault("Value", "a finite number", v) }

// push judges a reading that breaks a level, may end an alert, or is none.
func (m *Manager) push(c *compiled, name string, v float64) error {
	switch {
	case m.conf.Disabled:
		return nil
	case c == nil:
		return noRule(name)
	case v-v != 0:
		return notFinite(v)
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	c = m.rules.Load().byName[name] // it may have been replaced meanwhile
	t := m.find(c, nil)
	if t == nil {
		return nil
	}
	t.pushed = t.pushed.next(c, v, tick{now: now}, judging{})
	m.settle(t, c, now, Recovered)
	c.holds(t)
	return nil
}

// CreateAlert raises an alert that has no rule. While one with the same Title
// and Labels is active that one is returned, raised first if a is worse. It
// holds until Resolve. Severity and Title are required ([ErrInvalid]); text
// is redacted and cut to its bounds.
func (m *Manager) CreateAlert(_ context.Context, a Alert) (Alert, error) {
	if m == nil {
		return Alert{}, ErrNotInitialized
	}
	if m.conf.Disabled {
		return Alert{}, nil
	}
	a, err := a.checked()
	if err != nil {
		return Alert{}, err
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return Alert{}, ErrNotInitialized
	}
	key := identity(a)
	t := m.tracked[key]
	switch {
	case t == nil:
		if len(m.tracked) >= maxActive {
			m.own.lost(lostAlerts, 1)
			return Alert{}, ErrTooMany
		}
		t = &tracked{key: key, alert: a}
		m.tracked[key] = t
		m.fire(t, now)
	case a.Severity.worse(t.alert.Severity):
		t.alert.Severity, t.alert.Message = a.Severity, a.Message
		t.alert.Value, t.alert.Threshold = a.Value, a.Threshold
		m.raise(t, now)
	}
	return t.alert.clone(), nil
}

// Acknowledge says that by has taken the alert: repeats stop, nobody is told,
// and it goes on until it is resolved. A worse level opens it again. An ID
// that no active alert has is [ErrNotFound].
func (m *Manager) Acknowledge(_ context.Context, id, by string) error {
	return m.change(id, func(t *tracked, now time.Time) {
		if t.alert.State == Acknowledged {
			return
		}
		t.alert.State, t.alert.AcknowledgedAt = Acknowledged, now
		t.alert.AcknowledgedBy = cut(by, maxLabel)
		m.stats.acknowledged(t.alert)
		m.changed(t)
	})
}

// Unacknowledge takes an acknowledgement back. An ID that no active alert has
// is [ErrNotFound].
func (m *Manager) Unacknowledge(_ context.Context, id string) error {
	return m.change(id, func(t *tracked, _ time.Time) {
		if t.alert.State != Acknowledged {
			return
		}
		m.stats.reopened(t.alert)
		t.alert.reopen()
		m.changed(t)
	})
}

// Resolve ends an alert by hand, and tells everybody who was told of it. The
// alert of a rule starts afresh: if its level is still broken, a new alert
// fires after the rule's For. An ID that no active alert has is [ErrNotFound].
func (m *Manager) Resolve(_ context.Context, id string) error {
	return m.change(id, func(t *tracked, now time.Time) {
		t.pushed, t.evaluated = source{}, source{}
		m.rules.Load().byName[t.alert.Rule].holds(t)
		m.resolve(t, now, ByHand)
	})
}

// change finds the active alert and changes it under the lock.
func (m *Manager) change(id string, f func(*tracked, time.Time)) error {
	if m == nil {
		return ErrNotInitialized
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conf.Disabled {
		return nil
	}
	if m.closed {
		return ErrNotInitialized
	}
	t := m.byID[id]
	if t == nil {
		return fmt.Errorf("%w: %q", ErrNotFound, cut(id, 64))
	}
	f(t, now)
	return nil
}

// SetRule adds r, or puts it in place of the rule of its name. Alerts that
// are active go on under the new rule.
func (m *Manager) SetRule(_ context.Context, r Rule) error {
	if m == nil {
		return ErrNotInitialized
	}
	if err := r.Validate(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	rules := m.rules.Load().with(compile(r))
	m.rules.Store(&rules)
	return nil
}

// Rules are those in force, in the order in which they were given, with their
// defaults filled in.
func (m *Manager) Rules() []Rule {
	if m == nil {
		return nil
	}
	var list []Rule
	for _, c := range m.rules.Load().list {
		r := c.Rule
		r.Levels, r.By = slices.Clone(r.Levels), slices.Clone(r.By)
		list = append(list, r)
	}
	return list
}

// Active gives the alerts that fire or are acknowledged, worst first.
func (m *Manager) Active() []Alert {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Alert, 0, len(m.byID))
	for _, t := range m.byID {
		list = append(list, t.alert.clone())
	}
	slices.SortFunc(list, worstFirst)
	return list
}

// Pending gives the alerts that wait for their rule's For, worst first. They
// have no ID, and nobody has been told of them.
func (m *Manager) Pending() []Alert {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Alert
	for _, t := range m.tracked {
		if t.alert.ID == "" {
			list = append(list, t.alert.clone())
		}
	}
	slices.SortFunc(list, worstFirst)
	return list
}

// Alerts gives the alerts that are active or were resolved since, the newest
// first: at most the last 1,000 resolved ones.
func (m *Manager) Alerts(since time.Time) []Alert {
	if m == nil {
		return nil
	}
	list := m.Active()
	m.mu.Lock()
	list = append(list, m.history.since(since)...)
	m.mu.Unlock()
	slices.SortFunc(list, newestFirst)
	return list
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
