package monitoring

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// Monitor is one wired instance of all packages. Make it with [New] or [Init].
// Safe for concurrent use.
type Monitor struct {
	Metrics  *metric.Registry
	Errors   *errortracking.Tracker
	Log      *logging.Logger
	Perf     *perfmon.Monitor
	DB       *dbmon.Monitor
	Business *bizmetrics.Recorder
	Alerts   *alerting.Manager

	config    Config
	now       func() time.Time
	dashboard *dashboard.Dashboard
	handler   http.Handler
	closing   atomic.Bool
}

// New makes a Monitor and starts it; it installs nothing as a default. A wrong
// Config opens nothing: all its wrong fields are named in one error, which Is
// [ErrInvalid]. ctx bounds the start only.
func New(ctx context.Context, c Config) (*Monitor, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start monitoring: %w", err)
	}
	c = c.resolve()
	m := &Monitor{config: c, now: c.Metrics.Now}
	if m.now == nil {
		m.now = time.Now
	}
	dir, stateErr := stateDir(c.StateDir, c.Service)
	if err := m.start(dir); err != nil {
		m.abandon()
		return nil, err
	}
	m.report(dir, stateErr)
	return m, nil
}

// start makes the packages in the order in which they need each other: the
// registry samples all, the log is where all of them warn.
func (m *Monitor) start(dir string) error {
	c := &m.config
	under := func(configured, name string) string {
		if configured == "" && dir != "" {
			return filepath.Join(dir, name)
		}
		return configured
	}
	var err error

	captured, logged := &lateHandler{}, &lateHandler{}
	c.Log.Handlers = append(c.Log.Handlers[:len(c.Log.Handlers):len(c.Log.Handlers)], captured)
	c.Metrics.Dir = under(c.Metrics.Dir, "history")
	c.Metrics.Attrs = m.resource()
	c.Metrics.Logger = slog.New(logged)
	if m.Metrics, err = metric.NewRegistry(c.Metrics); err != nil {
		return fmt.Errorf("start metrics: %w", err)
	}
	c.Log.Registry = m.Metrics
	if m.Log, err = logging.New(c.Log); err != nil {
		return fmt.Errorf("start logging: %w", err)
	}
	logger := m.Log.Logger
	logged.set(logger.Handler())

	c.Errors.Registry, c.Errors.Logger = m.Metrics, logger
	c.Errors.SpoolDir = under(c.Errors.SpoolDir, "errors")
	if m.Errors, err = errortracking.New(c.Errors); err != nil {
		return fmt.Errorf("start error tracking: %w", err)
	}
	captured.set(m.Errors.Handler())

	c.Perf.Registry, c.Perf.Logger = m.Metrics, logger
	if m.Perf, err = perfmon.New(c.Perf); err != nil {
		return fmt.Errorf("start performance monitoring: %w", err)
	}
	c.DB.Registry, c.DB.Logger = m.Metrics, logger
	if m.DB, err = dbmon.New(c.DB); err != nil {
		return fmt.Errorf("start database monitoring: %w", err)
	}
	c.Business.Registry, c.Business.Logger = m.Metrics, logger
	c.Business.Dir = under(c.Business.Dir, "business")
	if m.Business, err = bizmetrics.New(c.Business); err != nil {
		return fmt.Errorf("start business metrics: %w", err)
	}
	c.Alerts.Registry, c.Alerts.Logger = m.Metrics, logger
	c.Alerts.Dir = under(c.Alerts.Dir, "alerts")
	if m.Alerts, err = alerting.New(c.Alerts); err != nil {
		return fmt.Errorf("start alerting: %w", err)
	}
	if m.dashboard, err = m.newDashboard(); err != nil {
		return fmt.Errorf("start the dashboards: %w", err)
	}
	m.handler = m.newHandler()
	return nil
}

// resource are the attributes of all points, by OpenTelemetry's names.
func (m *Monitor) resource() map[string]string {
	attrs := map[string]string{
		"service.name":                m.config.Service,
		"service.version":             m.config.Release,
		"service.instance.id":         m.config.Instance,
		"deployment.environment.name": m.config.Environment,
	}
	if m.config.Region != "" {
		attrs["cloud.region"] = m.config.Region
	}
	return attrs
}

// abandon closes what was started before a later part failed.
func (m *Monitor) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if m.dashboard != nil {
		_ = m.dashboard.Close(ctx)
	}
	_ = m.Alerts.Close(ctx)
	_ = m.Business.Close(ctx)
	_ = m.DB.Close(ctx)
	_ = m.Perf.Close(ctx)
	_ = m.Errors.Close(ctx)
	if m.Log != nil {
		_ = m.Log.Close(ctx)
	}
	if m.Metrics != nil {
		_ = m.Metrics.Close(ctx)
	}
}

// report says once, in one line, what runs and what is off.
func (m *Monitor) report(dir string, stateErr error) {
	c := m.config
	persistent := m.Metrics.Gauge(metric.Desc{
		Name: "monitoring.state.persistent", Help: "1 if the state folder is on disk, 0 if state is kept in memory.",
	}).With()
	if c.Disabled {
		return
	}
	state := dir
	if dir == "" {
		state = "memory"
	} else {
		persistent.Set(1)
	}
	if stateErr != nil {
		m.Log.Warn("state is kept in memory and lost with the process", "error", stateErr)
	}
	var off []string
	if c.Errors.DSN == "" && c.Errors.Sink == nil {
		off = append(off, "Errors.DSN is not set: errors go to the log")
	}
	if len(c.Alerts.Routes) == 0 {
		off = append(off, "Alerts.Routes is not set: alerts go to the log")
	}
	args := []any{"service", c.Service, "environment", c.Environment, "release", c.Release, "state", state}
	if len(off) > 0 {
		args = append(args, "off", strings.Join(off, "; "))
	}
	m.Log.Info("monitoring started", args...)
}
