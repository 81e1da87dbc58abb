package monitoring

import (
	"context"
	"sync"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/perfmon"
)

// installed is the default instance, the only global state.
var installed struct {
	mu      sync.Mutex
	monitor *Monitor
}

// Init is New, and makes the Monitor the default: the one on which the
// packages' functions act. It returns ErrInitialized until that one's
// Shutdown.
func Init(ctx context.Context, c Config) (*Monitor, error) {
	installed.mu.Lock()
	defer installed.mu.Unlock()
	if installed.monitor != nil {
		return nil, ErrInitialized
	}
	m, err := New(ctx, c)
	if err != nil {
		return nil, err
	}
	installed.monitor = m
	errortracking.SetDefault(m.Errors)
	logging.SetDefault(m.Log)
	perfmon.SetDefault(m.Perf)
	dbmon.SetDefault(m.DB)
	bizmetrics.SetDefault(m.Business)
	alerting.SetDefault(m.Alerts)
	return m, nil
}

// Default is the Monitor that Init made; nil before it and after its Shutdown.
func Default() *Monitor {
	installed.mu.Lock()
	defer installed.mu.Unlock()
	return installed.monitor
}

// uninstall takes the default back where it is m's own.
func (m *Monitor) uninstall() {
	installed.mu.Lock()
	defer installed.mu.Unlock()
	if installed.monitor != m {
		return
	}
	installed.monitor = nil
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
