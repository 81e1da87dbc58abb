package monitoringtest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/monitoringtest"
)

type refuse struct{ t *testing.T }

func (r refuse) Notify(_ context.Context, _ alerting.Notification) error {
	r.t.Error("a route was called")
	return nil
}

func failing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

func request(h http.Handler, n int) {
	for range n {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	}
}

func TestSixtyFailingRequestsRaiseErrorRateAndFortyNineDoNot(t *testing.T) {
	for requests, want := range map[int]int{49: 0, 60: 1} {
		t.Run(fmt.Sprint(requests), func(t *testing.T) {
			rec := monitoringtest.New(t, monitoring.Config{})
			request(rec.Middleware(http.HandlerFunc(failing)), requests)
			rec.Evaluate()
			active := rec.Alerts.Active()
			require.Len(t, active, want)
			require.Len(t, rec.Notifications(), want)
			if want == 1 {
				assert.Equal(t, "error_rate", active[0].Rule)
				assert.Equal(t, alerting.P0, active[0].Severity)
			}
		})
	}
}

func TestEvaluateTakesForAsElapsedAndAdvanceDoesNot(t *testing.T) {
	slow := alerting.Rule{Indicator: "queue_depth", For: time.Minute, Levels: []alerting.Level{{Severity: alerting.P2, Threshold: 10}}}
	start := func(t *testing.T) *monitoringtest.Recorder {
		rec := monitoringtest.New(t, monitoring.Config{Alerts: alerting.Config{Rules: []alerting.Rule{slow}}})
		depth := rec.Metrics.Gauge(metric.Desc{Name: "orders.queue.depth", Unit: "{order}"}).With()
		require.NoError(t, rec.Metrics.Define(metric.Indicator{Name: "queue_depth", Of: metric.Selector{Metric: "orders.queue.depth"}}))
		depth.Set(11)
		return rec
	}
	t.Run("Evaluate", func(t *testing.T) {
		rec := start(t)
		rec.Evaluate()
		assert.Len(t, rec.Alerts.Active(), 1)
	})
	t.Run("Advance", func(t *testing.T) {
		rec := start(t)
		rec.Advance(50 * time.Second)
		assert.Empty(t, rec.Alerts.Active())
		rec.Advance(30 * time.Second)
		assert.Len(t, rec.Alerts.Active(), 1)
	})
}

func TestThisFailureCapturesOneError(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Errors: errortracking.Config{DSN: "http://key@127.0.0.1:1/1"}})
	boom := errors.New("boom")
	h := rec.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		errortracking.CaptureException(r.Context(), boom)
		rec.Log.ErrorContext(r.Context(), "order failed", "error", boom)
	}))
	request(h, 1)
	require.Len(t, rec.Exceptions(), 1)
	assert.ErrorIs(t, rec.Exceptions()[0].Err, boom)
}

func TestRoutesAreRecordedAndNeverCalled(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Alerts: alerting.Config{Routes: []alerting.Route{
		{Name: "pager", Severities: []alerting.Severity{alerting.P0}, To: refuse{t}},
	}}})
	_, err := alerting.CreateAlert(t.Context(), alerting.Alert{Severity: alerting.P2, Title: "not for the pager"})
	require.NoError(t, err)
	assert.Empty(t, rec.Notifications())
	_, err = alerting.CreateAlert(t.Context(), alerting.Alert{Severity: alerting.P0, Title: "for the pager"})
	require.NoError(t, err)
	require.Len(t, rec.Notifications(), 1)
}

func TestNothingTouchesTheDisk(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_STATE_HOME", home+"/state")
	t.Setenv("MONITORING_STATE_DIR", home+"/configured")
	rec := monitoringtest.New(t, monitoring.Config{})
	require.NoError(t, bizmetrics.RecordOrder(t.Context(), bizmetrics.Order{ID: "1", Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}}))
	errortracking.CaptureException(t.Context(), errors.New("x"))
	rec.Evaluate()
	entries, err := os.ReadDir(home)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// shop feeds a Recorder with traffic of a given quality, step by step.
type shop struct {
	*monitoringtest.Recorder
	t        *testing.T
	random   *rand.Rand
	payments int
	ok, bad  http.Handler
}

// discard answers nobody: a day of requests leaves no garbage.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func newShop(t *testing.T, seed uint64) *shop {
	rec := monitoringtest.New(t, monitoring.Config{})
	return &shop{
		Recorder: rec, t: t, random: rand.New(rand.NewPCG(seed, 1)),
		ok:  rec.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})),
		bad: rec.Middleware(http.HandlerFunc(failing)),
	}
}

func (s *shop) pay(n int, failShare float64) {
	for range n {
		s.payments++
		failed := s.random.Float64() < failShare
		p := bizmetrics.Payment{ID: fmt.Sprint("p", s.payments), OrderID: "o", Method: "card", Amount: bizmetrics.Money{Minor: 100, Currency: "EUR"}, Succeeded: !failed}
		if failed {
			p.FailureReason = "provider"
		}
		require.NoError(s.t, bizmetrics.RecordPayment(s.t.Context(), p))
	}
}

func (s *shop) serve(n int, failShare float64) {
	w, r := discard{http.Header{}}, httptest.NewRequest(http.MethodGet, "/", nil)
	for range n {
		h := s.ok
		if s.random.Float64() < failShare {
			h = s.bad
		}
		h.ServeHTTP(w, r)
	}
}

func TestAFifthOfPaymentsFailingIsOneP0WithinAMinuteAndResolves(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newShop(t, seed)
			for range 60 { // ten healthy minutes
				s.pay(30, 0.002)
				s.serve(100, 0.002)
				s.Advance(10 * time.Second)
			}
			require.Empty(t, s.Alerts.Active())

			var paged time.Duration
			for elapsed := 10 * time.Second; elapsed <= 5*time.Minute; elapsed += 10 * time.Second {
				s.pay(30, 0.20)
				s.serve(100, 0.002)
				s.Advance(10 * time.Second)
				if active := s.Alerts.Active(); len(active) > 0 && paged == 0 {
					paged = elapsed
					require.Len(t, active, 1)
					assert.Equal(t, "payment_success", active[0].Rule)
					assert.Equal(t, alerting.P0, active[0].Severity)
				}
			}
			require.NotZero(t, paged, "the failing payments were not noticed")
			assert.LessOrEqual(t, paged, time.Minute)
			require.Len(t, s.Notifications(), 1, "one page and nothing else")

			const window, keep = 5 * time.Minute, 5 * time.Minute
			var resolved time.Duration
			for elapsed := 10 * time.Second; elapsed <= window+keep+20*time.Second && resolved == 0; elapsed += 10 * time.Second {
				s.pay(30, 0.002)
				s.serve(100, 0.002)
				s.Advance(10 * time.Second)
				if len(s.Alerts.Active()) == 0 {
					resolved = elapsed
				}
			}
			require.NotZero(t, resolved, "the alert has not resolved in window + Keep + 20 s")
			assert.Greater(t, resolved, keep)
			require.Len(t, s.Notifications(), 2)
			assert.Equal(t, alerting.Resolved, s.Notifications()[1].Alerts[0].State)
		})
	}
}

func TestADayOfHealthyNoiseRaisesNothing(t *testing.T) {
	for name, perStep := range map[string]float64{"10 requests a minute": 10.0 / 6, "10 requests a second": 100} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 7)
			requests, payments := 0.0, 0.0
			whole := func(carry *float64, more float64) int {
				*carry += more
				n := int(*carry)
				*carry -= float64(n)
				return n
			}
			for range 24 * 360 {
				s.serve(whole(&requests, perStep), 0.005)
				s.pay(whole(&payments, perStep/10), 0.005)
				s.Advance(10 * time.Second)
			}
			assert.Empty(t, s.Notifications())
		})
	}
}

func TestEvaluateMayBeAskedAgainWhileTheClockStands(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	h := rec.Middleware(http.HandlerFunc(failing))
	rec.Evaluate()
	request(h, 49)
	rec.Evaluate()
	require.Empty(t, rec.Alerts.Active())
	request(h, 11)
	rec.Evaluate()
	require.Len(t, rec.Alerts.Active(), 1)
	rec.Evaluate()
	require.Len(t, rec.Notifications(), 1, "told once")
}

func TestAnAlertWithoutReadingsGoesStaleAfterHalfAnHour(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	request(rec.Middleware(http.HandlerFunc(failing)), 60)
	rec.Evaluate()
	rec.Advance(29 * time.Minute)
	require.Len(t, rec.Alerts.Active(), 1, "no data changes nothing")
	rec.Advance(10 * time.Minute)
	require.Empty(t, rec.Alerts.Active())
}

func TestStepsShorterThanASampleAddUp(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	h := rec.Middleware(http.HandlerFunc(failing))
	for range 60 {
		request(h, 1)
		rec.Advance(time.Second)
	}
	require.Len(t, rec.Alerts.Active(), 1)
}

func TestARecorderWorksInASynctestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := monitoringtest.New(t, monitoring.Config{})
		_, err := alerting.CreateAlert(t.Context(), alerting.Alert{Severity: alerting.P1, Title: "High Error Rate"})
		require.NoError(t, err)
		rec.Advance(time.Hour)
		require.Len(t, rec.Notifications(), 1)
	})
}

func TestAnInertRecorderRecordsNothing(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Disabled: true})
	errortracking.CaptureException(t.Context(), errors.New("boom"))
	require.NoError(t, bizmetrics.RecordOrder(t.Context(), bizmetrics.Order{ID: "o", Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}}))
	require.NoError(t, alerting.CheckMetric(t.Context(), "error_rate", 99))
	rec.Evaluate()
	rec.Advance(time.Minute)
	assert.Empty(t, rec.Exceptions())
	assert.Empty(t, rec.Logs())
	assert.Empty(t, rec.Notifications())
}

func TestAWrongDSNIsStillAWrongSetting(t *testing.T) {
	c := monitoring.Config{Errors: errortracking.Config{DSN: "not a dsn"}}
	assert.ErrorContains(t, c.Validate(), "Errors.DSN")
	f := &failingT{TB: t}
	func() {
		defer func() { _ = recover() }()
		monitoringtest.New(f, c)
	}()
	assert.Contains(t, f.said, "Errors.DSN")
}

// failingT is a test that notes why it failed.
type failingT struct {
	testing.TB
	said string
}

func (f *failingT) Helper() {}
func (f *failingT) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f.said)
}
