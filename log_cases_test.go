package monitoring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
)

// waysOut is what left the process after write ran inside a request: the lines
// of each encoder, another handler's, the events with their breadcrumbs, and
// the dashboards' answer to an operator.
func waysOut(t *testing.T, write func(context.Context, *logging.Logger)) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, format := range []string{"json", "logfmt", "console"} {
		sentry := sentrytest.New(t)
		lines, other := &bytes.Buffer{}, &bytes.Buffer{}
		c := quiet(t)
		c.Errors.DSN = sentry.DSN
		c.Log = logging.Config{Format: format, Output: lines, Handlers: []slog.Handler{slog.NewJSONHandler(other, nil)}}
		c.Dashboard = dashboard.Config{Authorize: viewers}
		m, err := monitoring.New(t.Context(), c)
		require.NoError(t, err)
		h := m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			write(r.Context(), m.Log)
			m.Errors.CaptureException(r.Context(), errors.New("afterwards"))
		}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		id := w.Header().Get("X-Request-ID")
		records := ask(t, m.Handler(), "GET", "api/logs?correlation_id="+id, "", "X-Viewer", "looker")
		require.Equal(t, 200, records.status)
		for _, viewer := range []string{"nobody", "executive"} {
			refused := ask(t, m.Handler(), "GET", "api/logs?correlation_id="+id, "", "X-Viewer", viewer)
			require.GreaterOrEqual(t, refused.status, 401)
			require.NotContains(t, refused.body, "message")
		}
		stop(t, m)
		var sent strings.Builder
		for _, e := range sentry.Envelopes() {
			for _, item := range e.Items {
				sent.Write(item.Payload)
			}
		}
		require.Contains(t, sent.String(), "afterwards")
		require.Contains(t, sent.String(), "breadcrumbs")
		out["output "+format], out["sentry "+format] = lines.String(), unescaped(sent.String())
		out["handler "+format], out["api/logs "+format] = unescaped(other.String()), unescaped(records.body)
	}
	return out
}

// unescaped is JSON as it reads once decoded: "&" and "<" as they are.
func unescaped(s string) string {
	return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(s)
}

// everyPlace logs v in each place of a record in which it can stand.
func everyPlace(v string) func(context.Context, *logging.Logger) {
	return func(ctx context.Context, l *logging.Logger) {
		ctx = logging.With(ctx, "of_context", v)
		l.InfoContext(ctx, "seen "+v)
		bound := slog.New(l.With("bound", v).WithGroup("g").With("deep", map[string]any{"list": []string{v}}).Handler())
		bound.ErrorContext(ctx, "failed "+v, "value", v, slog.Group("group", "member", v), "error", fmt.Errorf("call: %w", errors.New(v)),
			"encoded", fmt.Sprintf(`{"url":%q}`, v), "struct", struct{ Text string }{v})
	}
}

func TestCase16SecretsInURLsLeaveByNoWayAndTheHostStays(t *testing.T) {
	for name, tc := range map[string]struct{ text, secret, stays string }{
		"user info":   {"https://ada:hunter2pw@api.shop.example/v1", "hunter2pw", "api.shop.example"},
		"csrf":        {"https://api.shop.example/f?csrf-token=hunter2pw&page=2", "hunter2pw", "api.shop.example"},
		"webhook":     {"https://api.shop.example/f?webhook-secret=hunter2pw", "hunter2pw", "api.shop.example"},
		"DSN":         {"host=db.shop.example password=hunter2pw dbname=shop", "hunter2pw", "db.shop.example"},
		"connection":  {"postgres://shop:hunter2pw@db.shop.example:5432/shop", "hunter2pw", "db.shop.example"},
		"slack hook":  {"https://hooks.slack.com/services/T0" + "0AAAA/B00BBBB/hunter2pwXXXXXXXXXXXXXXX", "hunter2pwXXXXXXXXXXXXXXX", "hooks.slack.com"},
		"telegram":    {"https://api.telegram.org/bot123456789:" + "AAhunter2pwhunter2pwhunter2pwhunter/send", "hunter2pwhunter2pw", "api.telegram.org"},
		"in a phrase": {"Get \"https://api.shop.example/x?access_token=hunter2pw\": EOF", "hunter2pw", "api.shop.example"},
	} {
		t.Run(name, func(t *testing.T) {
			for way, text := range waysOut(t, everyPlace(tc.text)) {
				assert.NotContains(t, text, tc.secret, way)
				assert.Contains(t, text, tc.stays, way)
			}
		})
	}
}

type credentials struct {
	User     string
	Password string
	Key      string `redact:"true"`
	inner    string
}

type tokenValuer struct{}

func (tokenValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user", "visible"), slog.String("token", "hunter2"))
}

func TestCase18SecretsAreMaskedAtAnyDepthAndTheInputIsNotChanged(t *testing.T) {
	values := map[string]any{
		"map":     map[string]any{"user": "visible", "a": map[string]any{"b": map[string]string{"password": "hunter2"}}},
		"slice":   []any{"visible", []map[string]string{{"api_key": "hunter2"}}},
		"struct":  credentials{User: "visible", Password: "hunter2", Key: "hunter2", inner: "hunter2"},
		"pointer": &credentials{User: "visible", Password: "hunter2", Key: "hunter2", inner: "hunter2"},
		"valuer":  tokenValuer{},
		"header":  http.Header{"Authorization": {"Bearer hunter2"}, "Accept": {"visible"}},
		"json":    `{"user":"visible","nested":{"secret":"hunter2"}}`,
		"raw":     json.RawMessage(`{"user":"visible","list":[{"pwd":"hunter2"}]}`),
		"bytes":   []byte(`visible password=hunter2`),
		"error":   fmt.Errorf("visible: %w", errors.New("dial: password=hunter2")),
		"group":   []slog.Attr{slog.String("user", "visible"), slog.String("client_secret", "hunter2")},
	}
	before := fmt.Sprintf("%#v", values)
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			ways := waysOut(t, func(ctx context.Context, l *logging.Logger) {
				l.InfoContext(ctx, "info", "v", v)
				l.With("bound", v, "password", "hunter2").WithGroup("g").With("v", v).ErrorContext(logging.With(ctx, "v", v), "error", "v", v)
			})
			for way, text := range ways {
				assert.NotContains(t, text, "hunter2", way)
				assert.Contains(t, text, "visible", way)
				assert.Contains(t, text, "[redacted]", way)
			}
		})
	}
	assert.Equal(t, before, fmt.Sprintf("%#v", values))
}

func TestCase20DigitsAreACardOnlyIfTheyAreOne(t *testing.T) {
	const (
		card    = "4111111111111111" // Luhn, issuer and length
		epoch   = "1732527989123"
		order   = "4111111111111112" // no Luhn
		barcode = "4006381333931"
	)
	ways := waysOut(t, func(ctx context.Context, l *logging.Logger) {
		everyPlace("card "+card+" at "+epoch+" of order "+order+" bar "+barcode)(ctx, l)
		l.ErrorContext(ctx, "numbers", "card", int64(4111111111111111), "epoch_ms", int64(1732527989123), "order_id", uint64(4111111111111112))
	})
	for way, text := range ways {
		assert.NotContains(t, text, card, way)
		for _, stays := range []string{epoch, order, barcode} {
			assert.Contains(t, text, stays, way)
		}
	}
}

func TestCase22TheSameSafeIDIsInAnswerLogAndEvent(t *testing.T) {
	for in, keep := range map[string]bool{
		"req-42": true, "A.b_C-9": true, strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false, "": false, "bad id": false, "a\"b": false, "é": false, "../x": false, "a\tb": false, "%0d%0a": false,
	} {
		sentry, lines := sentrytest.New(t), &bytes.Buffer{}
		c := quiet(t)
		c.Errors.DSN, c.Log.Output = sentry.DSN, lines
		m, err := monitoring.New(t.Context(), c)
		require.NoError(t, err)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["X-Request-Id"] = []string{in}
		w := httptest.NewRecorder()
		m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			m.Log.ErrorContext(r.Context(), "failed")
		})).ServeHTTP(w, r)
		stop(t, m)
		id := w.Header().Get("X-Request-ID")
		assert.Regexp(t, `^[A-Za-z0-9._-]{1,128}$`, id)
		assert.Equal(t, keep, id == in, in)
		assert.Contains(t, lines.String(), fmt.Sprintf(`"correlation_id":%q`, id))
		require.Len(t, sentry.Events(), 1, in)
		assert.Equal(t, id, sentry.Events()[0].Text("tags.correlation_id"))
	}
}

func TestRecordsBecomeEventsAndBreadcrumbsBySetting(t *testing.T) {
	for name, tc := range map[string]struct {
		event, crumb slog.Leveler
		events       []string
		crumbs       []string
	}{
		"unset":        {nil, nil, []string{"an error", "a critical one"}, []string{"an info", "a warning", "an error", "a critical one"}},
		"warn, debug":  {slog.LevelWarn, slog.LevelDebug, []string{"a warning", "an error", "a critical one"}, []string{"a debug", "an info", "a warning", "an error", "a critical one"}},
		"none of them": {logging.LevelCritical + 1, logging.LevelCritical + 1, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sentry := sentrytest.New(t)
			c := quiet(t)
			c.Errors.DSN, c.Errors.EventLevel = sentry.DSN, tc.event
			c.Log.Level, c.Log.BreadcrumbLevel = slog.LevelDebug, tc.crumb
			m, err := monitoring.New(t.Context(), c)
			require.NoError(t, err)
			m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctx := r.Context()
				m.Log.DebugContext(ctx, "a debug")
				m.Log.InfoContext(ctx, "an info")
				m.Log.WarnContext(ctx, "a warning")
				m.Log.ErrorContext(ctx, "an error")
				m.Log.CriticalContext(ctx, "a critical one")
				boom := errors.New("captured and logged")
				m.Errors.CaptureException(ctx, boom)
				m.Log.ErrorContext(ctx, "and logged", logging.Err(boom))
			})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			stop(t, m)
			var events, crumbs []string
			for _, e := range sentry.Events() {
				text := e.Text("message") + e.Text("message.formatted") + e.Text("exception.0.value")
				if text != "captured and logged" && !strings.Contains(text, "captured and logged") {
					events = append(events, text)
					continue
				}
				list, _ := e.At("breadcrumbs").([]any)
				for _, crumb := range list {
					crumbs = append(crumbs, crumb.(map[string]any)["message"].(string))
				}
			}
			assert.ElementsMatch(t, tc.events, events)
			assert.Equal(t, tc.crumbs, crumbs)
			assert.Len(t, sentry.Events(), len(tc.events)+1, "what is captured and logged is one event")
		})
	}
}

func TestTheLibrarysOwnRecordsDoNotFeedThemselves(t *testing.T) {
	c := quiet(t)
	lines := &bytes.Buffer{}
	c.Log.Output = lines
	calls := 0
	c.Errors.BeforeSend = func(ctx context.Context, _ *errortracking.Event) bool {
		calls++
		slog.ErrorContext(ctx, "from within", "error", fmt.Errorf("call %d", calls))
		return true
	}
	m, err := monitoring.New(t.Context(), c)
	require.NoError(t, err)
	before := slog.Default()
	slog.SetDefault(m.Log.Logger)
	defer func() { slog.SetDefault(before); log.SetOutput(os.Stderr); log.SetFlags(log.LstdFlags) }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		slog.Error("boom")
		stop(t, m)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it hangs")
	}
	assert.Less(t, strings.Count(lines.String(), "\n"), 100, "bounded by flood control at the latest")
	assert.Contains(t, lines.String(), "from within")
}
