package metric

import "sync/atomic"

// Counter only goes up. A nil Counter is a no-op. Safe for concurrent use.
type Counter struct{ n atomic.Uint64 }

// Add adds n.
func (c *Counter) Add(n uint64) {
	if c != nil {
		c.n.Add(n)
	}
}
