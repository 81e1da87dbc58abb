package monitoring_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/internal/sentrytest"
)

func TestAHangingPanelKeepsNoErrorFromGoingOut(t *testing.T) {
	s := sentrytest.New(t)
	c := quiet(t)
	c.Errors.DSN = s.DSN
	hung, release := make(chan struct{}), make(chan struct{})
	c.Dashboard.Panels = []dashboard.Panel{{
		ID: "hangs", Title: "Hangs", Page: dashboard.Product,
		Data: func(context.Context, time.Time, time.Time) (any, error) {
			close(hung)
			<-release
			return dashboard.Number{}, nil
		},
	}}
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	defer close(release)
	r := httptest.NewRequest(http.MethodGet, "http://localhost/monitoring/api/pages/product", nil)
	r.RemoteAddr = "127.0.0.1:9"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go m.Handler().ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	<-hung
	m.Errors.CaptureException(t.Context(), errors.New("the last one"))

	stopCtx, cancelStop := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancelStop()
	err = m.Shutdown(stopCtx)
	require.ErrorContains(t, err, "dashboard")
	assert.NoError(t, stopCtx.Err(), "what hangs does not take all the time")
	assert.Len(t, s.Events(), 1)
}

func TestHealthIsDegradedWhileSentryIsDead(t *testing.T) {
	c := quiet(t)
	c.Errors.DSN = "http://key@127.0.0.1:1/1" // nobody listens
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	assert.JSONEq(t, `{"status":"ok"}`, ask(t, m.Handler(), "GET", "health", "").body)
	m.Errors.CaptureException(t.Context(), errors.New("boom"))
	assert.Eventually(t, func() bool {
		got := ask(t, m.Handler(), "GET", "health", "")
		return got.status == 200 && got.body == "{\"status\":\"degraded\"}\n"
	}, 5*time.Second, 10*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	assert.ErrorContains(t, m.Shutdown(ctx), "errors: 1 event left in the spool")
}
