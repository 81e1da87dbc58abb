package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// open makes a Logger that writes to a buffer, and closes it at the end.
func open(t testing.TB, c Config) (*Logger, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	if c.Output == nil {
		c.Output = out
	}
	if c.Format == "" {
		c.Format = "json"
	}
	l, err := New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close(context.Background())) })
	return l, out
}

func line(t testing.TB, out *bytes.Buffer) map[string]any {
	t.Helper()
	require.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
	var m map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &m), out.String())
	out.Reset()
	return m
}

// parse reads one line of any format into slogtest's names.
func parse(t testing.TB, format, text string) map[string]any {
	m := map[string]any{}
	switch format {
	case "logfmt":
		m = pairs(t, text)
	case "console":
		text = strings.TrimSpace(text)
		fields := strings.SplitN(text, " ", 3)
		rest := text
		if len(fields[0]) == len("15:04:05.000") && fields[0][2] == ':' {
			m[slog.TimeKey], rest = fields[0], strings.TrimPrefix(text, fields[0]+" ")
		}
		level, rest, _ := strings.Cut(rest, " ")
		msg, rest, _ := strings.Cut(rest, " ")
		for k, v := range pairs(t, rest) {
			m[k] = v
		}
		m[slog.LevelKey], m[slog.MessageKey] = level, msg
	default:
		require.NoError(t, json.Unmarshal([]byte(text), &m), text)
		f := formats[format]
		for from, to := range map[string]string{f.time: slog.TimeKey, f.level: slog.LevelKey, f.msg: slog.MessageKey} {
			if v, ok := m[from]; ok {
				delete(m, from)
				m[to] = v
			}
		}
	}
	return m
}

// pairs reads key=value with dots for groups.
func pairs(t testing.TB, text string) map[string]any {
	m := map[string]any{}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		key, rest, ok := strings.Cut(text, "=")
		require.True(t, ok, text)
		var value string
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			require.NoError(t, err, rest)
			value, _ = strconv.Unquote(quoted)
			text = rest[len(quoted):]
		} else {
			value, text, _ = strings.Cut(rest, " ")
		}
		at, path := m, strings.Split(key, ".")
		for _, g := range path[:len(path)-1] {
			inner, ok := at[g].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[g] = inner
			}
			at = inner
		}
		at[path[len(path)-1]] = value
	}
	return m
}

var everyFormat = []string{"json", "gcp", "ecs", "datadog", "logfmt", "console"}

func TestHandlerKeepsTheContractOfSlogInEveryFormat(t *testing.T) {
	for _, format := range everyFormat {
		t.Run(format, func(t *testing.T) {
			var out *bytes.Buffer
			slogtest.Run(t, func(t *testing.T) slog.Handler {
				var l *Logger
				l, out = open(t, Config{Format: format})
				return l.Handler()
			}, func(t *testing.T) map[string]any { return parse(t, format, out.String()) })
		})
	}
}

func request(ctx context.Context) context.Context {
	ctx = reqctx.WithCorrelationID(ctx, "req-1")
	scope := reqctx.From(ctx)
	trace, _ := reqctx.ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	scope.Request.Identify("req-1", trace, http.Header{})
	scope.Request.SetRoute("/orders/{id}")
	return reqctx.WithUser(ctx, reqctx.User{ID: "u1", Email: "ada@example.com"})
}

func TestIDsStayAtTheRootUnderGroups(t *testing.T) {
	l, out := open(t, Config{})
	ctx := With(request(context.Background()), "tenant", "t1")
	l.WithGroup("g").With("a", 1).WithGroup("h").InfoContext(ctx, "hi", "b", 2)
	m := line(t, out)
	delete(m, "time")
	assert.Equal(t, map[string]any{
		"level": "info", "msg": "hi", "correlation_id": "req-1", "user_id": "u1", "route": "/orders/{id}",
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "tenant": "t1",
		"g": map[string]any{"a": 1.0, "h": map[string]any{"b": 2.0}},
	}, m)
}

func TestAnAttributeWithTheNameOfAnIDReplacesIt(t *testing.T) {
	l, out := open(t, Config{})
	l.InfoContext(request(context.Background()), "hi", "user_id", "123")
	assert.Equal(t, 1, strings.Count(out.String(), `"user_id"`), out.String())
	assert.Equal(t, "123", line(t, out)["user_id"])
	l.With("route", "/r").InfoContext(request(context.Background()), "hi")
	assert.Equal(t, 1, strings.Count(out.String(), `"route"`), out.String())
	out.Reset()
	l.WithGroup("g").InfoContext(request(context.Background()), "hi", "user_id", "123")
	assert.Equal(t, "u1", line(t, out)["user_id"])
}

// Also at once, and with valid JSON.
func TestCase14SiblingsOfOneParentDoNotShareAttributes(t *testing.T) {
	out := &bytes.Buffer{}
	l, err := New(Config{Output: out, Format: "json"})
	require.NoError(t, err)
	defer l.Close(context.Background())
	parent := l.With("p", 0).WithGroup("g").With("q", 0)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			child := parent.With("child", i).WithGroup("h")
			for range 50 {
				child.Info("hi", "own", i)
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 400)
	for _, text := range lines {
		var m struct {
			G struct {
				Child int
				H     struct{ Own int }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(text), &m), text)
		assert.Equal(t, m.G.Child, m.G.H.Own)
		assert.Equal(t, 1, strings.Count(text, `"child"`))
	}
}

type loop struct{ Self *loop }

type badError struct{}

func (*badError) Error() string { panic("no text") }

type badValuer struct{}

func (badValuer) LogValue() slog.Value { panic("no value") }

func TestEveryValueMakesOneValidRecord(t *testing.T) {
	cyclic := &loop{}
	cyclic.Self = cyclic
	for _, format := range everyFormat {
		for name, v := range map[string]any{
			"nil": nil, "typed nil": (*badError)(nil), "panicking": &badError{}, "cyclic": cyclic, "valuer": badValuer{},
			"channel": make(chan int), "func": func() {}, "NaN": []float64{0, 1}, "quotes": "a\"b\nc\x1b[31md\x00\xff\u202e",
			"error": errors.New("boom\n2026 forged"), "map": map[any]any{1: "a", "b": nil}, "nil error": error(nil),
			"raw": json.RawMessage("{broken"), "number": []any{json.Number("1,2]}"), json.Number("1.5e3"), json.Number("\"")}, "empty": "",
		} {
			t.Run(format+"/"+name, func(t *testing.T) {
				l, out := open(t, Config{Format: format})
				l.Info("hi", "v", v, "after", 1)
				text := out.String()
				require.Equal(t, 1, strings.Count(text, "\n"), text)
				assert.Equal(t, "1", fmt.Sprint(parse(t, format, text)["after"]), text)
				assert.Len(t, l.Recent(""), 1)
			})
		}
	}
}

func TestControlCharactersReachNoWriter(t *testing.T) {
	evil := "a\x1b[2Jb\rc\nd\u009b31me\u202ef\x7f\\x1b[31m \xff"
	for _, format := range everyFormat {
		for _, colour := range []bool{false, true} {
			l, out := open(t, Config{Format: format})
			if format == "console" {
				l.core.encoder = newConsole(colour)
			}
			l.With(evil, evil).WithGroup(evil).Error(evil, evil, evil, slog.Group(evil, evil, errors.New(evil)), "m", map[string]string{evil: evil})
			text := out.String()
			for _, ansi := range []string{tinted.key, tinted.err, tinted.reset, "\x1b[2m", "\x1b[91m", "\x1b[0m"} {
				if format == "console" && colour {
					text = strings.ReplaceAll(text, ansi, "")
				}
			}
			text = strings.TrimSuffix(text, "\n")
			for _, r := range text {
				assert.False(t, hidden(r), "%s: %q in %q", format, r, text)
			}
		}
	}
}

func TestSecretsAreMaskedInOutputRingAndHandlers(t *testing.T) {
	other := &bytes.Buffer{}
	l, out := open(t, Config{Handlers: []slog.Handler{slog.NewJSONHandler(other, nil)}, Allow: []string{"user.email"}})
	ctx := With(context.Background(), "token", "hunter2")
	l.With("password", "hunter2").WithGroup("g").With("api_key", "hunter2").InfoContext(ctx, "password=hunter2",
		"m", map[string]any{"secret": "hunter2"}, "err", errors.New("dial postgres://u:hunter2@db"), "json", `{"pwd":"hunter2"}`)
	for _, text := range []string{out.String(), other.String(), fmt.Sprint(l.Recent(""))} {
		assert.NotContains(t, text, "hunter2")
		assert.Contains(t, text, "[redacted]")
	}
	out.Reset()
	l.Info("hi", slog.Group("user", "email", "ada@example.com"), "email", "bob@example.com")
	assert.Contains(t, out.String(), "ada@example.com")
	assert.NotContains(t, out.String(), "bob@example.com")
}

func TestOtherHandlersGetTheIDsAndTheGroups(t *testing.T) {
	other := &bytes.Buffer{}
	l, _ := open(t, Config{Handlers: []slog.Handler{slog.NewJSONHandler(other, nil)}})
	l.With("a", 1).WithGroup("g").With("b", 2).InfoContext(request(context.Background()), "hi", "c", 3)
	m := line(t, other)
	delete(m, "time")
	assert.Equal(t, map[string]any{
		"level": "INFO", "msg": "hi", "correlation_id": "req-1", "user_id": "u1", "route": "/orders/{id}",
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "a": 1.0, "g": map[string]any{"b": 2.0, "c": 3.0},
	}, m)
}

type panics struct{ slog.Handler }

func (panics) Handle(context.Context, slog.Record) error { panic("handler") }

type panicWriter struct{}

func (panicWriter) Write([]byte) (int, error) { panic("writer") }

func TestAPanicInAWriterOrHandlerDoesNotReachTheService(t *testing.T) {
	other := &bytes.Buffer{}
	l, _ := open(t, Config{Output: panicWriter{}, Handlers: []slog.Handler{panics{slog.NewTextHandler(other, nil)}, slog.NewTextHandler(other, nil)}})
	assert.NotPanics(t, func() { l.Info("hi"); l.Info("again") })
	assert.Equal(t, 2, strings.Count(other.String(), "\n"), "the next handler is served")
}

func TestRecordsOfARequestBecomeItsBreadcrumbs(t *testing.T) {
	l, _ := open(t, Config{Level: slog.LevelDebug})
	ctx := request(context.Background())
	l.DebugContext(ctx, "quiet")
	l.With("a", 1).WithGroup("g").InfoContext(ctx, "mail a@b.de", "b", 2)
	crumbs := reqctx.From(ctx).Request.Breadcrumbs()
	require.Len(t, crumbs, 1)
	assert.Equal(t, "log", crumbs[0].Category)
	assert.Equal(t, "mail [redacted]", crumbs[0].Message)
	assert.Equal(t, map[string]any{"a": int64(1), "g.b": int64(2)}, crumbs[0].Data)
}

func TestPresetsUseTheNamesThatEachSystemReads(t *testing.T) {
	ctx := request(context.Background())
	for format, want := range map[string]map[string]any{
		"gcp":     {"severity": "CRITICAL", "message": "hi", "logging.googleapis.com/spanId": "00f067aa0ba902b7", "correlation_id": "req-1"},
		"ecs":     {"log.level": "critical", "message": "hi", "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736", "user.id": "u1", "error.message": "boom"},
		"datadog": {"status": "critical", "message": "hi", "dd.trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "dd.span_id": "67667974448284343", "usr.id": "u1"},
		"json":    {"level": "critical", "msg": "hi", "error": "boom"},
	} {
		l, out := open(t, Config{Format: format})
		l.CriticalContext(ctx, "hi", Err(errors.New("boom")))
		m := line(t, out)
		for k, v := range want {
			assert.Equal(t, v, m[k], "%s: %s", format, k)
		}
	}
	l, out := open(t, Config{Format: "logfmt"})
	l.CriticalContext(ctx, "hi there", "a", "b c")
	assert.Contains(t, out.String(), `level=critical msg="hi there" correlation_id=req-1 user_id=u1 route=/orders/{id} trace_id=4bf9`)
	assert.Contains(t, out.String(), ` a="b c"`)
	l, out = open(t, Config{Format: "console"})
	l.Critical("hi there", "a", "b c")
	assert.Contains(t, out.String(), `CRIT hi there a="b c"`)
}
