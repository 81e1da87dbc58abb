package dbmon

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
)

// Monitor measures queries, pools and caches. Make one with [New]; a nil
// Monitor measures nothing. Safe for concurrent use.
type Monitor struct {
	set      metric.Set
	logger   *slog.Logger
	registry *metric.Registry
	private  bool // the registry is ours to close
	disabled bool

	epoch      time.Time // what since counts from
	slow       time.Duration
	slowByName map[string]time.Duration
	heldLimit  time.Duration // 0: nobody watches
	owner      reqctx.Owner  // of what is kept with a request

	operations *metric.Vec[metric.Histogram]
	rows       *metric.Vec[metric.Counter]
	waits      *metric.Vec[metric.Histogram]
	uses       *metric.Vec[metric.Histogram]
	connects   *metric.Vec[metric.Histogram]
	lookups    *metric.Vec[metric.Counter]

	unclosed    *metric.Vec[metric.Counter]
	heldTooLong *metric.Vec[metric.Counter]
	findingsOf  *metric.Vec[metric.Counter]

	queries names[query]
	texts   texts
	caches  names[cacheCounters]
	pools   pools
	slowest slowRing
	checks  checks
	conns   conns
	found   findings

	close      sync.Once
	unregister func()
}

// New makes a Monitor and registers it. All wrong fields are named in one
// error, which Is [ErrInvalid].
func New(c Config) (*Monitor, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Monitor{
		logger: c.Logger, registry: c.Registry, disabled: c.Disabled,
		epoch: time.Now(), slow: c.SlowQuery, slowByName: maps.Clone(c.SlowQueries), heldLimit: c.HeldConnection, unregister: func() {},
	}
	if m.logger == nil {
		m.logger = slog.Default()
	}
	if m.slow == 0 {
		m.slow = defaultSlow
	}
	m.texts.seed = maphash.MakeSeed()
	m.checks.turn = make(chan struct{}, 1)
	if c.Disabled {
		return m, nil
	}
	if err := m.instrument(); err != nil {
		return nil, fmt.Errorf("define dbmon's indicators: %w", err)
	}
	var err error
	if m.registry == nil {
		if m.registry, err = metric.NewRegistry(metric.Config{Logger: m.logger}); err != nil {
			return nil, fmt.Errorf("make a private registry: %w", err)
		}
		m.private = true
	}
	if m.unregister, err = m.registry.Register(m); err != nil {
		return nil, fmt.Errorf("register dbmon: %w", err)
	}
	return m, nil
}

// active reports whether m measures.
func (m *Monitor) active() bool { return m != nil && !m.disabled }

// since is a monotonic clock: one reading of it costs half of time.Now.
func (m *Monitor) since() time.Duration { return time.Since(m.epoch) }

// Close unregisters the Monitor and forgets its pools, which stay open: they
// are the service's. It waits for a check of a pool that is under way, for 2 s
// at most. It may come twice.
func (m *Monitor) Close(ctx context.Context) error {
	if m == nil {
		return nil
	}
	var err error
	m.close.Do(func() {
		m.unregister()
		wait, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		err = m.pools.clear(wait)
		if m.private {
			err = errors.Join(err, m.registry.Close(ctx))
		}
	})
	return err
}
