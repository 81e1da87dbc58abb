package errortracking

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

func TestARateLimitIsObeyedAndTheEventKept(t *testing.T) {
	s := sentrytest.New(t)
	var calls atomic.Int32
	s.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		if calls.Add(1) > 1 {
			return false
		}
		w.Header().Set("X-Sentry-Rate-Limits", "0.3:error:organization, 2700:transaction:key")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	tr := tracker(t, Config{DSN: s.DSN})
	start := time.Now()
	tr.CaptureException(context.Background(), errors.New("a"))
	require.Eventually(t, func() bool { return len(s.Events()) == 1 }, 5*time.Second, 5*time.Millisecond)
	assert.GreaterOrEqual(t, time.Since(start), 290*time.Millisecond)
	assert.EqualValues(t, 2, calls.Load())
	assert.Zero(t, counter(tr, metricDropped, reasonRefused))
}

func TestAFlushDoesNotEndARateLimit(t *testing.T) {
	s := sentrytest.New(t)
	s.Fail(http.StatusTooManyRequests, "Retry-After", "60")
	tr := tracker(t, Config{DSN: s.DSN})
	tr.CaptureException(context.Background(), errors.New("a"))
	require.Eventually(t, func() bool { return s.Attempts() == 1 }, 5*time.Second, time.Millisecond)
	for range 3 {
		require.Error(t, tr.Flush(within(30*time.Millisecond)))
	}
	assert.Equal(t, 1, s.Attempts())
}

func TestLimitsAreReadFromTheAnswer(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tc := range map[string]struct {
		status int
		h      http.Header
		want   time.Duration // 0: none
	}{
		"none":                {200, http.Header{}, 0},
		"limit in a 200":      {200, http.Header{"X-Sentry-Rate-Limits": {"60:error:key"}}, time.Minute},
		"all categories":      {200, http.Header{"X-Sentry-Rate-Limits": {"60::organization"}}, time.Minute},
		"others only":         {429, http.Header{"X-Sentry-Rate-Limits": {"60:transaction;attachment:key"}, "Retry-After": {"9"}}, 0},
		"the longest":         {429, http.Header{"X-Sentry-Rate-Limits": {"5:error, 90:default;error:project ,70::x"}}, 90 * time.Second},
		"broken":              {429, http.Header{"X-Sentry-Rate-Limits": {"x:error, :, -5::, NaN::"}}, 0},
		"retry after seconds": {429, http.Header{"Retry-After": {"30"}}, 30 * time.Second},
		"retry after a date":  {429, http.Header{"Retry-After": {now.Add(2 * time.Minute).Format(http.TimeFormat)}}, 2 * time.Minute},
		"429 and no more":     {429, http.Header{}, time.Minute},
		"429 and nonsense":    {429, http.Header{"Retry-After": {"soon"}}, time.Minute},
		"absurdly long":       {429, http.Header{"Retry-After": {"1e300"}}, 24 * time.Hour},
		"retry after of 503":  {503, http.Header{"Retry-After": {"30"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := limitedUntil(tc.status, tc.h, now)
			if tc.want == 0 {
				assert.True(t, got.IsZero() || !got.After(now), got)
				return
			}
			assert.Equal(t, now.Add(tc.want), got)
		})
	}
}

// limitedUntil is what an answer says of errors.
func limitedUntil(status int, h http.Header, now time.Time) time.Time {
	var l limits
	l.note(status, h, now)
	return l.of(categoryError, now)
}

func TestBackOffDoublesUpToAMinute(t *testing.T) {
	assert.Equal(t, 500*time.Millisecond, backoff(1, 0))
	assert.Equal(t, time.Second, backoff(1, 1))
	assert.Equal(t, 2*time.Second, backoff(2, 1))
	for n := 7; n < 100; n++ {
		assert.Equal(t, time.Minute, backoff(n, 1))
		assert.Equal(t, 30*time.Second, backoff(n, 0))
	}
}

func FuzzLimits(f *testing.F) {
	f.Add("60:error;default:organization, 2700::key", "30")
	f.Fuzz(func(t *testing.T, limits, after string) {
		now := time.Unix(1e9, 0)
		for _, h := range []http.Header{{"X-Sentry-Rate-Limits": {limits}}, {"Retry-After": {after}}} {
			until := limitedUntil(429, h, now)
			if !until.IsZero() && (until.Before(now) || until.Sub(now) > maxLimit) {
				t.Fatalf("until %v", until)
			}
		}
	})
}
