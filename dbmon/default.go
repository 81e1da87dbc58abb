package dbmon

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"
)

var installed atomic.Pointer[Monitor]

// Default is the Monitor that package functions and the zero [Tracer] act on;
// nil if there is none.
func Default() *Monitor { return installed.Load() }

// SetDefault installs m for package functions; nil uninstalls.
func SetDefault(m *Monitor) { installed.Store(m) }

// NewPool is [Monitor.NewPool] on the default Monitor. Without one the pool
// works all the same, and is attached to the first default that its queries
// find.
func NewPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return Default().NewPool(ctx, url)
}

// RecordCacheHit is [Monitor.RecordCacheHit] on the default Monitor.
func RecordCacheHit(cache string) { Default().RecordCacheHit(cache) }

// RecordCacheMiss is [Monitor.RecordCacheMiss] on the default Monitor.
func RecordCacheMiss(cache string) { Default().RecordCacheMiss(cache) }
