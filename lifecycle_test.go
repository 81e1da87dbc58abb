package monitoring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quiet is a Config that writes nothing to the test's output and keeps its
// state in a folder of the test.
func quiet(t *testing.T) monitoring.Config {
	t.Helper()
	return monitoring.Config{Service: "test", StateDir: t.TempDir(), Log: logging.Config{Output: t.Output(), Format: "json"}}
}

func stop(t *testing.T, m *monitoring.Monitor) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.NoError(t, m.Shutdown(ctx))
}

func TestInitInstallsTheDefaultsAndShutdownTakesThemBack(t *testing.T) {
	before := slog.Default()
	m, err := monitoring.Init(t.Context(), quiet(t))
	require.NoError(t, err)
	assert.Same(t, m, monitoring.Default())
	assert.Same(t, m.Errors, errortracking.Default())
	assert.Same(t, m.Log, logging.Default())
	assert.Same(t, m.Perf, perfmon.Default())
	assert.Same(t, m.DB, dbmon.Default())
	assert.Same(t, m.Business, bizmetrics.Default())
	assert.Same(t, m.Alerts, alerting.Default())
	assert.Same(t, before, slog.Default(), "slog's default is the service's")
	_, err = monitoring.Init(t.Context(), quiet(t))
	require.ErrorIs(t, err, monitoring.ErrInitialized)

	stop(t, m)
	assert.Nil(t, monitoring.Default())
	assert.Nil(t, errortracking.Default())
	assert.NotSame(t, m.Log, logging.Default())
	assert.NoError(t, m.Shutdown(t.Context()), "a second one has nothing to do")
}

func TestShutdownLeavesAnothersDefaultAlone(t *testing.T) {
	m, err := monitoring.Init(t.Context(), quiet(t))
	require.NoError(t, err)
	own, err := perfmon.New(perfmon.Config{})
	require.NoError(t, err)
	perfmon.SetDefault(own)
	stop(t, m)
	assert.Same(t, own, perfmon.Default())
	perfmon.SetDefault(nil)
	require.NoError(t, own.Close(t.Context()))
}

func TestTenStartsLeaveNoGoroutineAndNoFile(t *testing.T) {
	c := quiet(t)
	c.Errors.DSN = "http://key@127.0.0.1:1/1"
	round := func() {
		m, err := monitoring.Init(t.Context(), c)
		require.NoError(t, err)
		require.NoError(t, bizmetrics.RecordOrder(t.Context(), bizmetrics.Order{ID: fmt.Sprint(time.Now().UnixNano()), Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}}))
		stop(t, m)
	}
	round() // what the first start makes once
	before, files := goleak.IgnoreCurrent(), openFiles(t)
	for range 10 {
		round()
	}
	goleak.VerifyNone(t, before) // one that is about to end is no leak
	assert.LessOrEqual(t, openFiles(t), files)
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc to count open files in")
	}
	return len(entries)
}

// dead are sinks that take and never answer, whatever the context says.
type deadStore struct{ release chan struct{} }

func (d deadStore) Append(context.Context, []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	<-d.release
	return nil, errors.New("released")
}
func (d deadStore) Query(context.Context, bizmetrics.Query) ([]bizmetrics.Row, error) {
	return nil, errors.New("dead")
}
func (d deadStore) Scan(context.Context, time.Time, time.Time) iter.Seq2[bizmetrics.Event, error] {
	return func(func(bizmetrics.Event, error) bool) {}
}
func (d deadStore) Close() error { return nil }

type deadReceiver struct{ release chan struct{} }

func (d deadReceiver) Notify(context.Context, alerting.Notification) error {
	<-d.release
	return errors.New("released")
}

func TestShutdownWithEverythingDeadIsDoneByItsDeadlineAndNamesWhatIsLeft(t *testing.T) {
	var late time.Duration
	for range 3 { // a busy machine may be late itself, but not each time
		if late = shutDownDead(t); late <= 100*time.Millisecond {
			return
		}
	}
	t.Errorf("done %v after the deadline", late)
}

// shutDownDead is how long after its deadline a Shutdown was done whose sinks
// are all dead.
func shutDownDead(t *testing.T) (late time.Duration) {
	t.Helper()
	release := make(chan struct{})
	sentry := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	c := quiet(t)
	c.Errors.DSN = strings.Replace(sentry.URL, "http://", "http://key@", 1) + "/1"
	c.Alerts.Routes = []alerting.Route{{Name: "dead", To: deadReceiver{release}}}
	c.Business.Store = deadStore{release}
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	m.Errors.CaptureException(t.Context(), errors.New("never arrives"))
	_, err = m.Alerts.CreateAlert(t.Context(), alerting.Alert{Severity: alerting.P0, Title: "never told"})
	require.NoError(t, err)
	require.NoError(t, m.Business.RecordOrder(t.Context(), bizmetrics.Order{ID: "o", Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}}))

	const deadline = 500 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	end, _ := ctx.Deadline()
	err = m.Shutdown(ctx)
	late = time.Since(end)
	require.Error(t, err)
	for _, component := range []string{"errors: 1 event", "alerts: 1 notification", "business: 1 event"} {
		assert.ErrorContains(t, err, component)
	}
	close(release)
	sentry.CloseClientConnections()
	sentry.Close()
	assert.NoError(t, goleak.Find(), "once released, all end")
	return late
}

// A function of the service that hangs in the sample must neither hold Shutdown
// up nor take the time in which errors and alerts are delivered.
func TestAHungHookLeavesTimeToDeliver(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	sentry := sentrytest.New(t)
	c := quiet(t)
	c.Errors.DSN = sentry.DSN
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	m.Metrics.OnSample(func(time.Time) { <-release })
	m.Errors.CaptureException(t.Context(), errors.New("arrives"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.ErrorContains(t, m.Shutdown(ctx), "last evaluation")
	assert.Len(t, sentry.Events(), 1)
}

func TestAfterShutdownNothingBreaks(t *testing.T) {
	m, err := monitoring.New(t.Context(), quiet(t))
	require.NoError(t, err)
	stop(t, m)
	ctx := t.Context()
	assert.NotPanics(t, func() {
		m.Log.Info("still written")
		m.Errors.CaptureException(ctx, errors.New("late"))
		_ = m.Alerts.CheckMetric(ctx, "error_rate", 99)
		_, _ = m.DB.Health(ctx)
		_, _ = m.Business.Revenue(ctx)
		m.Metrics.Sample(time.Now())
		m.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		m.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/monitoring/operations", nil))
	})
	assert.ErrorIs(t, m.Business.RecordOrder(ctx, bizmetrics.Order{ID: "o", Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}}), bizmetrics.ErrDropped)
}

func TestANilMonitorServesTheServiceAlone(t *testing.T) {
	var m *monitoring.Monitor
	w := httptest.NewRecorder()
	m.Middleware(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusNotFound, w.Code)
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.NoError(t, m.Shutdown(t.Context()))
}

// The variable is set on purpose: only the Config decides.
func TestAnEmptyConfigWorksAndSaysWhatIsOffInOneLine(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	t.Setenv("MONITORING_STATE_DIR", "")
	t.Setenv("SENTRY_DSN", "http://key@127.0.0.1:1/1")
	var out bytes.Buffer
	m, err := monitoring.Init(t.Context(), monitoring.Config{Log: logging.Config{Output: &out}})
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
	assert.Contains(t, out.String(), "errors go to the log")
	assert.Contains(t, out.String(), "alerts go to the log")
	assert.Contains(t, out.String(), state)

	require.NotEmpty(t, errortracking.CaptureException(t.Context(), errors.New("boom")))
	_, err = alerting.CreateAlert(t.Context(), alerting.Alert{Severity: alerting.P1, Title: "High Error Rate"})
	require.NoError(t, err)
	stop(t, m)
	assert.Contains(t, out.String(), "boom")
	assert.Contains(t, out.String(), "High Error Rate")
}

func TestWarningsOfTheRegistryReachTheLog(t *testing.T) {
	c := quiet(t)
	require.NoError(t, os.WriteFile(c.StateDir+"/history", nil, 0o600)) // in the way of the folder
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	defer stop(t, m)
	m.Metrics.Counter(metric.Desc{Name: "orders.made", Unit: "{order}"})
	assert.Nil(t, m.Metrics.Gauge(metric.Desc{Name: "orders.made", Unit: "{order}"}), "it is a counter")
	vec := m.Metrics.Counter(metric.Desc{Name: "orders.routed", Unit: "{order}", Keys: []string{"warehouse"}, Limit: 2})
	for i := range 5 {
		vec.With(fmt.Sprint(i)).Add(1)
	}
	var said []string
	for _, r := range m.Log.Recent("") {
		if r.Level == slog.LevelWarn {
			said = append(said, fmt.Sprint(r.Message, r.Attrs))
		}
	}
	require.Len(t, said, 3)
	assert.Contains(t, said[0], "history is kept in memory")
	assert.Contains(t, said[1], "orders.made")
	assert.Contains(t, said[2], "warehouse")
}

func TestTwoInstancesDoNotSeeEachOther(t *testing.T) {
	shared := quiet(t)
	a, err := monitoring.New(t.Context(), shared)
	require.NoError(t, err)
	b, err := monitoring.New(t.Context(), shared)
	require.NoError(t, err, "also on one state folder")
	require.NoError(t, a.Alerts.CheckMetric(t.Context(), "error_rate", 5))
	assert.Len(t, a.Alerts.Active(), 1)
	assert.Empty(t, b.Alerts.Active())
	assert.Nil(t, monitoring.Default())
	stop(t, a)
	stop(t, b)
}

func TestAStateFolderThatCannotBeWrittenIsSaidOnceAndMemoryServes(t *testing.T) {
	file := t.TempDir() + "/file"
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	c := quiet(t)
	c.StateDir = file + "/below"
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	said := 0
	for _, r := range m.Log.Recent("") {
		if strings.Contains(r.Message, "kept in memory") {
			said++
		}
	}
	assert.Equal(t, 1, said)
	assert.Zero(t, persistent(t, m))
	stop(t, m)
}

func TestTheGaugeSaysThatStateIsOnDisk(t *testing.T) {
	m, err := monitoring.New(t.Context(), quiet(t))
	require.NoError(t, err)
	assert.InDelta(t, 1, persistent(t, m), 0)
	stop(t, m)
}

func persistent(t *testing.T, m *monitoring.Monitor) float64 {
	t.Helper()
	value := math.NaN()
	m.Metrics.Sample(time.Now())
	m.Metrics.Produce(func(f metric.Family) {
		if f.Name == "monitoring.state.persistent" {
			value = f.Points[0].Value
		}
	})
	require.False(t, math.IsNaN(value))
	return value
}

func TestDisabledIsInertNotNil(t *testing.T) {
	dir := t.TempDir()
	m, err := monitoring.Init(t.Context(), monitoring.Config{Disabled: true, StateDir: dir + "/state"})
	require.NoError(t, err)
	ctx := t.Context()
	assert.NoError(t, bizmetrics.RecordOrder(ctx, bizmetrics.Order{ID: "1", Total: bizmetrics.Money{Minor: 1, Currency: "EUR"}}))
	assert.NoError(t, alerting.CheckMetric(ctx, "error_rate", 99))
	assert.NotPanics(t, func() { errortracking.CaptureException(ctx, errors.New("x")); m.Log.Info("x"); m.Perf.UXScore() })
	got, err := dbmon.TrackQuery(ctx, "q", func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	assert.Equal(t, 7, got)
	w := httptest.NewRecorder()
	m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusTeapot, w.Code)
	assert.NoDirExists(t, dir+"/state")
	stop(t, m)
}
