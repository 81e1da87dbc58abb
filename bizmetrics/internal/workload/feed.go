package workload

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Clock is the time of a service whose events are made up: it stands at what
// [Feed] or Set have said last.
type Clock struct{ at atomic.Pointer[time.Time] }

// Now is for Config.Now.
func (c *Clock) Now() time.Time {
	if at := c.at.Load(); at != nil {
		return *at
	}
	return time.Unix(0, 0)
}

// Set moves the clock.
func (c *Clock) Set(at time.Time) { c.at.Store(&at) }

// Feed records the arrivals in their order, each at its time of the clock, and
// syncs. Where the queue is full it waits, as an importer would.
func Feed(ctx context.Context, r *bizmetrics.Recorder, c *Clock, arrivals []Arrival) error {
	for i, a := range arrivals {
		c.Set(a.Clock)
		for {
			err := a.Record(ctx, r)
			if err == nil {
				break
			}
			if !errors.Is(err, bizmetrics.ErrDropped) {
				return fmt.Errorf("record event %d: %w", i, err)
			}
			if err := r.Sync(ctx); err != nil {
				return fmt.Errorf("wait for the queue: %w", err)
			}
			runtime.Gosched()
		}
		if i%20_000 == 19_999 { // before the queue is full: what it refuses counts as dropped
			if err := r.Sync(ctx); err != nil {
				return fmt.Errorf("sync after %d events: %w", i+1, err)
			}
		}
	}
	if err := r.Sync(ctx); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return nil
}
