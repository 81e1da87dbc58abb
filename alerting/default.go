package alerting

import (
	"context"
	"sync/atomic"
)

var current atomic.Pointer[Manager]

// Default is the Manager that the package functions act on; nil if none is
// installed. It is looked up at each call.
func Default() *Manager { return current.Load() }

// SetDefault installs m as the default; nil takes it away.
func SetDefault(m *Manager) { current.Store(m) }

// CheckMetric is [Manager.CheckMetric] of the default; without one it is
// [ErrNotInitialized].
func CheckMetric(ctx context.Context, name string, v float64) error {
	return current.Load().CheckMetric(ctx, name, v)
}

// CreateAlert is [Manager.CreateAlert] of the default; without one it is
// [ErrNotInitialized].
func CreateAlert(ctx context.Context, a Alert) (Alert, error) {
	return current.Load().CreateAlert(ctx, a)
}

// Active is [Manager.Active] of the default; without one it is empty.
func Active() []Alert { return current.Load().Active() }
