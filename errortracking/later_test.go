package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

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

func TestWithoutADSNAnErrorThatIsCapturedAndLoggedIsOneRecord(t *testing.T) {
	for name, order := range map[string][]string{
		"captured first": {"capture", "log"}, "logged first": {"log", "capture"},
	} {
		for where, ctx := range map[string]context.Context{"in a request": nil, "elsewhere": context.Background()} {
			t.Run(name+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tr, l := logs(t)
					run := func(ctx context.Context) {
						err := fmt.Errorf("pay: %w", errors.New("refused"))
						for _, step := range order {
							if step == "capture" {
								tr.CaptureException(ctx, err, "order_id", "456")
							} else {
								tr.config.Logger.ErrorContext(ctx, "payment failed", "err", err)
							}
						}
					}
					if ctx != nil {
						run(ctx)
					} else {
						tr.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { run(r.Context()) })).
							ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
					}
					time.Sleep(time.Second)
					records := l.records(t)
					require.Len(t, records, 1)
					assert.Equal(t, "payment failed", records[0]["msg"], "the service's own says more")
				})
			})
		}
	}
}

func TestWithoutADSNAnErrorThatNobodyLogsIsOneRecordSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, l := logs(t)
		text := &changing{text: "as it was"}
		id := tr.CaptureException(context.Background(), text)
		text.text = "changed"
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		records := l.records(t)
		require.Len(t, records, 1)
		assert.Equal(t, id, records[0]["event_id"])
		assert.Equal(t, "as it was", records[0]["error"])

		tr.CaptureException(WithLevel(context.Background(), LevelCritical), errors.New("fire"))
		assert.Len(t, l.records(t), 2, "a critical one at once")
		for i := range 2 * maxLater {
			tr.CaptureException(context.Background(), errors.New(word(i)))
		}
		require.NoError(t, tr.Close(context.Background()))
		assert.Len(t, l.records(t), 2+2*maxLater, "none is lost, nor later than the end")
		tr.CaptureException(context.Background(), errors.New("late"))
		assert.Len(t, l.records(t), 3+2*maxLater)
	})
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
