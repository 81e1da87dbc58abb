package perfmon

import "sync/atomic"

var installed atomic.Pointer[Monitor]

// Default is the Monitor that package functions act on; nil if there is none.
func Default() *Monitor { return installed.Load() }

// SetDefault installs m for package functions; nil uninstalls.
func SetDefault(m *Monitor) { installed.Store(m) }
