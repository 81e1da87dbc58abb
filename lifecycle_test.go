package monitoring_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
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
	"github.com/distri-night/monitoring/logging"
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
	begin := time.Now()
	err = m.Shutdown(ctx)
	assert.LessOrEqual(t, time.Since(begin), deadline+100*time.Millisecond)
	require.Error(t, err)
	for _, component := range []string{"errors: 1 event", "alerts: 1 notification", "business: 1 event"} {
		assert.ErrorContains(t, err, component)
	}
	close(release)
	sentry.CloseClientConnections()
	sentry.Close()
	assert.NoError(t, goleak.Find(), "once released, all end")
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
	stop(t, m)
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
