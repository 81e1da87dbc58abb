package monitoringtest

import (
	"context"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
)

// Step is the time between two samples.
const Step = 10 * time.Second

// Recorder is a Monitor that keeps what would go out.
type Recorder struct {
	*monitoring.Monitor

	t     testing.TB
	clock *clock
	sent  *outgoing
}

// New makes a Recorder and installs it as the default until t ends. What c
// says holds, but nothing leaves the process: Errors.DSN is checked and never
// called, Alerts.Routes keep their names and conditions and record what they
// would send, StateDir is memory, and no ticker runs. Time stands still
// until [Recorder.Advance].
func New(t testing.TB, c monitoring.Config) *Recorder {
	t.Helper()
	r := &Recorder{t: t, clock: &clock{now: time.Now()}, sent: &outgoing{}}
	c.StateDir = monitoring.Memory
	c.Metrics.Manual, c.Metrics.Step, c.Metrics.Dir = true, Step, ""
	c.Errors.Sink, c.Errors.SpoolDir = r.sent.keepEvent, ""
	c.Business.Dir, c.Alerts.Dir = "", ""
	c.Metrics.Now, c.Errors.Now, c.Perf.Now = r.clock.Now, r.clock.Now, r.clock.Now
	c.Business.Now, c.Alerts.Now = r.clock.Now, r.clock.Now
	if c.Log.Output == nil {
		c.Log.Output = io.Discard
	}
	if c.Log.Format == "" {
		c.Log.Format = "json"
	}
	c.Alerts.Routes = r.sent.routes(c.Alerts.Routes)
	m, err := monitoring.Init(context.Background(), c)
	if err != nil {
		t.Fatalf("monitoringtest: %v", err)
	}
	r.Monitor = m
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := m.Shutdown(ctx); err != nil {
			t.Errorf("monitoringtest: shut down: %v", err)
		}
	})
	return r
}

// Exceptions are the events that would have gone to Sentry, in order.
func (r *Recorder) Exceptions() []errortracking.Event {
	r.sent.mu.Lock()
	defer r.sent.mu.Unlock()
	return slices.Clone(r.sent.events)
}

// Logs are the recent records, in order.
func (r *Recorder) Logs() []logging.Record { return r.Log.Recent("") }

// Notifications are what the routes would have sent, in order.
func (r *Recorder) Notifications() []alerting.Notification {
	r.deliver()
	r.sent.mu.Lock()
	defer r.sent.mu.Unlock()
	return slices.Clone(r.sent.notifications)
}

// Evaluate takes one sample and judges every rule at once, with its For as
// elapsed; what that sends is delivered before it returns. Samples minimums and
// the noise guard hold.
func (r *Recorder) Evaluate() {
	r.sync()
	now := r.clock.Now()
	r.Metrics.Sample(now)
	r.Alerts.EvaluateNow(now)
	r.deliver()
}

// Advance moves the clock by d in steps of 10 s, the last one shorter, and
// evaluates after each as a running service would: For, Keep, windows and
// Stale are strict.
func (r *Recorder) Advance(d time.Duration) {
	r.sync()
	for d > 0 {
		step := min(d, Step)
		d -= step
		r.Metrics.Sample(r.clock.advance(step))
	}
	r.deliver()
}

// sync lets what was recorded reach the reports, which a running service does
// within a second.
func (r *Recorder) sync() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := r.Business.Sync(ctx); err != nil {
		r.t.Errorf("monitoringtest: sync business events: %v", err)
	}
}

func (r *Recorder) deliver() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := r.Alerts.Flush(ctx); err != nil {
		r.t.Errorf("monitoringtest: deliver alerts: %v", err)
	}
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// outgoing keeps what would leave the process.
type outgoing struct {
	mu            sync.Mutex
	events        []errortracking.Event
	notifications []alerting.Notification
}

func (o *outgoing) keepEvent(_ context.Context, e errortracking.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
}

// Notify keeps n.
func (o *outgoing) Notify(_ context.Context, n alerting.Notification) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notifications = append(o.notifications, n)
	return nil
}

// routes are the configured ones, or one for all, with their receivers replaced.
func (o *outgoing) routes(configured []alerting.Route) []alerting.Route {
	if len(configured) == 0 {
		return []alerting.Route{{Name: "recorder", To: o}}
	}
	replaced := slices.Clone(configured)
	for i := range replaced {
		replaced[i].To = o
	}
	return replaced
}
