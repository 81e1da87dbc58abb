package monitoring_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
)

func TestAWrongConfigNamesEveryWrongFieldAndOpensNothing(t *testing.T) {
	dir := t.TempDir()
	_, err := monitoring.New(t.Context(), monitoring.Config{
		StateDir: dir + "/state",
		Errors:   errortracking.Config{DSN: "not a dsn", SampleRate: new(1.5)},
		Log:      logging.Config{Format: "xml"},
		Business: bizmetrics.Config{Currency: "EURO"},
		Alerts:   alerting.Config{Rules: []alerting.Rule{{Indicator: "x", Levels: []alerting.Level{{Threshold: 1}}}}},
		Mount:    map[string]http.Handler{"metrics": nil},
	})
	require.ErrorIs(t, err, monitoring.ErrInvalid)
	var field *monitoring.FieldError
	require.ErrorAs(t, err, &field)
	for _, want := range []string{"Errors.DSN", "Errors.SampleRate", "Log.Format", "Business.Currency", "Alerts.Rules[0]", `Mount["metrics"]`} {
		assert.ErrorContains(t, err, want)
	}
	assert.NoDirExists(t, dir+"/state")
}

func TestTheEnvironmentSetsWhatTheReadmeSays(t *testing.T) {
	for name, value := range map[string]string{
		"MONITORING_ENABLED": "false", "MONITORING_SAMPLE_RATE": "0.25", "OTEL_SERVICE_NAME": "orders",
		"MONITORING_ENVIRONMENT": "staging", "MONITORING_REGION": "eu-west", "SENTRY_DSN": "https://k@sentry.example/1",
		"SENTRY_ENVIRONMENT": "stage", "SENTRY_RELEASE": "v1", "MONITORING_LOG_FORMAT": "json", "MONITORING_LOG_LEVEL": "critical",
		"MONITORING_TIMEZONE": "Europe/Paris", "MONITORING_CURRENCY": "EUR", "MONITORING_STATE_DIR": "/var/lib/x",
	} {
		t.Setenv(name, value)
	}
	c, err := monitoring.ConfigFromEnv()
	require.NoError(t, err)
	assert.True(t, c.Disabled)
	assert.Equal(t, "orders", c.Service)
	assert.Equal(t, "staging", c.Environment)
	assert.Equal(t, "eu-west", c.Region)
	assert.Equal(t, "https://k@sentry.example/1", c.Errors.DSN)
	assert.Equal(t, "stage", c.Errors.Environment)
	assert.Equal(t, "v1", c.Errors.Release)
	assert.InDelta(t, 0.25, *c.Errors.TracesSampleRate, 0)
	assert.InDelta(t, 0.25, *c.Perf.SampleRate, 0)
	assert.Nil(t, c.Errors.SampleRate, "errors have a rate of their own")
	assert.Equal(t, "json", c.Log.Format)
	assert.Equal(t, logging.LevelCritical, c.Log.Level.Level())
	assert.Equal(t, "Europe/Paris", c.Business.Location.String())
	assert.Equal(t, "EUR", c.Business.Currency)
	assert.Equal(t, "/var/lib/x", c.StateDir)

	t.Setenv("MONITORING_SERVICE", "shop")
	t.Setenv("MONITORING_LOG_LEVEL", "debug")
	c, err = monitoring.ConfigFromEnv()
	require.NoError(t, err)
	assert.Equal(t, "shop", c.Service, "ours comes before OpenTelemetry's")
	assert.Equal(t, slog.LevelDebug, c.Log.Level.Level())
}

func TestBrokenVariablesAreNamedAllAtOnce(t *testing.T) {
	broken := map[string]string{
		"MONITORING_ENABLED": "perhaps", "MONITORING_SAMPLE_RATE": "NaN", "MONITORING_LOG_LEVEL": "loud", "MONITORING_TIMEZONE": "Mars/Olympus",
	}
	for name, value := range broken {
		t.Setenv(name, value)
	}
	c, err := monitoring.ConfigFromEnv()
	require.ErrorIs(t, err, monitoring.ErrInvalid)
	for name := range broken {
		assert.ErrorContains(t, err, name)
	}
	assert.False(t, c.Disabled, "a slip of the pen does not switch monitoring off")
	assert.NoError(t, c.Validate(), "a service that goes on has the defaults")
}

func TestWithoutVariablesTheConfigIsEmpty(t *testing.T) {
	for _, name := range []string{"MONITORING_SERVICE", "OTEL_SERVICE_NAME", "SENTRY_DSN", "MONITORING_SAMPLE_RATE"} {
		t.Setenv(name, "")
	}
	c, err := monitoring.ConfigFromEnv()
	require.NoError(t, err)
	assert.Empty(t, c.Service)
	assert.Nil(t, c.Perf.SampleRate)
	assert.False(t, c.Disabled)
}

func TestAMountIsAPathOfItsOwn(t *testing.T) {
	h := http.NotFoundHandler()
	for path, want := range map[string]bool{
		"/metrics": true, "/debug/pprof/": true, "/api/own": true,
		"metrics": false, "GET /x": false, "/": false, "//x": false, "/{x": false, "/a b": false, "": false,
		"/health": false, "/operations": false, "/events": false, "/beacon/x": false,
	} {
		c := quiet(t)
		c.Mount = map[string]http.Handler{path: h}
		m, err := monitoring.New(t.Context(), c)
		if want {
			require.NoError(t, err, path)
			stop(t, m)
			continue
		}
		require.ErrorIs(t, err, monitoring.ErrInvalid, path)
		assert.ErrorContains(t, err, fmt.Sprintf("Mount[%q]", path))
	}
}
