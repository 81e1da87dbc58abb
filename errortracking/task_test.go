package errortracking

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/internal/sentrytest"
)

func TestAJobIsATransaction(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN, TracesSampleRate: &all})
	ctx, end := tr.StartTransaction(context.Background(), "send invoice")
	scope := reqctx.From(ctx)
	assert.Equal(t, scope.Trace().TraceIDString(), scope.CorrelationID())
	inner, endInner := tr.StartTransaction(ctx, "render")
	tr.CaptureException(inner, errors.New("boom"))
	endInner(context.DeadlineExceeded)
	end(errors.New("boom"))
	end(nil)
	flush(t, tr)
	require.Len(t, s.Transactions(), 1)
	e := s.Transactions()[0]
	assert.Equal(t, "send invoice", e.Text("transaction"))
	assert.Equal(t, "task", e.Text("contexts.trace.op"))
	assert.Equal(t, "internal_error", e.Text("contexts.trace.status"))
	assert.Equal(t, scope.CorrelationID(), e.Text("tags.correlation_id"))
	require.Len(t, e["spans"], 1, "work inside is a span")
	assert.Equal(t, "deadline_exceeded", e["spans"].([]any)[0].(map[string]any)["status"])
	assert.Equal(t, scope.CorrelationID(), s.Events()[0].Text("tags.correlation_id"))
}

func TestAJobGoesByTheTraceThatItWasBegunIn(t *testing.T) {
	for _, recorded := range []bool{true, false} {
		t.Run(fmt.Sprint(recorded), func(t *testing.T) {
			s := sentrytest.New(t)
			tr := tracker(t, Config{DSN: s.DSN, TracesSampleRate: &all, TrustedCallers: testNet})
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			if !recorded {
				r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
			}
			var kept context.Context
			tr.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { kept = r.Context() })).
				ServeHTTP(httptest.NewRecorder(), r)
			ctx, end := tr.StartTransaction(kept, "after the answer")
			assert.Equal(t, reqctx.TraceOf(kept).TraceID, reqctx.TraceOf(ctx).TraceID)
			end(nil)
			flush(t, tr)
			assert.Len(t, s.Transactions(), map[bool]int{true: 2}[recorded])
			for _, e := range s.Transactions() {
				assert.Equal(t, reqctx.TraceOf(kept).TraceIDString(), e.Text("contexts.trace.trace_id"))
			}
		})
	}
}

func TestWithoutATrackerAJobJustRuns(t *testing.T) {
	for _, tr := range []*Tracker{nil, tracker(t, Config{Disabled: true}), tracker(t, Config{})} {
		ctx, end := tr.StartTransaction(nil, "job") //nolint:staticcheck // a caller's mistake does no harm
		assert.NotNil(t, ctx)
		end(nil)
	}
}
