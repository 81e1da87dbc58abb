// Package alertingtest has what tests of alerting need: a receiver that
// collects, and the checks that every alerting.Store passes.
package alertingtest

import (
	"context"
	"slices"
	"sync"

	"github.com/distri-night/monitoring/alerting"
)

// Collector is a receiver that keeps what it gets. The zero value is ready.
// It is safe for concurrent use.
type Collector struct {
	mu   sync.Mutex
	got  []alerting.Notification
	fail error
}

// Notify keeps n, or returns what FailWith has set.
func (c *Collector) Notify(_ context.Context, n alerting.Notification) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return c.fail
	}
	c.got = append(c.got, n)
	return nil
}

// FailWith makes Notify return err from now on; nil ends that.
func (c *Collector) FailWith(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = err
}

// Notifications are those taken, in their order.
func (c *Collector) Notifications() []alerting.Notification {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}

// Said is what was taken in short, one line an alert: "error_rate P0 firing".
// An alert without a rule has its title in front.
func (c *Collector) Said() []string {
	said := []string{}
	for _, n := range c.Notifications() {
		for _, a := range n.Alerts {
			name := a.Rule
			if name == "" {
				name = a.Title
			}
			said = append(said, name+" "+a.Severity.String()+" "+string(a.State))
		}
	}
	return said
}
