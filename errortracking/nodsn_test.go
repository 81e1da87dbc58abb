package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logs is a Tracker without Sentry behind the logger that feeds it, as the root
// package wires it.
func logs(t *testing.T) (*Tracker, *logged) {
	var l logged
	late := &lateHandler{}
	tr := tracker(t, Config{Logger: l.logger(late)})
	late.Handler = tr.Handler()
	return tr, &l
}

func TestWithoutADSNACaptureIsARecordAtOnce(t *testing.T) {
	tr, l := logs(t)
	text := &changing{text: "as it was"}
	id := tr.CaptureException(context.Background(), text)
	text.text = "changed"
	records := l.records(t)
	require.Len(t, records, 1)
	assert.Equal(t, id, records[0]["event_id"])
	assert.Equal(t, "as it was", records[0]["error"])
	require.NoError(t, tr.Close(context.Background()))
	tr.CaptureException(context.Background(), errors.New("late"))
	assert.Len(t, l.records(t), 2)
}

func TestWithoutADSNAnErrorThatIsLoggedAndThenCapturedIsOneRecord(t *testing.T) {
	tr, l := logs(t)
	run := func(ctx context.Context) {
		err := fmt.Errorf("pay: %w", errors.New("refused"))
		tr.config.Logger.ErrorContext(ctx, "payment failed", "err", err)
		tr.CaptureException(ctx, err, "order_id", "456")
	}
	run(context.Background())
	tr.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { run(r.Context()) })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	records := l.records(t)
	require.Len(t, records, 2)
	assert.Equal(t, "payment failed", records[1]["msg"])
}

func TestAfterCloseNothingReachesTheSink(t *testing.T) {
	var k kept
	var l logged
	tr := tracker(t, Config{Sink: k.sink, Logger: l.logger()})
	require.NoError(t, tr.Close(context.Background()))
	assert.NotEmpty(t, tr.CaptureException(context.Background(), errors.New("late")))
	slog.New(tr.Handler()).Error("later")
	assert.Empty(t, k.all())
	require.Len(t, l.records(t), 1, "the log has the other already")
	assert.Equal(t, "late", l.records(t)[0]["error"])
}
