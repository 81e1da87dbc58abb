package perfmon

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
)

// Monitor measures requests, page views and marks. Make one with [New]; a nil
// Monitor measures nothing. Safe for concurrent use.
type Monitor struct {
	owner    reqctx.Owner // of the middleware
	set      metric.Set
	config   Config
	logger   *slog.Logger
	now      func() time.Time
	registry *metric.Registry
	private  bool // the registry is ours to close

	routes   routes
	outgoing outgoing
	serving  atomic.Int64 // requests, shown by inFlight
	inFlight *metric.Gauge
	users    activeUsers
	vitals   map[string]*metric.Vec[metric.Histogram] // by the name in a beacon
	marks    *metric.Vec[metric.Histogram]
	beacons  limiter
	slos     *sloCounter
	runtime  *goRuntime
	process  *process
	script   []byte

	close      sync.Once
	unregister func()
}

// New makes a Monitor and registers it. All wrong fields are named in one
// error, which Is [ErrInvalid].
func New(c Config) (*Monitor, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Monitor{config: c, logger: c.Logger, now: c.Now, registry: c.Registry, unregister: func() {}}
	if m.logger == nil {
		m.logger = slog.Default()
	}
	if m.now == nil {
		m.now = time.Now
	}
	if c.Disabled {
		return m, nil
	}
	m.set.Logger = m.logger
	if c.SLOs == nil {
		c.SLOs = DefaultSLOs()
	}
	m.slos = newSLOCounter(c.SLOs)
	m.instrument()
	m.script = renderScript(c.SampleRate)
	if m.registry == nil {
		var err error
		if m.registry, err = metric.NewRegistry(metric.Config{Logger: m.logger}); err != nil {
			return nil, fmt.Errorf("make a private registry: %w", err)
		}
		m.private = true
	}
	m.runtime, m.process = newGoRuntime(m.now()), newProcess(m.now(), "/")
	var err error
	if m.unregister, err = m.registry.Register(m); err != nil {
		m.process.close()
		return nil, fmt.Errorf("register perfmon: %w", err)
	}
	return m, nil
}

// Produce emits the metrics; it is for the Registry.
func (m *Monitor) Produce(emit func(metric.Family)) {
	if m == nil || m.config.Disabled {
		return
	}
	m.users.report(m.now())
	m.inFlight.Set(float64(m.serving.Load()))
	m.slos.produce(&m.set, emit)
	m.runtime.produce(emit)
	m.process.produce(emit)
}

// Indicators are those of requests, objectives, page views, users and the Go
// runtime.
func (m *Monitor) Indicators() []metric.Indicator {
	if m == nil {
		return nil
	}
	return m.set.Indicators()
}

// Close unregisters the Monitor. It may come twice.
func (m *Monitor) Close(ctx context.Context) error {
	if m == nil {
		return nil
	}
	var err error
	m.close.Do(func() {
		m.unregister()
		if m.process != nil {
			m.process.close()
		}
		if m.private {
			err = m.registry.Close(ctx)
		}
	})
	return err
}
