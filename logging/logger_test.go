package logging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestAWrongConfigNamesEveryFault(t *testing.T) {
	_, err := New(Config{Format: "xml", Recent: 1 << 30, Handlers: []slog.Handler{nil}})
	require.ErrorIs(t, err, ErrInvalid)
	var field *config.FieldError
	require.ErrorAs(t, err, &field)
	for _, want := range []string{"Format", "Recent", "Handlers"} {
		assert.ErrorContains(t, err, want)
	}
	for _, f := range append(everyFormat, "") {
		assert.NoError(t, Config{Format: f}.Validate(), f)
	}
}

func TestRecentKeepsCopiesOfTheLastRecords(t *testing.T) {
	l, _ := open(t, Config{Recent: 3})
	ctx := request(context.Background())
	body := []byte("before")
	for i := range 5 {
		l.InfoContext(ctx, fmt.Sprint("m", i), slog.Group("g", "i", i), "body", body)
	}
	l.Info("other")
	copy(body, "after!")
	got := l.Recent("")
	require.Len(t, got, 3)
	assert.Equal(t, []string{"m3", "m4", "other"}, []string{got[0].Message, got[1].Message, got[2].Message})
	own := l.Recent("req-1")
	require.Len(t, own, 2)
	assert.Equal(t, map[string]any{"g.i": int64(3), "body": "before", "user_id": "u1", "route": "/orders/{id}",
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"}, own[0].Attrs)
	own[0].Attrs["g.i"] = "changed"
	assert.Equal(t, int64(3), l.Recent("req-1")[0].Attrs["g.i"])
	none, _ := open(t, Config{Recent: -1})
	none.Info("hi")
	assert.Empty(t, none.Recent(""))
}

func TestTheLevelCanBeChangedAtRunTime(t *testing.T) {
	var configured slog.LevelVar
	configured.Set(slog.LevelWarn)
	l, out := open(t, Config{Level: &configured})
	child := l.With("a", 1)
	child.Info("no")
	configured.Set(slog.LevelInfo)
	child.Info("yes")
	l.SetLevel(slog.LevelError)
	child.Warn("no")
	assert.Equal(t, slog.LevelError, l.Level())
	assert.Equal(t, 1, strings.Count(out.String(), "\n"))

	call := func(method, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		l.LevelHandler().ServeHTTP(w, httptest.NewRequest(method, "/", strings.NewReader(body)))
		return w
	}
	assert.Contains(t, call("GET", "").Body.String(), `{"level":"error","base":"info"`)
	assert.Contains(t, call("PUT", `{"level":"CRITICAL"}`).Body.String(), `{"level":"critical","base":"info"`)
	assert.Equal(t, LevelCritical, l.Level())
	for _, bad := range []string{"", "{", `{"level":"loud"}`, `{"level":""}`, strings.Repeat(" ", 5000) + `{"level":"info"}`} {
		assert.Equal(t, 400, call("PUT", bad).Code, bad)
	}
	assert.Equal(t, 405, call("POST", "").Code)
	assert.Equal(t, LevelCritical, l.Level())
}

func TestLevelsAreReadAndNamed(t *testing.T) {
	for text, want := range map[string]slog.Level{"debug": -4, "INFO": 0, "Warn": 4, "warning": 4, "error": 8, "critical": 12, "info+1": 1, "critical+2": 14, "debug-1": -5} {
		got, err := ParseLevel(text)
		require.NoError(t, err)
		assert.Equal(t, want, got, text)
		again, err := ParseLevel(FormatLevel(got))
		require.NoError(t, err)
		assert.Equal(t, want, again, text)
	}
	_, err := ParseLevel("loud")
	assert.ErrorIs(t, err, ErrInvalid)
}

func TestFromContextIsNeverNilAndFollowsTheContext(t *testing.T) {
	t.Cleanup(func() { SetDefault(nil) })
	require.Nil(t, Default())
	assert.NotNil(t, FromContext(nil).Logger) //nolint:staticcheck // nil is what is tested
	l, out := open(t, Config{})
	SetDefault(l)
	ctx := request(context.Background())
	log := FromContext(With(ctx, "tenant", "t"))
	reqctx.From(ctx).Request.SetRoute("/later")
	log.Info("hi")
	m := line(t, out)
	assert.Equal(t, []any{"req-1", "t", "/later"}, []any{m["correlation_id"], m["tenant"], m["route"]})
	log.Critical("hi", "b", 2)
	assert.Len(t, log.Recent("req-1"), 2)
	job := WithCorrelationID(context.Background(), "job-7")
	out.Reset()
	log.InfoContext(job, "job")
	assert.Equal(t, "job-7", line(t, out)["correlation_id"], "the context of the call goes first")
}

func TestWithoutADefaultRecordsGoWhereSlogSendsThem(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before); log.SetOutput(os.Stderr) })
	out := &bytes.Buffer{}
	slog.SetDefault(slog.New(slog.NewJSONHandler(out, nil)))
	log := FromContext(request(context.Background()))
	log.Info("hi", "password", "hunter2")
	m := line(t, out)
	assert.Equal(t, "req-1", m["correlation_id"])
	assert.Equal(t, "[redacted]", m["password"])
	log.Debug("below its level")
	assert.Empty(t, out.String())

	own, ownOut := open(t, Config{})
	slog.SetDefault(own.With("app", "a"))
	FromContext(request(context.Background())).Info("hi")
	m = line(t, ownOut)
	assert.Equal(t, []any{"a", "req-1"}, []any{m["app"], m["correlation_id"]})
}

func TestTheStandardLoggersMayPointAtOursInAnyOrder(t *testing.T) {
	before := slog.Default()
	restore := func() { slog.SetDefault(before); log.SetOutput(os.Stderr); log.SetFlags(log.LstdFlags) }
	t.Cleanup(restore)
	for _, tc := range []struct {
		name     string
		byLog    bool // log.Print comes to us
		bySlog   bool // slog.Info comes to us
		set      func(l *Logger, w io.Writer)
		fallback bool // records go to stderr
	}{
		{"slog, log", true, true, func(l *Logger, w io.Writer) { slog.SetDefault(l.Logger); log.SetOutput(w) }, false},
		{"log, slog", true, true, func(l *Logger, w io.Writer) { log.SetOutput(w); slog.SetDefault(l.Logger) }, false},
		{"slog twice", true, true, func(l *Logger, _ io.Writer) {
			slog.SetDefault(l.Logger)
			slog.SetDefault(FromContext(context.Background()).Logger)
		}, false},
		{"a fallback in slog", false, false, func(*Logger, io.Writer) { slog.SetDefault(FromContext(context.Background()).Logger) }, true},
		{"slog's writer in log", true, true, func(l *Logger, _ io.Writer) {
			slog.SetDefault(l.Logger)
			log.SetOutput(slog.NewLogLogger(l.Handler(), 0).Writer())
		}, false},
		{"the standard handler in Handlers", true, true, func(_ *Logger, w io.Writer) {
			m, _ := open(t, Config{Output: w, Handlers: []slog.Handler{before.Handler()}})
			slog.SetDefault(m.Logger)
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			restore()
			if tc.fallback {
				k := emergency()
				stderr := k.out.w
				k.out.w = io.Discard
				defer func() { k.out.w = stderr }()
			}
			l, out := open(t, Config{})
			tc.set(l, out)
			for range 3 {
				log.Print("by log")
				slog.Info("by slog")
				FromContext(context.Background()).Info("ours")
			}
			restore()
			assert.Equal(t, tc.byLog, strings.Count(out.String(), "by log") == 3, out.String())
			assert.Equal(t, tc.bySlog, strings.Count(out.String(), "by slog") == 3, out.String())
		})
	}
}

func TestErrNamesTheErrorAndLeavesNilOut(t *testing.T) {
	l, out := open(t, Config{})
	l.Info("hi", Err(nil), Err(errors.New("boom")))
	m := line(t, out)
	assert.Equal(t, "boom", m["error"])
	assert.Len(t, m, 4)
}

func TestWithCorrelationIDReplacesWhatIsMalformed(t *testing.T) {
	ctx := context.Background()
	assert.Empty(t, CorrelationID(ctx))
	assert.Equal(t, "job_1.a-B", CorrelationID(WithCorrelationID(ctx, "job_1.a-B")))
	for _, bad := range []string{"", "a b", "a\nb", "é", strings.Repeat("a", 129), `"`} {
		got := CorrelationID(WithCorrelationID(ctx, bad))
		assert.Regexp(t, `^[0-9a-f]{32}$`, got)
		assert.NotEqual(t, got, CorrelationID(WithCorrelationID(ctx, bad)), "each is new")
	}
}

func TestMiddlewareTakesOrMakesTheID(t *testing.T) {
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for _, tc := range []struct{ name, id, parent, want string }{
		{"kept", "req-42", "", "^req-42$"},
		{"kept beside a trace", "req-42", parent, "^req-42$"},
		{"hostile", "bad id\" {injected}", "", "^[0-9a-f]{32}$"},
		{"hostile, with a trace", "a\x00b", parent, "^4bf92f3577b34da6a3ce929d0e0e4736$"},
		{"too long", strings.Repeat("a", 129), "", "^[0-9a-f]{32}$"},
		{"longest", strings.Repeat("a", 128), "", "^a{128}$"},
		{"of the trace", "", parent, "^4bf92f3577b34da6a3ce929d0e0e4736$"},
		{"broken trace", "", parent[:50], "^[0-9a-f]{32}$"},
		{"none", "", "", "^[0-9a-f]{32}$"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var inside string
			var trace reqctx.Trace
			l, _ := open(t, Config{TrustedCallers: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
			h := l.Middleware(Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside, trace = CorrelationID(r.Context()), reqctx.From(r.Context()).Trace()
			})))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			if tc.id != "" {
				r.Header["X-Request-Id"] = []string{tc.id}
			}
			if tc.parent != "" {
				r.Header.Set("Traceparent", tc.parent)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Regexp(t, tc.want, inside)
			assert.Equal(t, inside, w.Header().Get("X-Request-ID"))
			assert.True(t, trace.Valid())
			if tc.parent == parent {
				assert.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", trace.TraceIDString())
				assert.NotEqual(t, "00f067aa0ba902b7", trace.SpanIDString(), "a span of its own")
				assert.True(t, trace.Sampled)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportHandsTheIDsOnInACopy(t *testing.T) {
	var got http.Header
	rt := Transport(roundTrip(func(r *http.Request) (*http.Response, error) { got = r.Header; return nil, io.EOF }))
	send := func(ctx context.Context, header ...string) *http.Request {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://h.example/", nil)
		require.NoError(t, err)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		_, err = rt.RoundTrip(r)
		assert.Equal(t, io.EOF, err)
		return r
	}
	r := send(request(context.Background()))
	assert.Equal(t, "req-1", got.Get("X-Request-ID"))
	assert.Equal(t, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", got.Get("traceparent"))
	assert.Empty(t, r.Header, "the caller's request is not changed")
	send(request(context.Background()), "X-Request-ID", "own", "Traceparent", "own")
	assert.Equal(t, []string{"own", "own"}, []string{got.Get("X-Request-ID"), got.Get("traceparent")})
	send(context.Background())
	assert.Empty(t, got)
	send(WithCorrelationID(context.Background(), "job-1"))
	assert.Equal(t, http.Header{"X-Request-Id": {"job-1"}}, got)
	assert.NotNil(t, Transport(nil))
}

func TestDisabledWritesAndKeepsNothing(t *testing.T) {
	l, out := open(t, Config{Disabled: true})
	l.Critical("hi")
	assert.Equal(t, "hi", line(t, out)["msg"])
	assert.Empty(t, l.Recent(""))
	assert.Empty(t, l.Indicators())
}

func TestNilLoggersCloseAndProduceNothing(t *testing.T) {
	var l *Logger
	assert.NoError(t, l.Close(context.Background()))
	assert.Empty(t, l.Indicators())
	assert.Empty(t, l.Recent(""))
	assert.NotPanics(t, func() { l.Produce(nil) })
	real, _ := open(t, Config{})
	assert.NoError(t, real.Close(context.Background()))
	assert.NoError(t, real.Close(context.Background()), "Close may come twice")
}

func TestAContextOutlivesItsRequest(t *testing.T) {
	l, out := open(t, Config{})
	var kept context.Context
	h := l.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { kept = r.Context() }))
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
	r.Header.Set("X-Request-ID", "req-9")
	h.ServeHTTP(httptest.NewRecorder(), r)
	cancel()
	l.InfoContext(kept, "late")
	assert.Equal(t, "req-9", line(t, out)["correlation_id"])
	assert.Len(t, l.Recent("req-9"), 1)
}

func TestReadersAndWritersMayRunAtOnce(t *testing.T) {
	l, _ := open(t, Config{Output: io.Discard, Recent: 10})
	ctx := request(context.Background())
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 200 {
				l.InfoContext(ctx, "hi", "i", i, "tree", map[string]any{"a": i})
				l.SetLevel(slog.LevelInfo)
				for _, rec := range l.Recent("") {
					rec.Attrs["tree"].(map[string]any)["a"] = "own"
				}
				reqctx.From(ctx).Request.Breadcrumbs()
			}
		})
	}
	wg.Wait()
	assert.Len(t, l.Recent("req-1"), 10)
	for _, rec := range l.Recent("") {
		assert.NotEqual(t, "own", rec.Attrs["tree"].(map[string]any)["a"])
	}
}
