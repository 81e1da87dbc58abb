package errortracking

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

func TestWhatWasNotSentGoesWithTheNextEnvelope(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.discard(discardSampleRate, categoryError, 3)
	tr.discard(discardBeforeSend, categoryError, 1)
	tr.discard(discardSampleRate, categoryError, 2)
	tr.CaptureException(context.Background(), errors.New("x"))
	flush(t, tr)
	require.Len(t, s.Envelopes(), 1, "no envelope of its own")
	assert.Equal(t, map[string]int{"sample_rate/error": 5, "before_send/error": 1}, s.Discarded())
	tr.CaptureException(context.Background(), errors.New("y"))
	flush(t, tr)
	assert.Equal(t, map[string]int{"sample_rate/error": 5, "before_send/error": 1}, s.Discarded(), "told once")
}

func TestWhatACaptureDoesNotSendIsReported(t *testing.T) {
	s := sentrytest.New(t)
	drop := true
	none := 0.0
	tr := tracker(t, Config{DSN: s.DSN, FloodLimit: 1, BeforeSend: func(context.Context, *Event) bool { return !drop }})
	tr.CaptureException(context.Background(), errors.New("dropped"))
	drop = false
	for range 5 {
		tr.CaptureException(context.Background(), fmt.Errorf("held back: %w", errors.New("again")))
	}
	flush(t, tr) // with the count of those held back
	sampling := tracker(t, Config{DSN: s.DSN, SampleRate: &none})
	sampling.CaptureException(context.Background(), errors.New("sampled out"))
	require.NoError(t, sampling.Close(within(5*time.Second)))
	require.NoError(t, tr.Close(within(5*time.Second)))
	assert.Equal(t, map[string]int{"before_send/error": 1, "event_processor/error": 4, "sample_rate/error": 1}, s.Discarded())
}

func TestAReportThatDidNotArriveIsSentAgainUnlessSentryLimitsIt(t *testing.T) {
	s := sentrytest.New(t)
	s.Fail(http.StatusBadGateway)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.discard(discardSampleRate, categoryError, 1)
	tr.CaptureException(context.Background(), errors.New("x"))
	require.Eventually(t, func() bool { return s.Attempts() == 1 }, 5*time.Second, time.Millisecond)
	s.Heal()
	flush(t, tr)
	assert.Equal(t, map[string]int{"sample_rate/error": 1}, s.Discarded())

	s.Fail(http.StatusTooManyRequests, "X-Sentry-Rate-Limits", "0.1::organization:usage_exceeded")
	tr.discard(discardSampleRate, categoryError, 1)
	tr.CaptureException(context.Background(), errors.New("y"))
	require.Eventually(t, func() bool { return s.Attempts() == 3 }, 5*time.Second, time.Millisecond)
	s.Heal()
	flush(t, tr)
	assert.Len(t, s.Events(), 2)
	assert.Equal(t, map[string]int{"sample_rate/error": 1}, s.Discarded())
}

func TestTheLastReportGoesOutAtClose(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.discard(discardSampleRate, categoryError, 7)
	require.NoError(t, tr.Close(within(5*time.Second)))
	assert.Equal(t, map[string]int{"sample_rate/error": 7}, s.Discarded())
}

func TestAReportOnItsOwnIsDueAfterAMinute(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.delivery.stop(context.Background()) // its goroutine, so that next can be asked here
	tr.discard(discardSampleRate, categoryError, 1)
	ctx := within(20 * time.Millisecond)
	_, err := tr.delivery.next(ctx)
	require.Error(t, err, "not yet")
	tr.delivery.reported = time.Now().Add(-reportEvery)
	p, err := tr.delivery.next(context.Background())
	require.NoError(t, err)
	assert.Equal(t, categoryInternal, p.category)
	require.NoError(t, tr.delivery.attempt(context.Background(), p))
	assert.Equal(t, map[string]int{"sample_rate/error": 1}, s.Discarded())

	tr.discard(discardSampleRate, categoryError, 1)
	tr.delivery.reported = time.Now().Add(-reportEvery)
	tr.delivery.limits.note(200, http.Header{"X-Sentry-Rate-Limits": {"60::organization"}}, time.Now())
	_, err = tr.delivery.next(within(20 * time.Millisecond))
	require.Error(t, err, "a limit on all holds reports too")
}

func TestAReportFitsWhatSentryTakes(t *testing.T) {
	taken := map[discarded]uint64{}
	for i := range 500 {
		taken[discarded{discard(fmt.Sprintf("a_rather_long_reason_%d", i)), categoryTransaction}] = 1 << 60
	}
	assert.Less(t, len(reportItem(taken, time.Now())), 4<<10)
	assert.Nil(t, reportItem(nil, time.Now()))
}

func TestALimitedCategoryDoesNotHoldUpAnother(t *testing.T) {
	s := sentrytest.New(t)
	limit := func(quotas string) {
		s.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("X-Sentry-Rate-Limits", quotas)
			return false
		})
	}
	limit("60:error:organization:quota, 5:replay;attachment:key:x")
	tr := tracker(t, Config{DSN: s.DSN})
	tr.CaptureException(context.Background(), errors.New("sets the limit"))
	flush(t, tr)
	tr.CaptureException(context.Background(), errors.New("waits"))
	tr.sendTransaction(aTransaction("passes", 0), nil)
	tr.CaptureMessage(context.Background(), 0, "passes too")
	require.Eventually(t, func() bool { return len(s.Transactions()) == 1 && len(s.Events()) == 2 }, 5*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { // Sentry has an event a little before its sender knows
		waiting, err := tr.Delivery()
		return waiting == 1 && errors.Is(err, errLimited)
	}, 5*time.Second, time.Millisecond)

	limit("60:transaction:organization:quota")
	tr.CaptureMessage(context.Background(), 0, "brings the next limit")
	require.Eventually(t, func() bool { return len(s.Events()) == 3 }, 5*time.Second, time.Millisecond)
	tr.sendTransaction(aTransaction("dropped", 4), nil)
	require.Eventually(t, func() bool { return tr.delivery.transactions.len() == 0 }, 5*time.Second, time.Millisecond)
	tr.CaptureMessage(context.Background(), 0, "brings the report")
	require.Eventually(t, func() bool { return len(s.Discarded()) == 2 }, 5*time.Second, time.Millisecond)
	assert.Equal(t, map[string]int{"ratelimit_backoff/transaction": 1, "ratelimit_backoff/span": 5}, s.Discarded())
	assert.Len(t, s.Transactions(), 1)
}

func TestWhatALimitHeldGoesOutInOrder(t *testing.T) {
	s := sentrytest.New(t)
	s.Fail(http.StatusTooManyRequests, "X-Sentry-Rate-Limits", "0.3:error:organization")
	tr := tracker(t, Config{DSN: s.DSN, FloodLimit: 100})
	var ids []string
	for i := range 10 {
		ids = append(ids, tr.CaptureException(context.Background(), fmt.Errorf("e%d", i)))
	}
	require.Eventually(t, func() bool { return s.Attempts() == 1 }, 5*time.Second, time.Millisecond)
	s.Heal()
	flush(t, tr)
	var got []string
	for _, e := range s.Events() {
		got = append(got, e.ID())
	}
	assert.Equal(t, ids, got)
	assert.Equal(t, 11, s.Attempts())
}

func TestTheHeaderOfAnEnvelope(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	tr.CaptureException(context.Background(), errors.New("x"))
	flush(t, tr)
	h := sentrytest.Event(s.Envelopes()[0].Header)
	assert.Equal(t, s.DSN, h.Text("dsn"))
	assert.Equal(t, sdkName, h.Text("sdk.name"))
	at, err := time.Parse(time.RFC3339Nano, h.Text("sent_at"))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), at, time.Minute)
}
