package alerting

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestAnAlertHasTheIDOfWhatBeganIt(t *testing.T) {
	b := newBench(t, Config{})
	req1, req2 := reqctx.WithCorrelationID(bg, "req-1"), reqctx.WithCorrelationID(bg, "req-2")

	require.NoError(t, b.CheckMetric(req1, "error_rate", 0.1))
	require.NoError(t, b.CheckMetric(req2, "error_rate", 50))
	require.NoError(t, b.CheckMetric(req1, "error_rate", 60))
	require.Len(t, b.Active(), 1)
	assert.Equal(t, "req-2", b.Active()[0].CorrelationID, "the reading that began it, neither a good one nor a later one")

	a, err := b.CreateAlert(req1, Alert{Severity: P2, Title: "Stock is wrong"})
	require.NoError(t, err)
	assert.Equal(t, "req-1", a.CorrelationID)
	again, err := b.CreateAlert(req2, Alert{Severity: P2, Title: "Stock is wrong"})
	require.NoError(t, err)
	assert.Equal(t, a.ID, again.ID, "it is no part of the identity")
	assert.Equal(t, "req-1", again.CorrelationID)
	none, err := b.CreateAlert(bg, Alert{Severity: P2, Title: "No request"})
	require.NoError(t, err)
	assert.Empty(t, none.CorrelationID)
	b.delivered()
	for _, n := range b.all.messages() {
		if n.Alerts[0].Title == "Stock is wrong" {
			assert.Equal(t, "req-1", n.Alerts[0].CorrelationID, "receivers are told")
		}
	}
}

func TestAnAlertsRecordHasItsID(t *testing.T) {
	var out bytes.Buffer
	var seen string
	h := idHandler{slog.NewJSONHandler(&out, nil), &seen}
	require.NoError(t, LogNotifier{slog.New(h)}.Notify(bg, Notification{Alerts: []Alert{{Title: "x", Severity: P1, CorrelationID: "req-1"}}}))
	assert.Contains(t, out.String(), `"correlation_id":"req-1"`)
	assert.Equal(t, "req-1", seen, "in the context too, by which records are kept")
}

type idHandler struct {
	slog.Handler
	seen *string
}

func (h idHandler) Handle(ctx context.Context, r slog.Record) error {
	*h.seen = reqctx.From(ctx).CorrelationID()
	return h.Handler.Handle(ctx, r)
}
