package monitoring

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/perfmon"
)

// installed is the default instance, the only global state. It is read without
// the lock: what New calls of the service may ask for it.
var installed struct {
	mu      sync.Mutex // one Init or uninstall at a time
	monitor atomic.Pointer[Monitor]
}

// Init is New, and makes the Monitor the default: the one on which the
// packages' functions act. It returns ErrInitialized until that one's
// Shutdown.
func Init(ctx context.Context, c Config) (*Monitor, error) {
	installed.mu.Lock()
	defer installed.mu.Unlock()
	if installed.monitor.Load() != nil {
		return nil, ErrInitialized
	}
	m, err := New(ctx, c)
	if err != nil {
		return nil, err
	}
	installed.monitor.Store(m)
	errortracking.SetDefault(m.Errors)
	logging.SetDefault(m.Log)
	perfmon.SetDefault(m.Perf)
	dbmon.SetDefault(m.DB)
	bizmetrics.SetDefault(m.Business)
	alerting.SetDefault(m.Alerts)
	return m, nil
}

// Default is the Monitor that Init made; nil before it and after its Shutdown.
func Default() *Monitor { return installed.monitor.Load() }

// uninstall takes the default back where it is m's own.
func (m *Monitor) uninstall() {
	if installed.monitor.Load() != m {
		return
	}
	installed.mu.Lock()
	defer installed.mu.Unlock()
	installed.monitor.Store(nil)
	unset(m.Errors, errortracking.Default, errortracking.SetDefault)
	unset(m.Log, logging.Default, logging.SetDefault)
	unset(m.Perf, perfmon.Default, perfmon.SetDefault)
	unset(m.DB, dbmon.Default, dbmon.SetDefault)
	unset(m.Business, bizmetrics.Default, bizmetrics.SetDefault)
	unset(m.Alerts, alerting.Default, alerting.SetDefault)
}

func unset[T any](own *T, current func() *T, set func(*T)) {
	if current() == own {
		set(nil)
	}
}
