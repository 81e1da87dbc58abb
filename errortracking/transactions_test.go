package errortracking

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

const traceID = "0123456789abcdef0123456789abcdef"

func aTransaction(name string, spans int) *sentry.Event {
	now := time.Now()
	e := &sentry.Event{
		Type: "transaction", Transaction: name, StartTime: now.Add(-time.Second), Timestamp: now, Platform: "go",
		Contexts: map[string]sentry.Context{"trace": {"trace_id": traceID, "span_id": "0123456789abcdef", "op": "http.server"}},
	}
	for range spans {
		var s sentry.Span
		_, _ = hex.Decode(s.TraceID[:], []byte(traceID))
		s.SpanID, s.ParentSpanID = sentry.SpanID{1}, sentry.SpanID{2}
		s.Op, s.StartTime, s.EndTime = "db", now, now
		e.Spans = append(e.Spans, &s)
	}
	return e
}

func TestATransactionGoesOutWithItsSamplingContext(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN, Environment: "stage", Release: "v1"})
	require.True(t, tr.sendTransaction(aTransaction("GET /orders", 2), map[string]string{"sample_rate": "0.1", "sampled": "true"}))
	flush(t, tr)
	require.Len(t, s.Transactions(), 1)
	e := s.Transactions()[0]
	assert.Equal(t, "GET /orders", e.Text("transaction"))
	assert.Len(t, e["spans"], 2)
	h := s.Envelopes()[0].Header
	assert.Equal(t, e.ID(), h["event_id"])
	assert.Equal(t, map[string]any{
		"trace_id": traceID, "public_key": sentrytest.Key, "environment": "stage", "release": "v1",
		"transaction": "GET /orders", "sample_rate": "0.1", "sampled": "true",
	}, h["trace"])
}

func TestTransactionsNeverGoBeforeErrorsAndAreBounded(t *testing.T) {
	s := sentrytest.New(t)
	s.Fail(http.StatusServiceUnavailable)
	tr := tracker(t, Config{DSN: s.DSN, FloodLimit: 100})
	tr.CaptureException(context.Background(), errors.New("first"))
	require.Eventually(t, func() bool { return s.Attempts() > 0 }, 5*time.Second, time.Millisecond)
	for i := range maxTransactions {
		require.True(t, tr.sendTransaction(aTransaction(fmt.Sprint(i), 1), nil))
	}
	for range 5 {
		require.False(t, tr.sendTransaction(aTransaction("too many", 1), nil))
	}
	for i := range 20 {
		tr.CaptureException(context.Background(), fmt.Errorf("error %d", i))
	}
	tr.writePending()
	s.Heal()
	flush(t, tr)
	envelopes := s.Envelopes()
	require.Len(t, envelopes, 21+maxTransactions)
	for _, e := range envelopes[:21] {
		assert.Equal(t, "event", e.Items[0].Type)
	}
	for i, e := range s.Transactions() {
		assert.Equal(t, fmt.Sprint(i), e.Text("transaction"))
	}
	assert.EqualValues(t, 5, counter(tr, metricDropped, string(discardQueueOverflow)))
	assert.Equal(t, map[string]int{"queue_overflow/transaction": 5, "queue_overflow/span": 10}, s.Discarded())
}

func TestTransactionsAreBoundedInSpans(t *testing.T) {
	s := sentrytest.New(t)
	s.Hang()
	tr := tracker(t, Config{DSN: s.DSN})
	sent := 0
	for range 2 * maxSpansWaiting / maxSpans {
		if tr.sendTransaction(aTransaction("x", 2*maxSpans), nil) {
			sent++
		}
	}
	assert.Equal(t, maxSpansWaiting/(maxSpans+1), sent)
}

func TestAnOversizedTransactionIsCut(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	e := aTransaction("large", maxSpans)
	for i, span := range e.Spans {
		span.Description = strings.Repeat(word(i), 1500)
	}
	require.True(t, tr.sendTransaction(e, nil))
	flush(t, tr)
	require.Len(t, s.Transactions(), 1)
	assert.NotEmpty(t, s.Transactions()[0]["spans"])
}

func TestATransactionThatCannotBeEncodedIsCounted(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	e := aTransaction("x", 0)
	e.Contexts["x"] = sentry.Context{"f": func() {}}
	require.True(t, tr.sendTransaction(e, nil))
	require.True(t, tr.sendTransaction(aTransaction("next", 0), nil))
	flush(t, tr)
	require.Len(t, s.Transactions(), 1)
	assert.Equal(t, map[string]int{"internal_sdk_error/transaction": 1, "internal_sdk_error/span": 1}, s.Discarded())
}

func TestWithoutADSNATransactionGoesNowhere(t *testing.T) {
	assert.False(t, tracker(t, Config{}).sendTransaction(aTransaction("x", 0), nil))
}
