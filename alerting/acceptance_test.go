package alerting_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/alerting/alertingtest"
	"github.com/distri-night/monitoring/metric"
)

const step = 10 * time.Second

// rounds is n, and ten times as many in a soak.
func rounds(n uint64) uint64 {
	if os.Getenv("SOAK") != "" {
		return 10 * n
	}
	return n
}

// shop is a service on a simulated clock, with the real registry and the
// default rules: what happens in it is pushed at t, and what is told is wanted
// by t'.
type shop struct {
	*clock
	t        *testing.T
	rng      *rand.Rand
	registry *metric.Registry
	alerts   *alerting.Manager
	told     *alertingtest.Collector

	ok, failed, paid, unpaid *metric.Counter
	requestsPerSecond        float64
	errorShare               float64
	paymentsPerSecond        float64
	failShare                float64
	bursts                   bool
}

func newShop(t *testing.T, seed uint64, c alerting.Config) *shop {
	s := &shop{
		clock: &clock{now: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)},
		t:     t, rng: rand.New(rand.NewPCG(seed, 7)), told: &alertingtest.Collector{},
	}
	var err error
	s.registry, err = metric.NewRegistry(metric.Config{Manual: true, Now: s.Now})
	require.NoError(t, err)
	requests := s.registry.Counter(metric.Desc{Name: "requests", Keys: []string{"outcome"}})
	s.ok, s.failed = requests.With("ok"), requests.With("error")
	payments := s.registry.Counter(metric.Desc{Name: "payments", Keys: []string{"outcome"}})
	s.paid, s.unpaid = payments.With("succeeded"), payments.With("failed")
	for _, i := range []metric.Indicator{
		{Name: "error_rate", Unit: "%", MinSamples: 50, Of: metric.Selector{Metric: "requests", Where: map[string]string{"outcome": "error"}}, Per: metric.Selector{Metric: "requests"}},
		{Name: "payment_success", Unit: "%", MinSamples: 20, Of: metric.Selector{Metric: "payments", Where: map[string]string{"outcome": "succeeded"}}, Per: metric.Selector{Metric: "payments"}},
	} {
		require.NoError(t, s.registry.Define(i))
	}
	c.Registry, c.Now, c.Logger = s.registry, s.Now, slog.New(slog.DiscardHandler)
	c.Routes = []alerting.Route{{Name: "all", To: s.told}}
	s.alerts, err = alerting.New(c)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.alerts.Close(context.Background()))
		require.NoError(t, s.registry.Close(context.Background()))
	})
	s.registry.Sample(s.Now())
	return s
}

// poisson draws how many events come of mean that were to be expected.
func (s *shop) poisson(mean float64) (n uint64) {
	if mean > 50 {
		return uint64(max(0, math.Round(mean+math.Sqrt(mean)*s.rng.NormFloat64())))
	}
	for p := s.rng.Float64(); p > math.Exp(-mean); p *= s.rng.Float64() {
		n++
	}
	return n
}

// happen draws a step's events.
func (s *shop) happen(good, bad *metric.Counter, perSecond, badShare float64) {
	mean := perSecond * step.Seconds()
	if s.bursts && s.rng.IntN(30) == 0 { // once in 5 min, five times as much
		mean *= 5
	}
	n := s.poisson(mean)
	var k uint64
	for range n {
		if s.rng.Float64() < badShare {
			k++
		}
	}
	good.Add(n - k)
	bad.Add(k)
}

// run lets the shop live for d.
func (s *shop) run(d time.Duration) {
	for range int(d / step) {
		s.happen(s.ok, s.failed, s.requestsPerSecond, s.errorShare)
		s.happen(s.paid, s.unpaid, s.paymentsPerSecond, s.failShare)
		s.advance(step)
		s.registry.Sample(s.Now())
	}
}

// until lets the shop live until done holds, and returns how long that took.
func (s *shop) until(done func() bool, limit time.Duration) time.Duration {
	began := s.Now()
	for !done() {
		if s.Now().Sub(began) > limit {
			s.t.Fatalf("not within %v", limit)
		}
		s.run(step)
	}
	return s.Now().Sub(began)
}

func (s *shop) said() []string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(s.t, s.alerts.Flush(ctx))
	return s.told.Said()
}

func TestFailingPaymentsPageOnceAndResolve(t *testing.T) {
	for seed := range rounds(5) {
		s := newShop(t, seed, alerting.Config{})
		s.requestsPerSecond, s.errorShare, s.paymentsPerSecond, s.failShare = 20, 0.001, 3, 0.002
		s.run(20 * time.Minute)
		require.Empty(t, s.said())

		s.failShare = 0.2
		took := s.until(func() bool { return len(s.alerts.Active()) > 0 }, time.Hour)
		assert.LessOrEqual(t, took, time.Minute, "seed %d", seed)
		s.run(10 * time.Minute)
		require.Equal(t, []string{"payment_success P0 firing"}, s.said(), "seed %d", seed)

		s.failShare = 0
		took = s.until(func() bool { return len(s.alerts.Active()) == 0 }, time.Hour)
		assert.LessOrEqual(t, took, 5*time.Minute+5*time.Minute+20*time.Second, "window, Keep and 20 s; seed %d", seed)
		s.run(time.Hour)
		assert.Equal(t, []string{"payment_success P0 firing", "payment_success P0 resolved"}, s.said(), "seed %d", seed)
	}
}

func TestADayOfHealthyNoiseTellsNobody(t *testing.T) {
	for _, tc := range []struct {
		name               string
		requests, payments float64
		bursts             bool
	}{
		{"10 requests a minute", 10.0 / 60, 1.0 / 60, false},
		{"10 requests a minute with bursts", 10.0 / 60, 1.0 / 60, true},
		{"10 requests and 3 payments a second", 10, 3, false},
		{"10 requests and 3 payments a second with bursts", 10, 3, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for seed := range rounds(1) {
				s := newShop(t, seed+100, alerting.Config{})
				s.requestsPerSecond, s.errorShare = tc.requests, 0.005
				s.paymentsPerSecond, s.failShare = tc.payments, 0.005
				s.bursts = tc.bursts
				s.run(24 * time.Hour)
				assert.Empty(t, s.said(), "seed %d", seed)
			}
		})
	}
}

func TestHoveringAroundALevelIsToldAFewTimesADay(t *testing.T) {
	messages := 0
	days := rounds(1)
	for seed := range days {
		s := newShop(t, seed+200, alerting.Config{})
		s.requestsPerSecond = 10
		for range 24 * 6 {
			s.errorShare = 0.019 + 0.002*s.rng.Float64()
			s.run(10 * time.Minute)
		}
		for _, text := range s.said() {
			if text == "error_rate P0 firing" {
				messages++
			}
		}
	}
	t.Logf("%d pages in %d days at 1.9 to 2.1 %%", messages, days)
	assert.LessOrEqual(t, messages, 6*int(days))
}

func TestTooFewRequestsRaiseNothingHoweverManyFail(t *testing.T) {
	for _, tc := range []struct {
		failures uint64
		fires    bool
	}{{1, false}, {49, false}, {60, true}} {
		t.Run(fmt.Sprint(tc.failures), func(t *testing.T) {
			s := newShop(t, 1, alerting.Config{})
			s.failed.Add(tc.failures)
			s.run(step)
			assert.Equal(t, tc.fires, len(s.alerts.Active()) == 1)
		})
	}
}

func TestAnAlertOnTrafficThatStopsResolvesAsStale(t *testing.T) {
	s := newShop(t, 1, alerting.Config{})
	s.failed.Add(100)
	s.run(step)
	require.Len(t, s.alerts.Active(), 1)
	took := s.until(func() bool { return len(s.alerts.Active()) == 0 }, 2*time.Hour)
	assert.InDelta(t, 35, took.Minutes(), 1, "the window, and Stale")
	s.said()
	got := s.told.Notifications()
	require.Len(t, got, 2)
	assert.Equal(t, alerting.Stale, got[1].Alerts[0].Resolution)
}

func TestAnIndicatorThatComesLaterIsJudgedFromThenOn(t *testing.T) {
	s := newShop(t, 1, alerting.Config{Rules: []alerting.Rule{{Indicator: "queue_depth", Levels: []alerting.Level{{Severity: alerting.P2, Threshold: 10}}}}})
	s.run(time.Minute)
	depth := s.registry.Gauge(metric.Desc{Name: "orders.queue.depth", Unit: "{order}"}).With()
	require.NoError(t, s.registry.Define(metric.Indicator{Name: "queue_depth", Of: metric.Selector{Metric: "orders.queue.depth"}}))
	depth.Set(11)
	s.run(2 * step)
	require.Len(t, s.alerts.Active(), 1)
	assert.Equal(t, alerting.P2, s.alerts.Active()[0].Severity)
}

func TestTheManagersOwnFiguresAreIndicators(t *testing.T) {
	s := newShop(t, 1, alerting.Config{})
	_, err := s.alerts.CreateAlert(context.Background(), alerting.Alert{Severity: alerting.P1, Title: "t"})
	require.NoError(t, err)
	s.run(2 * step)
	all, err := s.registry.Read("alerts_active")
	require.NoError(t, err)
	assert.Equal(t, 1.0, all[0].Value)
	by, err := s.registry.Read("alerts_active", "severity")
	require.NoError(t, err)
	got := map[string]float64{}
	for _, r := range by {
		got[r.Values[0]] = r.Value
	}
	assert.Equal(t, map[string]float64{"P0": 0, "P1": 1, "P2": 0, "P3": 0}, got)
}
