package monitoring_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/monitoringtest"
)

func TestCase88ReadingsThatAreNoNumbersChangeNothing(t *testing.T) {
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1)}
	rec := monitoringtest.New(t, monitoring.Config{
		Dashboard: dashboard.Config{Panels: []dashboard.Panel{{
			ID: "odd", Title: "Odd", Page: dashboard.Product,
			Data: func(context.Context, time.Time, time.Time) (any, error) {
				return dashboard.Number{Value: math.NaN(), Previous: math.Inf(1), Target: math.Inf(-1), Spark: odd}, nil
			},
		}}},
		Alerts: alerting.Config{Rules: []alerting.Rule{
			{Name: "pushed", Indicator: "pushed", Levels: []alerting.Level{{Severity: alerting.P1, Threshold: 1}}, Hysteresis: 0.5},
			{Name: "measured", Indicator: "measured", Levels: []alerting.Level{{Severity: alerting.P1, Threshold: 1}}, Keep: time.Second},
		}},
	})
	gauge := rec.Metrics.Gauge(metric.Desc{Name: "measured.value"}).With()
	require.NoError(t, rec.Metrics.Define(metric.Indicator{Name: "measured", Of: metric.Selector{Metric: "measured.value"}}))
	push := func(v float64) error { return rec.Alerts.CheckMetric(t.Context(), "pushed", v) }

	for _, v := range odd {
		assert.ErrorIs(t, push(v), alerting.ErrInvalid)
		gauge.Set(v)
		rec.Advance(20 * time.Second)
	}
	assert.Empty(t, rec.Alerts.Active(), "they do not fire")

	require.NoError(t, push(5))
	gauge.Set(5)
	rec.Advance(20 * time.Second)
	require.Len(t, rec.Alerts.Active(), 2)
	for _, v := range odd {
		assert.ErrorIs(t, push(v), alerting.ErrInvalid)
		gauge.Set(v)
		rec.Advance(20 * time.Second)
	}
	assert.Len(t, rec.Alerts.Active(), 2, "nor do they resolve")

	r := httptest.NewRequest(http.MethodGet, "http://localhost/monitoring/api/pages/product", nil)
	r.RemoteAddr = "127.0.0.1:9"
	w := httptest.NewRecorder()
	rec.Handler().ServeHTTP(w, r)
	require.Equal(t, 200, w.Code, w.Body.String())
	assert.Contains(t, w.Body.String(), `"value":null`)
	assert.NotContains(t, w.Body.String(), "NaN")
}

// hangingStore never has its events.
type hangingStore struct{}

func (hangingStore) Append(ctx context.Context, _ []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hangingStore) Query(ctx context.Context, _ bizmetrics.Query) ([]bizmetrics.Row, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hangingStore) Scan(context.Context, time.Time, time.Time) iter.Seq2[bizmetrics.Event, error] {
	return func(func(bizmetrics.Event, error) bool) {}
}

func (hangingStore) Close() error { return nil }

// hangingNotifier never has its notification.
type hangingNotifier struct{}

func (hangingNotifier) Notify(ctx context.Context, _ alerting.Notification) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestCase90ShutdownWithDeadSinksKeepsItsDeadlineAndNamesWhatIsLeft(t *testing.T) {
	for name, deadline := range map[string]time.Duration{"half a second": 500 * time.Millisecond, "past": 0} {
		t.Run(name, func(t *testing.T) {
			sentry := sentrytest.New(t)
			sentry.Hang()
			t.Cleanup(sentry.Heal)
			c := quiet(t)
			c.Errors.DSN = sentry.DSN
			c.Business.Store = hangingStore{}
			c.Alerts.Routes = []alerting.Route{{Name: "chat", To: hangingNotifier{}}}
			m, err := monitoring.New(t.Context(), c)
			require.NoError(t, err)
			m.Errors.CaptureException(t.Context(), errors.New("boom"))
			_, err = m.Alerts.CreateAlert(t.Context(), alerting.Alert{Title: "disk", Severity: alerting.P0})
			require.NoError(t, err)
			require.NoError(t, m.Business.RecordOrder(t.Context(), bizmetrics.Order{ID: "o1", Total: bizmetrics.Money{Minor: 100, Currency: "EUR"}}))

			begin := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), deadline)
			defer cancel()
			err = m.Shutdown(ctx)
			assert.Less(t, time.Since(begin), deadline+100*time.Millisecond+slack, "side by side, by the deadline")
			require.Error(t, err)
			for _, sink := range []string{"errors", "alerts", "business"} {
				assert.ErrorContains(t, err, sink)
			}
			assert.NoError(t, m.Shutdown(context.Background()), "a second one has nothing to say")
		})
	}
}

// slack is what a busy machine may add to the deadline that the library keeps.
const slack = 400 * time.Millisecond
