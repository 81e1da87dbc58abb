package alerting_test

import (
	"sync"
	"testing"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/alerting/alertingtest"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestTheMemoryStore(t *testing.T) {
	alertingtest.TestStore(t, func(t *testing.T) alertingtest.Opened {
		c := &clock{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
		return alertingtest.Opened{Store: &alerting.MemoryStore{Now: c.Now}, Advance: c.advance}
	})
}

func TestTheFileStore(t *testing.T) {
	alertingtest.TestStore(t, func(t *testing.T) alertingtest.Opened {
		c := &clock{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
		dir := t.TempDir()
		s := alerting.FileStore(t, dir, c.Now)
		t.Cleanup(func() { _ = s.Close() })
		return alertingtest.Opened{Store: s, Advance: c.advance, Single: true, Reopen: func() alerting.Store {
			_ = s.Close()
			s = alerting.FileStore(t, dir, c.Now)
			return s
		}}
	})
}
