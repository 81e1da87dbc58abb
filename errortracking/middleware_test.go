package errortracking

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/perfmon"
)

// served is a Tracker, its log that feeds its Handler too, and a server.
func served(t *testing.T, h http.HandlerFunc) (*sentrytest.Server, *Tracker, *logged, *httptest.Server) {
	t.Helper()
	s := sentrytest.New(t)
	var l logged
	late := &lateHandler{}
	tr := tracker(t, Config{DSN: s.DSN, Logger: l.logger(late)})
	late.Handler = tr.Handler()
	perf, err := perfmon.New(perfmon.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = perf.Close(context.Background()) })
	ids := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w, r, shared := reqctx.Begin(w, r)
			shared.Identify("req-1", reqctx.Trace{}, w.Header())
			next.ServeHTTP(w, r)
		})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", h)
	srv := httptest.NewServer(ids(tr.Middleware(tr.Middleware(perf.Middleware(mux)))))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(srv.Close)
	return s, tr, &l, srv
}

type lateHandler struct{ slog.Handler }

func (l *lateHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return l.Handler != nil && l.Handler.Enabled(ctx, level)
}

func get(t *testing.T, srv *httptest.Server, accept string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, srv.URL+"/orders/7", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", accept)
	res, err := srv.Client().Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res, string(b), err
}

func TestAPanicIsA500OneEventAndOneRecord(t *testing.T) {
	s, tr, l, srv := served(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		WithUser(r.Context(), User{ID: "u1"})
		explode(fmt.Errorf("boom with password=%s", "hunter22"))
	})
	res, body, err := get(t, srv, "application/json")
	require.NoError(t, err)
	assert.Equal(t, 500, res.StatusCode)
	assert.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"type":"about:blank","title":"Internal Server Error","status":500,"correlation_id":"req-1"}`, body)
	assert.NotContains(t, body, "boom")

	flush(t, tr)
	events := s.Events()
	require.Len(t, events, 1)
	e := events[0]
	assert.Equal(t, "error", e.Text("level"))
	assert.Equal(t, "explode", e.Text("exception.-1.stacktrace.frames.-1.function"), "where it happened, though perfmon panicked on")
	assert.Equal(t, false, e.At("exception.-1.mechanism.handled"))
	assert.Equal(t, "/orders/{id}", e.Text("transaction"))
	assert.Equal(t, "u1", e.Text("user.id"))
	records := l.records(t)
	require.Len(t, records, 1)
	assert.Equal(t, "ERROR", records[0]["level"])
	assert.Equal(t, "req-1", records[0]["correlation_id"])
	assert.Equal(t, "/orders/{id}", records[0]["route"])
	assert.Equal(t, e.ID(), records[0]["event_id"])
	assert.Contains(t, records[0]["stack"], "explode")
	assert.NotContains(t, fmt.Sprint(records, events), "hunter22")
}

func TestAPanicWithoutADSNIsOneRecordToo(t *testing.T) {
	var l logged
	tr := tracker(t, Config{Logger: l.logger()})
	w := httptest.NewRecorder()
	tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { explode("boom") })).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, 500, w.Code)
	require.Len(t, l.records(t), 1)
	assert.Contains(t, l.records(t)[0]["stack"], "explode")
}

func TestARuntimePanicShowsItsLine(t *testing.T) {
	s, tr, _, srv := served(t, func(w http.ResponseWriter, r *http.Request) {
		var list []int
		list[len(r.URL.Path)] = 1
	})
	_, body, err := get(t, srv, "text/html")
	require.NoError(t, err)
	assert.Equal(t, "Internal Server Error\nReference: req-1\n", body)
	flush(t, tr)
	require.Len(t, s.Events(), 1)
	assert.Contains(t, s.Events()[0].Text("exception.-1.stacktrace.frames.-1.abs_path"), "middleware_test.go")
}

// Case 2: http.ErrAbortHandler passes through.
func TestCase2ErrAbortHandlerPassesThrough(t *testing.T) {
	s, tr, l, srv := served(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	_, _, err := get(t, srv, "")
	require.Error(t, err, "no 500: the connection is cut")
	flush(t, tr)
	assert.Empty(t, s.Events())
	assert.Empty(t, l.records(t))
}

func TestAfterTheHeaderIsOutTheConnectionIsCut(t *testing.T) {
	s, tr, l, srv := served(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("half an answer ", 1000))
		panic("boom")
	})
	_, _, err := get(t, srv, "")
	require.Error(t, err)
	flush(t, tr)
	assert.Len(t, s.Events(), 1)
	assert.Len(t, l.records(t), 1)
}

func TestAnErrorThatIsCapturedAndLoggedIsOneEvent(t *testing.T) {
	for name, order := range map[string][]string{
		"captured first": {"capture", "log"}, "logged first": {"log", "capture"}, "twice each": {"capture", "log", "capture", "log"},
	} {
		t.Run(name, func(t *testing.T) {
			var ids []string
			var tr *Tracker
			var l *logged
			var s *sentrytest.Server
			var srv *httptest.Server
			s, tr, l, srv = served(t, func(w http.ResponseWriter, r *http.Request) {
				err := fmt.Errorf("pay: %w", errors.New("refused"))
				for _, step := range order {
					if step == "capture" {
						ids = append(ids, tr.CaptureException(r.Context(), err, "order_id", "456"))
					} else {
						tr.config.Logger.ErrorContext(r.Context(), "payment failed", "err", err, "order_id", "456")
					}
				}
			})
			_, _, err := get(t, srv, "")
			require.NoError(t, err)
			flush(t, tr)
			require.Len(t, s.Events(), 1)
			for _, id := range ids {
				assert.Equal(t, s.Events()[0].ID(), id)
			}
			assert.Equal(t, "456", s.Events()[0].Text("contexts.attributes.order_id"))
			assert.NotEmpty(t, l.records(t))
		})
	}
}

func TestWithoutARequestACaptureAndItsRecordAreOneEvent(t *testing.T) {
	for name, tc := range map[string]struct {
		order  []string
		events int
	}{
		"captured first":     {[]string{"capture", "log"}, 1},
		"logged first":       {[]string{"log", "capture"}, 1},
		"a loop of both":     {[]string{"capture", "log", "capture", "log"}, 2},
		"captured twice":     {[]string{"capture", "capture"}, 2},
		"logged twice":       {[]string{"log", "log"}, 2},
		"wrapped on the way": {[]string{"capture", "log wrapped"}, 1},
		"long after":         {[]string{"capture", "wait", "log"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			for _, ctx := range []context.Context{context.Background(), withID(context.Background(), "job-1")} {
				var k kept
				now := time.Unix(1e9, 0)
				tr := tracker(t, Config{Sink: k.sink, Now: func() time.Time { return now }})
				log := slog.New(tr.Handler())
				err := errors.New("refused")
				for _, step := range tc.order {
					switch step {
					case "capture":
						tr.CaptureException(ctx, err)
					case "log":
						log.ErrorContext(ctx, "payment failed", "err", err)
					case "log wrapped":
						log.ErrorContext(ctx, "payment failed", "err", fmt.Errorf("pay: %w", err))
					case "wait":
						now = now.Add(2 * time.Second)
					}
				}
				assert.Len(t, k.all(), tc.events)
			}
		})
	}
}

func TestAFailureInARequestIsOneEventHoweverItIsWrapped(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink})
	other := tracker(t, Config{Sink: k.sink})
	h := tr.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		err := errors.New("refused")
		id := tr.CaptureException(r.Context(), err)
		assert.Equal(t, id, tr.CaptureException(r.Context(), fmt.Errorf("pay: %w", err)))
		assert.NotEqual(t, id, other.CaptureException(r.Context(), err), "two instances do not see each other")
		panic(err)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Len(t, k.all(), 2)
}

func TestTheHandlerMakesEventsOfErrorRecords(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink})
	log := slog.New(tr.Handler())
	log.Info("not this")
	log.Warn("nor this")
	log.With("a", 1).WithGroup("g").Error("disk", "b", 2, "password", "hunter2")
	log.Log(context.Background(), LevelCritical, "fire", slog.Group("in", slog.Any("e", statusError(503))))
	require.Len(t, k.all(), 2)
	assert.Equal(t, "disk", k.all()[0].Message)
	assert.NoError(t, k.all()[0].Err)
	assert.EqualValues(t, 1, k.all()[0].Attrs["a"])
	group := k.all()[0].Attrs["g"].(map[string]any)
	assert.EqualValues(t, 2, group["b"])
	assert.NotContains(t, fmt.Sprint(group), "hunter2")
	assert.Equal(t, "fire", k.all()[1].Message)
	assert.Equal(t, statusError(503), k.all()[1].Err)
	assert.Equal(t, Dependency, k.all()[1].Class.Category)
	assert.Equal(t, LevelCritical, k.all()[1].Class.Level)
}

func TestTheHandlerNeverLoops(t *testing.T) {
	var l logged
	late := &lateHandler{}
	tr := tracker(t, Config{Logger: l.logger(late)}) // no DSN: events go to the log that feeds it
	late.Handler = tr.Handler()
	tr.config.Logger.Error("x", "err", errors.New("y"))
	assert.Len(t, l.records(t), 1, "it is in the log already")
	tr.CaptureException(context.Background(), errors.New("z"))
	flush(t, tr) // it waits a moment for a record of the service's own
	assert.Len(t, l.records(t), 2)
	assert.EqualValues(t, 2, counter(tr, "errors.captured", "bug"))
}
