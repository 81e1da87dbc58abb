package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/alerting/notify/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var note = alerting.Notification{Key: "abc/1/ops", Alerts: []alerting.Alert{{
	ID: "abc", Rule: "error_rate", Title: "Error rate above 2 %", Severity: alerting.P0, State: alerting.Firing,
	Value: 2.5, Threshold: 2, Unit: "%", StartedAt: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
}}}

// serve answers status, and hands over what came.
func serve(t *testing.T, status int) (url string, got func() (http.Header, []byte)) {
	type request struct {
		h    http.Header
		body []byte
	}
	came := make(chan request, 8)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- request{r.Header, body}
		if status >= 300 && status < 400 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() (http.Header, []byte) {
		r := <-came
		assert.Empty(t, came, "one request")
		return r.h, r.body
	}
}

func post(t *testing.T, c webhook.Config) error {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	c.Client = client
	n, err := webhook.New(c)
	require.NoError(t, err)
	return n.Notify(context.Background(), note)
}

func TestTheMessageIsSignedJSONWithAnIdempotencyKey(t *testing.T) {
	url, got := serve(t, 204)
	require.NoError(t, post(t, webhook.Config{URL: url, Secret: "s3cret", Header: map[string]string{"Authorization": "Bearer x"}}))
	h, body := got()
	assert.JSONEq(t, `{"version":1,"key":"abc/1/ops","alerts":[{"id":"abc","rule":"error_rate","title":"Error rate above 2 %",
		"severity":"P0","state":"firing","value":2.5,"threshold":2,"unit":"%","started_at":"2026-03-02T08:00:00Z"}]}`, string(body))
	assert.Equal(t, "application/json", h.Get("Content-Type"))
	assert.Equal(t, "abc/1/ops", h.Get("Idempotency-Key"))
	assert.Equal(t, "Bearer x", h.Get("Authorization"))
	now := time.Now()
	assert.NoError(t, webhook.Verify(h, body, "s3cret", now, time.Minute))
	assert.ErrorIs(t, webhook.Verify(h, body, "other", now, time.Minute), webhook.ErrSignature)
	assert.ErrorIs(t, webhook.Verify(h, append(body, ' '), "s3cret", now, time.Minute), webhook.ErrSignature)
	assert.ErrorIs(t, webhook.Verify(h, body, "s3cret", now.Add(time.Hour), time.Minute), webhook.ErrSignature, "played back")
	assert.ErrorIs(t, webhook.Verify(http.Header{}, body, "s3cret", now, time.Minute), webhook.ErrSignature)
}

func TestTheSignatureIsAKnownHMAC(t *testing.T) {
	// printf '1700000000.{}' | openssl dgst -sha256 -hmac key
	h := http.Header{}
	h.Set(webhook.HeaderTimestamp, "1700000000")
	h.Set(webhook.HeaderSignature, "sha256=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae")
	assert.NoError(t, webhook.Verify(h, []byte("{}"), "key", time.Unix(1700000000, 0), time.Minute))
}

func TestTheAnswerSaysWhetherToTryAgain(t *testing.T) {
	for _, tc := range []struct {
		status           int
		taken, tryNoMore bool
	}{
		{200, true, false}, {202, true, false}, {299, true, false},
		{302, false, true}, {400, false, true}, {401, false, true}, {404, false, true}, {410, false, true}, {422, false, true},
		{408, false, false}, {425, false, false}, {429, false, false},
		{500, false, false}, {502, false, false}, {503, false, false},
	} {
		t.Run(http.StatusText(tc.status), func(t *testing.T) {
			url, got := serve(t, tc.status)
			err := post(t, webhook.Config{URL: url + "/T0/B0/topsecret?token=hidden"})
			got()
			assert.Equal(t, tc.taken, err == nil)
			assert.Equal(t, tc.tryNoMore, alerting.IsPermanent(err))
			if err != nil {
				assert.NotContains(t, err.Error(), "topsecret")
				assert.NotContains(t, err.Error(), "hidden")
			}
		})
	}
}

func TestAnUnreachableReceiverIsTriedAgainAndNoErrorShowsTheURL(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	url := strings.Replace(srv.URL, "http://", "http://user:passw0rd@", 1)
	srv.Close()
	err := post(t, webhook.Config{URL: url + "/topsecret?token=hidden"})
	require.Error(t, err)
	assert.False(t, alerting.IsPermanent(err))
	for _, secret := range []string{"topsecret", "hidden", "passw0rd"} {
		assert.NotContains(t, err.Error(), secret)
	}
	assert.Contains(t, err.Error(), "127.0.0.1")
}

func TestASlowReceiverIsLeftAfterTheTimeout(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	err := post(t, webhook.Config{URL: srv.URL + "/topsecret", Timeout: 20 * time.Millisecond})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotContains(t, err.Error(), "topsecret")
}

func TestAWrongConfigNamesTheFieldAndNotTheURL(t *testing.T) {
	for _, url := range []string{"", "ftp://example.com/topsecret", "/topsecret", "http://", "http://[::1/topsecret"} {
		_, err := webhook.New(webhook.Config{URL: url, Timeout: -1})
		require.ErrorIs(t, err, alerting.ErrInvalid, url)
		assert.ErrorContains(t, err, "URL")
		assert.ErrorContains(t, err, "Timeout")
		assert.NotContains(t, err.Error(), "topsecret")
	}
}

func TestTheBodyReadsBackAsAlerts(t *testing.T) {
	url, got := serve(t, 200)
	require.NoError(t, post(t, webhook.Config{URL: url}))
	h, body := got()
	assert.Empty(t, h.Get(webhook.HeaderSignature), "no secret, no signature")
	var back struct{ Alerts []alerting.Alert }
	require.NoError(t, json.Unmarshal(body, &back))
	assert.Equal(t, note.Alerts, back.Alerts)
}
