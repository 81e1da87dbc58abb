package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// args hides from vet what is misused.
func args(a ...any) []any { return a }

func TestMisuseOfArgumentsIsOneValidRecord(t *testing.T) {
	var nilCtx context.Context
	for name, tc := range map[string]struct {
		log  func(l *Logger)
		want map[string]any
	}{
		"odd":                {func(l *Logger) { l.Info("hi", args("a")...) }, map[string]any{"!BADKEY": "a"}},
		"odd at the end":     {func(l *Logger) { l.Info("hi", args("a", 1, "b")...) }, map[string]any{"a": 1.0, "!BADKEY": "b"}},
		"no string":          {func(l *Logger) { l.Info("hi", args(1, 2)...) }, map[string]any{"!BADKEY": 2.0}},
		"nil key":            {func(l *Logger) { l.Info("hi", args(nil, "x")...) }, map[string]any{"!BADKEY": "x"}},
		"nil context":        {func(l *Logger) { l.InfoContext(nilCtx, "hi", "a", 1) }, map[string]any{"a": 1.0}},
		"nil critical":       {func(l *Logger) { l.CriticalContext(nilCtx, "hi", "a") }, map[string]any{"!BADKEY": "a"}},
		"nothing bound":      {func(l *Logger) { l.With().Info("hi") }, map[string]any{}},
		"odd bound":          {func(l *Logger) { l.With(args("a")...).Info("hi") }, map[string]any{"!BADKEY": "a"}},
		"group without name": {func(l *Logger) { l.WithGroup("").Info("hi", "a", 1) }, map[string]any{"a": 1.0}},
		"group with nothing": {func(l *Logger) { l.WithGroup("g").WithGroup("h").Info("hi") }, map[string]any{}},
		"empty attributes":   {func(l *Logger) { l.Info("hi", slog.Attr{}, slog.Group("g"), slog.Group("", "a", 1)) }, map[string]any{"a": 1.0}},
		"empty key":          {func(l *Logger) { l.Info("hi", "", 1) }, map[string]any{"": 1.0}},
		"of the context":     {func(l *Logger) { l.InfoContext(With(nilCtx, "a"), "hi") }, map[string]any{"!BADKEY": "a"}},
		"nothing in context": {func(l *Logger) { l.InfoContext(With(nilCtx), "hi") }, map[string]any{}},
		"nil error":          {func(l *Logger) { l.Error("hi", Err(nil)) }, map[string]any{}},
		"no message":         {func(l *Logger) { l.Info("") }, map[string]any{}},
		"nil attributes":     {func(l *Logger) { l.LogAttrs(nilCtx, 0, "hi", nil...) }, map[string]any{}},
		"far levels":         {func(l *Logger) { l.Log(nilCtx, 1<<40, "hi") }, map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			l, out := open(t, Config{})
			tc.log(l)
			m := line(t, out)
			for _, own := range []string{"time", "level", "msg"} {
				delete(m, own)
			}
			assert.Equal(t, tc.want, m)
		})
	}
}

func TestMethodsOfANilOrZeroLoggerDoNoHarm(t *testing.T) {
	require.Nil(t, Default())
	k := emergency()
	stderr, said := k.out.w, &bytes.Buffer{}
	k.out.w = said
	defer func() { k.out.w = stderr }()
	for name, l := range map[string]*Logger{"nil": nil, "zero": {}} {
		said.Reset()
		l.Critical("by the last resort", "a", 1)
		l.CriticalContext(context.Background(), "by the last resort")
		l.Named("n").Info("by the last resort")
		assert.Equal(t, 3, strings.Count(said.String(), "by the last resort"), name)
		l.SetLevel(slog.LevelDebug)
		assert.Equal(t, slog.LevelInfo, l.Level())
		assert.ErrorIs(t, l.OverrideLevel(LevelOverride{}), ErrNotInitialized)
		assert.False(t, l.ResetLevel(""))
		assert.Empty(t, l.LevelOverrides())
		assert.Empty(t, l.Recent(""))
		assert.Empty(t, l.Indicators())
		l.Produce(nil)
		assert.NoError(t, l.Close(context.Background()))
		l.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		assert.NotNil(t, l.Transport(nil))
		w := httptest.NewRecorder()
		l.LevelHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		assert.Equal(t, 503, w.Code, name)
	}
	SetDefault(&Logger{})
	defer SetDefault(nil)
	assert.NotPanics(t, func() { FromContext(context.Background()).Info("by the last resort") })
}

func TestAHugeRecordIsCutAfterRedactionAndSaysSo(t *testing.T) {
	const n = 2 << 20
	huge := strings.Repeat("é", n/2)
	secret := strings.Repeat("x", maxText-10) + " 4111111111111111 across the cut" // half of it is no card
	for _, format := range []string{"json", "logfmt", "console"} {
		other := &bytes.Buffer{}
		l, out := open(t, Config{Format: format, Handlers: []slog.Handler{slog.NewJSONHandler(other, nil)}})
		ctx := request(context.Background())
		l.With("bound", huge).WithGroup(huge).InfoContext(With(ctx, "of_context", huge), huge, "a", huge, "err", fmt.Errorf("call: %s", huge),
			"tree", map[string]any{"list": []string{huge, huge}}, slog.Group("g", "member", huge, "n", 1), huge, 1, "last", "seen")
		l.InfoContext(ctx, secret, "a", secret, "tree", []string{secret}, "error", errors.New(secret), slog.Group("g", "a", secret))
		text := out.String()
		assert.Equal(t, 2, strings.Count(text, "\n"), format)
		assert.Less(t, len(text), 6*maxRecord, format)
		assert.Less(t, other.Len(), 6*maxRecord, format)
		assert.NotContains(t, text, "411111", format)
		assert.NotContains(t, other.String(), "411111", format)
		assert.Contains(t, text, fmt.Sprintf("[cut: %d bytes]", n), format)
		assert.Contains(t, text, leftOut, format)
		assert.True(t, utf8.ValidString(text), format)
		kept := 0
		for _, r := range l.Recent("") {
			b, err := json.Marshal(r)
			require.NoError(t, err)
			kept += len(b)
		}
		assert.Less(t, kept, 4*(maxKept+maxKeptText), format)
	}
}

func TestMoreAttributesThanFitAreCounted(t *testing.T) {
	l, out := open(t, Config{Recent: -1})
	many := make([]any, 0, 60_000)
	for i := range cap(many) / 2 {
		many = append(many, fmt.Sprint("key", i), i)
	}
	l.Info("record", many...)
	assert.Regexp(t, `"attributes_left_out":\d+}\n$`, out.String())
	assert.Less(t, out.Len(), 2*maxRecord)
	out.Reset()

	l.With(many...).With("after", 1).WithGroup("g").With(many...).Info("bound", "own", "seen")
	assert.Equal(t, 1, strings.Count(out.String(), leftOut))
	assert.Equal(t, "seen", line(t, out)["g"].(map[string]any)["own"], "a record's own have room of their own")

	growing := l.Logger
	for i := range 500 {
		growing = growing.With(fmt.Sprint("key", i), strings.Repeat("x", 1000))
	}
	growing.Info("grown")
	assert.Less(t, out.Len(), 2*maxRecord)
	out.Reset()

	ctx := context.Background()
	for i := range 500 {
		ctx = With(ctx, fmt.Sprint("key", i), strings.Repeat("x", 1000))
	}
	l.InfoContext(ctx, "grown", "own", "seen")
	assert.Less(t, out.Len(), 2*maxRecord)
	m := line(t, out)
	assert.Equal(t, "seen", m["own"])
	assert.Greater(t, m[leftOut], 200.0)
}

func TestWhatIsCutIsValidTextAndNotLonger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, most := rapid.String().Draw(t, "s"), rapid.IntRange(0, 20).Draw(t, "most")
		got := cut(s, most)
		if len(s) <= most {
			assert.Equal(t, s, got)
			return
		}
		kept, _, ok := strings.Cut(got, " [cut: ")
		assert.True(t, ok)
		assert.LessOrEqual(t, len(kept), most)
		assert.True(t, strings.HasPrefix(s, kept))
	})
}

func TestAnErrorThatIsCutIsStillThatError(t *testing.T) {
	boom := errors.New("boom")
	var got error
	l, _ := open(t, Config{Handlers: []slog.Handler{&keeps{err: &got}}})
	l.Error("hi", "error", fmt.Errorf("%w %s", boom, strings.Repeat("x", maxText)))
	assert.ErrorIs(t, got, boom)
	assert.Less(t, len(got.Error()), maxText+100)
}

// keeps keeps the error of a record.
type keeps struct {
	slog.Handler
	err *error
}

func (k *keeps) Enabled(context.Context, slog.Level) bool { return true }
func (k *keeps) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		*k.err, _ = a.Value.Any().(error)
		return *k.err == nil
	})
	return nil
}

func TestSmallAttributesPassTheBoundWithoutAnAllocation(t *testing.T) {
	group := slog.Group("g", "a", "x", "n", 1, "ok", true)
	room := 0
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = bounded(group); sizeGroup(group.Value.Group(), &room) }))
}
