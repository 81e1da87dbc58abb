package monitoringtest_test

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/monitoringtest"
)

func TestTheIndicatorsOfTheDefaultRulesHaveTheirWindowsAndMinimums(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	for _, want := range []struct {
		name, unit string
		window     time.Duration // 0: a gauge
		samples    uint64
	}{
		{"error_rate", "%", 5 * time.Minute, 50},
		{"payment_success", "%", 5 * time.Minute, 20},
		{"p95_latency", "ms", 5 * time.Minute, 100},
		{"page_load", "ms", 15 * time.Minute, 20},
		{"db_connection_pool", "%", 0, 0},
		{"cache_hit_rate", "%", 5 * time.Minute, 500},
	} {
		got, ok := rec.Metrics.Lookup(want.name)
		require.True(t, ok, want.name)
		assert.Equal(t, want.unit, got.Unit, want.name)
		if want.window > 0 {
			assert.Equal(t, want.window, got.Window, want.name)
			assert.Equal(t, want.samples, got.MinSamples, want.name)
		}
	}
	for _, r := range alerting.DefaultRules() {
		_, ok := rec.Metrics.Lookup(r.Indicator)
		assert.True(t, ok, r.Indicator)
	}
}

func TestErrorRateRaisesTheLevelThatTheGuardLetsPass(t *testing.T) {
	respond := func(status int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if status == 0 {
				panic("boom")
			}
			w.WriteHeader(status)
		})
	}
	for name, tc := range map[string]struct {
		good, bad, status int
		want              alerting.Severity
	}{
		"four bad events are chance":                {good: 46, bad: 4, status: 500},
		"a twentieth of a thousand":                 {good: 950, bad: 50, status: 503, want: alerting.P0},
		"2 % is not above it, and the guard is":     {good: 980, bad: 20, status: 500, want: alerting.P1},
		"1.2 % of a thousand may be less than 1 %":  {good: 988, bad: 12, status: 500},
		"a panic is an error":                       {bad: 60, status: 0, want: alerting.P0},
		"what the client did wrong is none":         {bad: 200, status: 404},
		"a redirect or an early hint is none, too.": {bad: 200, status: 302},
	} {
		t.Run(name, func(t *testing.T) {
			rec := monitoringtest.New(t, monitoring.Config{})
			request(rec.Middleware(respond(200)), tc.good)
			request(rec.Middleware(respond(tc.status)), tc.bad)
			rec.Evaluate()
			var got alerting.Severity
			for _, a := range rec.Alerts.Active() {
				require.Equal(t, "error_rate", a.Rule)
				got = a.Severity
			}
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestACriticalRecordIsP1UntilItHasLeftItsWindow(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	rec.Log.Critical("the ledger does not add up")
	rec.Evaluate()
	active := rec.Alerts.Active()
	require.Len(t, active, 1)
	assert.Equal(t, "log_critical", active[0].Rule)
	assert.Equal(t, alerting.P1, active[0].Severity)
	rec.Advance(9 * time.Minute)
	require.Len(t, rec.Alerts.Active(), 1, "5 min of the window and 5 of Keep")
	rec.Advance(90 * time.Second)
	assert.Empty(t, rec.Alerts.Active())
	sent := rec.Notifications()
	require.Len(t, sent, 2)
	assert.Equal(t, alerting.Resolved, sent[1].Alerts[0].State)
	assert.Equal(t, sent[0].Alerts[0].ID, sent[1].Alerts[0].ID)
	assert.NotEqual(t, sent[0].Key, sent[1].Key)
}

func TestALowCacheHitRateWaitsForAMinute(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	for range 250 {
		dbmon.RecordCacheHit("products")
		dbmon.RecordCacheMiss("offers")
	}
	rec.Advance(time.Minute)
	assert.Empty(t, rec.Alerts.Active())
	require.Len(t, rec.Alerts.Pending(), 1)
	rec.Advance(10 * time.Second)
	active := rec.Alerts.Active()
	require.Len(t, active, 1, "all caches together")
	assert.Equal(t, alerting.P2, active[0].Severity)
	assert.InDelta(t, 50, active[0].Value, 1e-9)
	assert.Contains(t, active[0].Message, "Performance issue")
}

func TestADeclineIsNoFailedPayment(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	pay := func(id string, declined bool) {
		require.NoError(t, bizmetrics.RecordPayment(t.Context(), bizmetrics.Payment{
			ID: id, Method: "card", Amount: bizmetrics.Money{Minor: 100, Currency: "EUR"}, Declined: declined}))
	}
	for i := range 100 {
		pay(fmt.Sprint("declined", i), true)
	}
	for i := range 19 {
		pay(fmt.Sprint("failed", i), false)
	}
	rec.Evaluate()
	assert.Empty(t, rec.Alerts.Active(), "19 are too few")
	pay("failed19", false)
	rec.Evaluate()
	require.Len(t, rec.Alerts.Active(), 1)
	assert.Equal(t, alerting.P0, rec.Alerts.Active()[0].Severity)
	assert.InDelta(t, 0, rec.Alerts.Active()[0].Value, 1e-9)
}

func TestARuleWaitsForItsIndicatorAndSaysSoOnce(t *testing.T) {
	var out bytes.Buffer
	rec := monitoringtest.New(t, monitoring.Config{
		Log: logging.Config{Output: &out},
		Alerts: alerting.Config{Rules: []alerting.Rule{
			{Indicator: "depth", Levels: []alerting.Level{{Severity: alerting.P3, Threshold: 1}}},
		}},
	})
	rec.Evaluate()
	rec.Advance(5 * time.Minute)
	assert.Equal(t, 1, strings.Count(out.String(), "depth ("), out.String())

	depth := rec.Metrics.Gauge(metric.Desc{Name: "queue.depth"}).With()
	require.NoError(t, rec.Metrics.Set.Define(metric.Indicator{Name: "depth", Of: metric.Selector{Metric: "queue.depth"}}))
	depth.Set(2)
	rec.Evaluate()
	require.Len(t, rec.Alerts.Active(), 1)

	depth.Set(math.NaN())
	rec.Advance(29*time.Minute + 50*time.Second)
	require.Len(t, rec.Alerts.Active(), 1, "no data neither fires nor resolves")
	rec.Advance(10 * time.Second)
	require.Empty(t, rec.Alerts.Active(), "stale")
}

func TestAReadingThatIsNoNumberIsCountedAndTellsNobody(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Alerts: alerting.Config{Rules: append(alerting.DefaultRules(),
		alerting.Rule{Indicator: "depth", Levels: []alerting.Level{{Severity: alerting.P0, Threshold: 1}}})}})
	depth := rec.Metrics.Gauge(metric.Desc{Name: "queue.depth"}).With()
	size := rec.Metrics.Histogram(metric.Desc{Name: "queue.size"}).With()
	require.NoError(t, rec.Metrics.Define(metric.Indicator{Name: "depth", Of: metric.Selector{Metric: "queue.depth"}}))
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		depth.Set(v)
		size.Observe(v)
		require.ErrorIs(t, alerting.CheckMetric(t.Context(), "depth", v), alerting.ErrInvalid)
		rec.Evaluate()
		rec.Advance(10 * time.Second)
		assert.Empty(t, rec.Alerts.Active())
	}
	depth.Set(2)
	rec.Evaluate()
	require.Len(t, rec.Alerts.Active(), 1)
	depth.Set(math.Inf(-1))
	rec.Advance(10 * time.Minute)
	require.Len(t, rec.Alerts.Active(), 1, "nor does one resolve")
	refused := 0.0
	rec.Metrics.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			if f.Name == metric.DroppedDesc.Name && p.Values[1] == "not_finite" {
				refused += p.Value
			}
		}
	})
	assert.InDelta(t, 9, refused, 0, "3 pushed, 3 observed, 3 infinite gauges")
}

func TestARuleHasItsOwnWindowAndAnAlertPerLabel(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Alerts: alerting.Config{Rules: []alerting.Rule{
		{Name: "minute", Indicator: "jobs", Window: time.Minute, Keep: time.Minute, By: []string{"queue"}, Levels: []alerting.Level{{Severity: alerting.P3, Threshold: 4}}},
		{Name: "hour", Indicator: "jobs", Window: time.Hour, Levels: []alerting.Level{{Severity: alerting.P2, Threshold: 8}}},
	}}})
	require.NoError(t, rec.Metrics.Define(metric.Indicator{Name: "jobs", Of: metric.Selector{Metric: "jobs"}}))
	jobs := rec.Metrics.Counter(metric.Desc{Name: "jobs", Keys: []string{"queue"}})
	jobs.With("mail").Add(5)
	jobs.With("print").Add(4)
	rec.Evaluate()
	active := rec.Alerts.Active()
	require.Len(t, active, 2)
	assert.Equal(t, "hour", active[0].Rule, "worst first")
	assert.InDelta(t, 9, active[0].Value, 0)
	assert.Equal(t, map[string]string{"queue": "mail"}, active[1].Labels)
	rec.Advance(3 * time.Minute)
	require.Len(t, rec.Alerts.Active(), 1)
	rec.Advance(55 * time.Minute)
	require.Len(t, rec.Alerts.Active(), 1, "still in the hour")
	rec.Advance(10 * time.Minute)
	assert.Empty(t, rec.Alerts.Active())
}

func TestEveryReceiverOnceToldIsToldOfTheEnd(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Alerts: alerting.Config{Routes: []alerting.Route{
		{Name: "pager", Severities: []alerting.Severity{alerting.P0}, To: refuse{t}, Repeat: time.Minute},
		{Name: "chat", Severities: []alerting.Severity{alerting.P1}, To: refuse{t}},
		{Name: "shop", Match: map[string]string{"team": "shop"}, To: refuse{t}},
		{Name: "others", Match: map[string]string{"team": "ledger"}, To: refuse{t}},
	}}})
	sent := func() []string {
		var to []string
		for _, n := range rec.Notifications() {
			to = append(to, n.Key[strings.LastIndex(n.Key, "/")+1:]+" "+string(n.Alerts[0].State))
		}
		return to
	}
	raise := func(s alerting.Severity) alerting.Alert {
		a, err := alerting.CreateAlert(t.Context(), alerting.Alert{Severity: s, Title: "Stock is wrong", Labels: map[string]string{"team": "shop"}})
		require.NoError(t, err)
		return a
	}
	raise(alerting.P1)
	want := []string{"chat firing", "shop firing"}
	assert.ElementsMatch(t, want, sent())
	a := raise(alerting.P0)
	want = append(want, "pager firing", "shop firing")
	assert.ElementsMatch(t, want, sent(), "to the routes of the new level")
	rec.Advance(time.Minute)
	want = append(want, "pager firing")
	assert.ElementsMatch(t, want, sent(), "repeated")
	require.NoError(t, rec.Alerts.Acknowledge(t.Context(), a.ID, "ada"))
	rec.Advance(5 * time.Minute)
	assert.ElementsMatch(t, want, sent())
	require.NoError(t, rec.Alerts.Resolve(t.Context(), a.ID))
	want = append(want, "pager resolved", "chat resolved", "shop resolved")
	assert.ElementsMatch(t, want, sent())
}

func TestADisabledRecorderTakesAllAndKeepsNothing(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Disabled: true})
	ctx := t.Context()
	require.NoError(t, alerting.CheckMetric(ctx, "error_rate", 50))
	require.NoError(t, alerting.CheckMetric(ctx, "no_such_rule", math.NaN()))
	_, err := alerting.CreateAlert(ctx, alerting.Alert{})
	require.NoError(t, err)
	rec.Evaluate()
	rec.Advance(time.Minute)
	assert.Empty(t, alerting.Active())
	assert.Empty(t, rec.Notifications())
}
