package monitoring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
)

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// of are the records that have this correlation ID.
func (l *lockedBuffer) of(t *testing.T, id string) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.b.String()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		if m["correlation_id"] == id {
			all = append(all, m)
		}
	}
	return all
}

// traced is a service with a Sentry of its own.
type traced struct {
	*monitoring.Monitor
	sentry *sentrytest.Server
	log    lockedBuffer
	url    string
}

func newTraced(t *testing.T, rate float64, trusted string, routes func(*traced, *http.ServeMux)) *traced {
	t.Helper()
	s := &traced{sentry: sentrytest.New(t)}
	c := quiet(t)
	c.StateDir, c.Log.Output = monitoring.Memory, &s.log
	c.Errors.DSN, c.Errors.TracesSampleRate = s.sentry.DSN, &rate
	c.DB.SlowQuery = time.Nanosecond
	if trusted != "" {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(trusted)}
	}
	var err error
	s.Monitor, err = monitoring.New(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { stop(t, s.Monitor) })
	mux := http.NewServeMux()
	routes(s, mux)
	srv := httptest.NewServer(s.Middleware(mux))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *traced) flush(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, s.Errors.Flush(ctx))
	require.Empty(t, s.sentry.Refused())
}

// stock is a service whose only query fails.
func stock(s *traced, mux *http.ServeMux) {
	mux.HandleFunc("GET /stock/{id}", func(w http.ResponseWriter, r *http.Request) {
		ctx, tracer := dbmon.WithName(r.Context(), "stock by id"), dbmon.NewTracer(s.DB)
		err := &pgconn.PgError{Code: "57014", Message: "canceling statement due to statement timeout"}
		query := tracer.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "select n from stock where id = 7"})
		tracer.TraceQueryEnd(query, nil, pgx.TraceQueryEndData{Err: err})
		s.Errors.CaptureException(ctx, err)
		s.Log.WarnContext(ctx, "stock is unknown")
		_, _ = s.Alerts.CreateAlert(ctx, alerting.Alert{Severity: alerting.P2, Title: "Stock is unknown"})
		w.WriteHeader(http.StatusServiceUnavailable)
	})
}

// ordering is a service that asks stock.
func ordering(stockURL string) func(*traced, *http.ServeMux) {
	return func(s *traced, mux *http.ServeMux) {
		mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
			client := http.Client{Transport: s.Transport(nil)}
			ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, stockURL+"/stock/7", nil)
			if err != nil {
				panic(err)
			}
			res, err := client.Do(ask)
			if err == nil {
				_ = res.Body.Close()
			}
			s.Errors.CaptureException(r.Context(), errors.New("stock did not answer"))
			s.Log.ErrorContext(r.Context(), "order is held")
			w.WriteHeader(http.StatusBadGateway)
		})
	}
}

func TestOneIDTiesErrorLogQueryAlertAndTraceAcrossTwoServices(t *testing.T) {
	b := newTraced(t, 1e-9, "127.0.0.0/8", stock)
	a := newTraced(t, 1, "", ordering(b.url))
	res, err := http.Get(a.url + "/orders/7")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	id := res.Header.Get("X-Request-ID")
	require.Len(t, id, 32)
	a.flush(t)
	b.flush(t)

	require.Len(t, a.sentry.Transactions(), 1)
	require.Len(t, b.sentry.Transactions(), 1, "b follows the decision of a")
	ta, tb := a.sentry.Transactions()[0], b.sentry.Transactions()[0]
	trace := ta.Text("contexts.trace.trace_id")
	assert.Equal(t, id, trace, "the ID is that of the trace, where the client gave none")
	assert.Equal(t, "GET /orders/{id}", ta.Text("transaction"))
	assert.Equal(t, "GET /stock/{id}", tb.Text("transaction"))

	call := ta["spans"].([]any)[0].(map[string]any)
	query := tb["spans"].([]any)[0].(map[string]any)
	assert.Equal(t, "http.client", call["op"])
	assert.Equal(t, call["span_id"], tb.Text("contexts.trace.parent_span_id"), "the call is the parent of what it called")
	assert.Equal(t, "db.query", query["op"])
	assert.Equal(t, "stock by id", query["description"])
	assert.Equal(t, tb.Text("contexts.trace.span_id"), query["parent_span_id"])

	for name, s := range map[string]*traced{"a": a, "b": b} {
		t.Run(name, func(t *testing.T) {
			events := s.sentry.Events()
			require.NotEmpty(t, events)
			for _, e := range append(events, s.sentry.Transactions()...) {
				assert.Equal(t, id, e.Text("tags.correlation_id"))
				assert.Equal(t, trace, e.Text("contexts.trace.trace_id"))
			}
			for _, e := range s.sentry.Envelopes() {
				if head, ok := e.Header["trace"].(map[string]any); ok {
					assert.Equal(t, trace, head["trace_id"])
					assert.Equal(t, "GET /orders/{id}", head["transaction"], "the head of the trace names it")
				}
			}
			records := s.log.of(t, id)
			require.NotEmpty(t, records)
			for _, r := range records {
				if !strings.HasPrefix(r["msg"].(string), "alert: ") { // of no span
					assert.Equal(t, trace, r["trace_id"])
				}
			}
			assert.NotEmpty(t, s.Log.Recent(id))
		})
	}
	require.NotEmpty(t, b.DB.SlowQueries())
	assert.Equal(t, id, b.DB.SlowQueries()[0].CorrelationID)
	require.Len(t, b.Alerts.Active(), 1)
	assert.Equal(t, id, b.Alerts.Active()[0].CorrelationID)
	require.Eventually(t, func() bool {
		for _, r := range b.Log.Recent(id) {
			if r.Message == "alert: Stock is unknown" {
				return true
			}
		}
		return false
	}, 5*time.Second, 10*time.Millisecond, "the alert is among the request's records")
}

func TestAStrangersTraceIsNotContinuedAndItsIDIs(t *testing.T) {
	b := newTraced(t, 1, "", stock) // trusts nobody
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/stock/7", nil)
	require.NoError(t, err)
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
	r.Header.Set("Baggage", "sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736,tenant=evil")
	r.Header.Set("X-Request-ID", "from-a-stranger")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "from-a-stranger", res.Header.Get("X-Request-ID"))
	b.flush(t)
	require.Len(t, b.sentry.Transactions(), 1, "nor does it keep us from recording")
	e := b.sentry.Transactions()[0]
	assert.NotEqual(t, "4bf92f3577b34da6a3ce929d0e0e4736", e.Text("contexts.trace.trace_id"))
	assert.Empty(t, e.Text("contexts.trace.parent_span_id"))
	assert.Equal(t, "from-a-stranger", e.Text("tags.correlation_id"))
}

func TestAQueuedJobIsOfTheTraceThatQueuedIt(t *testing.T) {
	headers := map[string]string{}
	a := newTraced(t, 1, "", func(_ *traced, mux *http.ServeMux) {
		mux.HandleFunc("POST /orders", func(_ http.ResponseWriter, r *http.Request) { logging.Inject(r.Context(), headers) })
	})
	b := newTraced(t, 1e-9, "", func(*traced, *http.ServeMux) {})
	res, err := http.Post(a.url+"/orders", "", nil)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	id := res.Header.Get("X-Request-ID")

	ctx, end := b.Errors.StartTransaction(logging.Extract(context.Background(), headers), "send invoice")
	_, err = dbmon.TrackQueryIn(ctx, b.DB, "invoice by order", func(context.Context) (int, error) { return 0, errors.New("no connection") })
	b.Errors.CaptureException(ctx, err)
	b.Log.InfoContext(ctx, "invoice is late")
	end(err)
	a.flush(t)
	b.flush(t)

	require.Len(t, a.sentry.Transactions(), 1)
	require.Len(t, b.sentry.Transactions(), 1)
	ta, tb := a.sentry.Transactions()[0], b.sentry.Transactions()[0]
	assert.Equal(t, ta.Text("contexts.trace.trace_id"), tb.Text("contexts.trace.trace_id"))
	assert.Equal(t, ta.Text("contexts.trace.span_id"), tb.Text("contexts.trace.parent_span_id"))
	assert.Equal(t, id, tb.Text("tags.correlation_id"))
	assert.Equal(t, id, b.sentry.Events()[0].Text("tags.correlation_id"))
	assert.Equal(t, id, b.DB.SlowQueries()[0].CorrelationID)
	require.Len(t, b.Log.Recent(id), 1)
	assert.Equal(t, tb.Text("contexts.trace.trace_id"), b.log.of(t, id)[0]["trace_id"])
}

// Case 12: what a handler leaves behind goes on after it has returned and its
// context is cancelled: capture, log and record work, with its IDs.
func TestCase12AContextCancelledSinceTheHandlerReturnedStillHasItsIDs(t *testing.T) {
	left := make(chan context.Context, 1)
	s := newTraced(t, 1, "", func(_ *traced, mux *http.ServeMux) {
		mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, r *http.Request) {
			left <- errortracking.WithUser(r.Context(), errortracking.User{ID: "u1"})
		})
	})
	res, err := http.Get(s.url + "/orders/7")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	id, ctx := res.Header.Get("X-Request-ID"), <-left
	<-ctx.Done()

	require.NotEmpty(t, s.Errors.CaptureException(ctx, errors.New("late")))
	s.Log.InfoContext(ctx, "late too")
	_, _ = dbmon.TrackQueryIn(ctx, s.DB, "late query", func(context.Context) (int, error) { return 0, nil })
	s.Perf.Start(ctx, "late mark").End()
	s.flush(t)
	require.Len(t, s.sentry.Events(), 1)
	e := s.sentry.Events()[0]
	assert.Equal(t, id, e.Text("tags.correlation_id"))
	assert.Equal(t, "u1", e.Text("user.id"))
	assert.Equal(t, "/orders/{id}", e.Text("transaction"))
	assert.Equal(t, s.sentry.Transactions()[0].Text("contexts.trace.trace_id"), e.Text("contexts.trace.trace_id"))
	assert.Equal(t, id, s.DB.SlowQueries()[0].CorrelationID)
	assert.Len(t, s.Log.Recent(id), 1)
}
