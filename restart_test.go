package monitoring_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/metric"
)

type inbox chan alerting.Notification

func (i inbox) Notify(_ context.Context, n alerting.Notification) error { i <- n; return nil }

func TestAlertsAndHistoryGoOnAfterARestart(t *testing.T) {
	ctx, dir, now := t.Context(), t.TempDir(), time.Now()
	got := make(inbox, 8)
	start := func() *monitoring.Monitor {
		c := monitoring.Config{Service: "shop", StateDir: dir}
		c.Log.Output = io.Discard
		c.Metrics.Manual = true
		c.Metrics.Now = func() time.Time { return now }
		c.Alerts.Now = c.Metrics.Now
		c.Alerts.Routes = []alerting.Route{{Name: "chat", To: got}}
		m, err := monitoring.New(ctx, c)
		require.NoError(t, err)
		require.NoError(t, m.Metrics.Define(metric.Indicator{Name: "depth", Of: metric.Selector{Metric: "queue.depth"}, By: []string{"queue"}}))
		return m
	}
	m, begin := start(), now
	depth := m.Metrics.Gauge(metric.Desc{Name: "queue.depth", Keys: []string{"queue"}})
	depth.With("mail").Set(3)
	depth.With("print").Set(4)
	for range 12 {
		now = now.Add(10 * time.Second)
		m.Metrics.Sample(now)
	}
	require.NoError(t, m.Alerts.CheckMetric(ctx, "error_rate", 5))
	id := m.Alerts.Active()[0].ID
	require.NoError(t, m.Shutdown(ctx))
	require.ErrorIs(t, m.Alerts.CheckMetric(ctx, "error_rate", 5), alerting.ErrNotInitialized)

	now = now.Add(time.Minute)
	m = start()
	defer func() { require.NoError(t, m.Shutdown(context.Background())) }()
	require.Len(t, m.Alerts.Active(), 1)
	assert.Equal(t, id, m.Alerts.Active()[0].ID)
	past, err := m.Metrics.History("depth", begin, now, "queue")
	require.NoError(t, err)
	require.Len(t, past, 2)
	assert.Equal(t, []string{"mail"}, past[0].Values)
	assert.True(t, slices.Contains(past[0].Points, 3))
	assert.True(t, slices.Contains(past[1].Points, 4))

	require.NoError(t, m.Alerts.CheckMetric(ctx, "error_rate", 0))
	require.NoError(t, m.Alerts.Flush(ctx))
	require.Len(t, got, 2, "not told again, and told of the end")
	assert.Equal(t, alerting.Firing, (<-got).Alerts[0].State)
	assert.Equal(t, alerting.Resolved, (<-got).Alerts[0].State)
}

// hanging is a producer of the service's own that waits on something.
type hanging struct{ armed, release chan struct{} }

func (h hanging) Indicators() []metric.Indicator { return nil }

func (h hanging) Produce(func(metric.Family)) {
	select {
	case <-h.armed:
		<-h.release
	default:
	}
}

func TestShutdownDoesNotWaitForAProducerThatHangs(t *testing.T) {
	c := monitoring.Config{StateDir: monitoring.Memory}
	c.Log.Output = io.Discard
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	h := hanging{make(chan struct{}), make(chan struct{})}
	_, err = m.Metrics.Register(h)
	require.NoError(t, err)
	close(h.armed)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- m.Shutdown(ctx) }()
	select {
	case err := <-done:
		assert.ErrorContains(t, err, "last evaluation")
	case <-time.After(10 * time.Second):
		t.Error("it waits for ever")
	}
	close(h.release)
}

func TestLossesOfEveryPackageAreSeenByTheDefaultRule(t *testing.T) {
	c := monitoring.Config{StateDir: monitoring.Memory}
	c.Log.Output = io.Discard
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Shutdown(context.Background())) }()
	m.Metrics.Sample(time.Now())
	m.Metrics.Produce(func(f metric.Family) {
		if f.Name != metric.DroppedDesc.Name && f.Name != metric.SpoolBytesDesc.Name {
			return
		}
		for _, p := range f.Points {
			seen := strings.Split(metric.DroppedIndicator.Of.Where["component"], "|")
			assert.Contains(t, seen, p.Values[0])
		}
	})
}
