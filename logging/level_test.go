package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestANamesLevelHoldsForTheNamesBelowIt(t *testing.T) {
	l, out := open(t, Config{})
	pool, http := l.Named("db").Named("pool"), l.Named("http")
	require.NoError(t, l.OverrideLevel(LevelOverride{Logger: "db", Level: slog.LevelDebug}))
	late := l.Named("db.late")
	out.Reset()
	for _, log := range []*Logger{l, http, pool, late, l.Named("dba")} {
		log.Debug("hi")
	}
	assert.Equal(t, 2, strings.Count(out.String(), "\n"), out.String())
	assert.Contains(t, out.String(), `"logger":"db.pool"`)
	assert.Contains(t, out.String(), `"logger":"db.late"`)
	assert.Equal(t, slog.LevelDebug, pool.Level())
	assert.Equal(t, slog.LevelInfo, http.Level())

	require.NoError(t, l.OverrideLevel(LevelOverride{Logger: "db.pool", Level: slog.LevelError}))
	assert.Equal(t, slog.LevelError, pool.Level(), "the nearer name goes first")
	l.SetLevel(slog.LevelWarn)
	assert.Equal(t, []slog.Level{slog.LevelWarn, slog.LevelWarn, slog.LevelError, slog.LevelDebug},
		[]slog.Level{l.Level(), http.Level(), pool.Level(), late.Level()})
	assert.True(t, l.ResetLevel("db"))
	assert.False(t, l.ResetLevel("db"))
	assert.Equal(t, []slog.Level{slog.LevelError, slog.LevelWarn}, []slog.Level{pool.Level(), late.Level()})
	assert.True(t, l.ResetLevel(""))
	assert.Equal(t, slog.LevelInfo, late.Level())
}

func TestWithoutAnOverrideNamesFollowTheConfiguredLeveler(t *testing.T) {
	var level slog.LevelVar
	l, _ := open(t, Config{Level: &level})
	named := l.Named("db")
	level.Set(slog.LevelError)
	assert.False(t, named.Enabled(context.Background(), slog.LevelWarn))
	assert.True(t, named.Enabled(context.Background(), slog.LevelError))
}

func TestATemporaryLevelEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &buffer{}
		l, err := New(Config{Output: out, Format: "json", Recent: -1})
		require.NoError(t, err)
		db := l.Named("db")
		set := func(name string, level slog.Level, d time.Duration) {
			o := LevelOverride{Logger: name, Level: level, By: "ada"}
			if d > 0 {
				o.Until = time.Now().Add(d)
			}
			require.NoError(t, l.OverrideLevel(o))
		}
		set("", slog.LevelWarn, 0)
		set("", slog.LevelDebug, 10*time.Minute)
		set("db", slog.LevelError, 5*time.Minute)
		levels := func() []slog.Level { return []slog.Level{l.Level(), db.Level()} }
		assert.Equal(t, []slog.Level{slog.LevelDebug, slog.LevelError}, levels())
		time.Sleep(5*time.Minute - time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, []slog.Level{slog.LevelDebug, slog.LevelError}, levels())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, []slog.Level{slog.LevelDebug, slog.LevelDebug}, levels())
		assert.Contains(t, out.String(), `"msg":"log level override ended","to":"error","of":"db"`)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		assert.Equal(t, []slog.Level{slog.LevelWarn, slog.LevelWarn}, levels(), "what lasted is back")
		require.Len(t, l.LevelOverrides(), 1)

		set("", slog.LevelDebug, time.Minute)
		l.SetLevel(slog.LevelError)
		assert.Equal(t, slog.LevelError, l.Level(), "one without an end ends the temporary one")
		time.Sleep(2 * time.Minute)
		assert.Equal(t, slog.LevelError, l.Level())

		set("", slog.LevelDebug, time.Minute)
		require.NoError(t, l.Close(context.Background()))
		assert.Equal(t, slog.LevelError, l.Level(), "Close ends what is temporary, and leaves no timer")
		assert.ErrorIs(t, l.OverrideLevel(LevelOverride{Until: time.Now().Add(time.Hour)}), errClosed)
		assert.NoError(t, l.OverrideLevel(LevelOverride{Level: slog.LevelInfo}))
	})
}

func TestAFaultyOverrideIsNamed(t *testing.T) {
	l, _ := open(t, Config{})
	err := l.OverrideLevel(LevelOverride{Logger: "a b", Level: LevelCritical + 1, Until: time.Unix(1, 0)})
	require.ErrorIs(t, err, ErrInvalid)
	for _, field := range []string{"Logger", "Level", "Until"} {
		assert.ErrorContains(t, err, field)
	}
	for i := range maxOverrides {
		require.NoError(t, l.OverrideLevel(LevelOverride{Logger: fmt.Sprint("n", i)}))
	}
	assert.ErrorIs(t, l.OverrideLevel(LevelOverride{Logger: "more"}), errTooMany)
	assert.NoError(t, l.OverrideLevel(LevelOverride{Logger: "n1", Level: slog.LevelDebug}), "one that is there may change")
	l.SetLevel(slog.LevelError)
	assert.Equal(t, slog.LevelError, l.Level())
	assert.ErrorIs(t, (*Logger)(nil).OverrideLevel(LevelOverride{}), ErrNotInitialized)
}

func TestNamesStandAtTheRootInEveryFormat(t *testing.T) {
	for format, want := range map[string]string{
		"json": `"logger":"db.pool"`, "gcp": `"logger":"db.pool"`, "ecs": `"log.logger":"db.pool"`, "datadog": `"logger.name":"db.pool"`,
		"logfmt": " logger=db.pool", "console": " logger=db.pool",
	} {
		l, out := open(t, Config{Format: format})
		l.Named("db").Named("pool").With("a", 1).WithGroup("g").Info("hi", "b", 2)
		assert.Contains(t, out.String(), want, format)
		assert.Equal(t, "db.pool", l.Recent("")[0].Attrs["logger"], format)
	}
	other := &bytes.Buffer{}
	l, out := open(t, Config{Handlers: []slog.Handler{slog.NewJSONHandler(other, nil)}})
	l.Named("db").WithGroup("g").Info("hi", "b", 2)
	assert.Equal(t, "db", line(t, other)["logger"])
	out.Reset()
	l.Named("db").Info("hi", "logger", "own")
	assert.Equal(t, 1, strings.Count(out.String(), `"logger"`), "an attribute of that name replaces it")
	assert.Equal(t, "own", line(t, out)["logger"])
}

func TestNamesAreCleanAndBounded(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "db": "db", ".db.": "db", "a..b...c": "a.b.c", "a b\n\x1b[31m\u202e": "ab[31m", "a\xff": "a", strings.Repeat("é", 80): strings.Repeat("é", 50), "...": "",
	} {
		assert.Equal(t, want, cleanName(in), "%q", in)
	}
	l, out := open(t, Config{})
	assert.Same(t, l, l.Named(""))
	for i := range maxNames + 50 {
		l.Named("n.m").Named(fmt.Sprint(i))
	}
	assert.Len(t, l.core.level.names(), maxNames)
	require.NoError(t, l.OverrideLevel(LevelOverride{Logger: "n.m", Level: slog.LevelDebug}))
	out.Reset()
	l.Named("n.m.more").Debug("hi")
	assert.Equal(t, "n.m.more", line(t, out)["logger"], "past the bound a name has its parent's level")
	l.Named("other").Debug("hi")
	assert.Empty(t, out.String())
}

func TestCleaningANameTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := cleanName(rapid.String().Draw(t, "name"))
		assert.Equal(t, name, cleanName(name))
		assert.LessOrEqual(t, len(name), maxName)
	})
}

func TestANamedLoggerKeepsWhatIsBound(t *testing.T) {
	t.Cleanup(func() { SetDefault(nil) })
	l, out := open(t, Config{})
	SetDefault(l)
	FromContext(request(context.Background())).Named("db").Info("hi")
	m := line(t, out)
	assert.Equal(t, []any{"db", "req-1"}, []any{m["logger"], m["correlation_id"]})
	bound := &Logger{Logger: l.With("a", 1), core: l.core}
	bound.Named("x").Info("hi")
	assert.Equal(t, 1.0, line(t, out)["a"])
	(*Logger)(nil).Named("y").Info("hi")
	assert.Equal(t, "y", line(t, out)["logger"])
	(&Logger{}).Named("z").Info("hi")
	assert.Equal(t, "z", line(t, out)["logger"])
}

func TestLevelHandlerShowsAndSetsLevels(t *testing.T) {
	l, out := open(t, Config{Level: slog.LevelWarn})
	l.Named("db").Named("pool")
	call := func(method, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		l.LevelHandler().ServeHTTP(w, r.WithContext(reqctx.WithUser(r.Context(), reqctx.User{ID: "ada\u202e"})))
		return w
	}
	assert.JSONEq(t, `{"level":"warn","base":"warn","overrides":[],"loggers":{"db":"warn","db.pool":"warn"}}`, call("GET", "").Body.String())

	w := call("PUT", `{"level":"debug","logger":"db","for":"10m"}`)
	require.Equal(t, 200, w.Code, w.Body.String())
	var got levelsShown
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	assert.Equal(t, map[string]string{"db": "debug", "db.pool": "debug"}, got.Loggers)
	require.Len(t, got.Overrides, 1)
	o := got.Overrides[0]
	assert.Equal(t, []string{"db", "debug", "ada"}, []string{o.Logger, o.Level, o.By})
	assert.WithinDuration(t, time.Now().Add(10*time.Minute), *o.Until, time.Minute)
	assert.WithinDuration(t, time.Now(), o.At, time.Minute)
	assert.Contains(t, out.String(), `"msg":"log level set","to":"debug","of":"db","until":`, "it is logged though info is off")
	assert.Contains(t, out.String(), `"by":"ada"`)

	require.Equal(t, 200, call("PUT", `{"level":"info","until":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"}`).Code)
	assert.Equal(t, slog.LevelInfo, l.Level())
	require.Equal(t, 200, call("PUT", `{"level":"default","logger":"db"}`).Code)
	require.Equal(t, 200, call("PUT", `{"level":"DEFAULT"}`).Code)
	assert.Empty(t, l.LevelOverrides())
	assert.Equal(t, slog.LevelWarn, l.Level())
}

func TestLevelHandlerNamesTheFieldThatIsWrong(t *testing.T) {
	l, _ := open(t, Config{})
	for body, want := range map[string]string{
		``: "body:", `{`: "body:", `[]`: "body:", `{"level":"info"}{}`: "body:", `null`: "level:",
		`{}`: "level:", `{"level":"loud"}`: "level:", `{"level":1}`: "level:", `{"level":"critical+1"}`: "level:",
		`{"level":"info","logger":7}`: "logger:", `{"level":"info","logger":"a b"}`: "logger:",
		`{"level":"info","for":"soon"}`: "for:", `{"level":"info","for":"-1s"}`: "for:", `{"level":"info","for":"0s"}`: "for:", `{"level":"info","for":5}`: "for:",
		`{"level":"info","until":"tomorrow"}`: "until:", `{"level":"info","until":"2001-01-01T00:00:00Z"}`: "until:", `{"level":"info","until":7}`: "until:",
		`{"level":"info","for":"1m","until":"2101-01-01T00:00:00Z"}`: "until:", `{"level":"default","for":"1m"}`: "for:",
		`{"level":"info","loger":"db"}`: "loger:",
	} {
		w := httptest.NewRecorder()
		l.LevelHandler().ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/", strings.NewReader(body)))
		assert.Equal(t, 400, w.Code, body)
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		var p struct{ Detail string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
		assert.True(t, strings.HasPrefix(p.Detail, want), "%s: %s", body, p.Detail)
	}
	assert.Empty(t, l.LevelOverrides())
}

func TestLevelsMayBeSetAndReadAtOnce(t *testing.T) {
	l, _ := open(t, Config{Recent: -1})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			log := l.Named(fmt.Sprint("a.", i))
			for j := range 100 {
				_ = l.OverrideLevel(LevelOverride{Logger: "a", Level: slog.Level(i), Until: time.Now().Add(time.Duration(j) * time.Microsecond)})
				log.Debug("hi")
				l.LevelOverrides()
				l.levels()
			}
		})
	}
	wg.Wait()
	assert.Eventually(t, func() bool { return len(l.LevelOverrides()) == 0 }, 5*time.Second, time.Millisecond)
	assert.Equal(t, slog.LevelInfo, l.Named("a.1").Level())
}

func BenchmarkADisabledLevel(b *testing.B) {
	l, _ := open(b, Config{})
	for name, log := range map[string]*slog.Logger{"ours": l.Logger, "ours, named": l.Named("db").Logger, "slog": slog.New(slog.NewJSONHandler(b.Output(), nil))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				log.LogAttrs(context.Background(), slog.LevelDebug, "hi", slog.Int("a", 1))
			}
		})
	}
}
