package logging

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

var update = flag.Bool("update", false, "write the golden files anew")

// stacked is an error that knows where it was made, as those of pkg/errors.
type stacked struct{ text string }

type programCounter uintptr

func (s *stacked) Error() string { return s.text }

func (s *stacked) StackTrace() []programCounter {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	return []programCounter{programCounter(pcs[0])}
}

// places are what differs from machine to machine and from edit to edit.
var places = regexp.MustCompile(`(?:/[^"/\\]+)*/(formats_test\.go)(:|","line":")\d+`)

func TestPresetsWriteWhatEachSystemReads(t *testing.T) {
	t.Setenv("GOOGLE_CLOUD_PROJECT", "shop")
	ctx := request(context.Background())
	at := time.Date(2026, 11, 25, 12, 30, 0, 120_000_000, time.UTC)
	wrapped := fmt.Errorf("pay: %w", &fs.PathError{Op: "open", Path: "/card", Err: errors.New("gone")})
	for _, format := range everyFormat {
		t.Run(format, func(t *testing.T) {
			formats := formats
			gcp := formats["gcp"]
			defer func() { formats["gcp"] = gcp }()
			withProject := gcp
			withProject.tracePrefix = gcpTracePrefix()
			formats["gcp"] = withProject
			l, out := open(t, Config{Format: format, Level: slog.LevelDebug, Service: "shop", Environment: "production", Release: "v1.2.3"})
			named := l.Named("db")
			log := func(ctx context.Context, l *Logger, level slog.Level, msg string, attrs ...slog.Attr) {
				var pcs [1]uintptr
				runtime.Callers(1, pcs[:])
				r := slog.NewRecord(at, level, msg, pcs[0])
				r.AddAttrs(attrs...)
				require.NoError(t, l.Handler().Handle(ctx, r))
			}
			log(context.Background(), l, slog.LevelDebug, "no request", slog.Int("n", 1))
			log(ctx, named, slog.LevelInfo, "order placed", slog.String("order_id", "42"), slog.Duration("took", time.Second), slog.Group("g", slog.Bool("ok", true)))
			log(ctx, l, slog.LevelWarn, "slow", slog.Time("since", at), slog.Float64("load", 0.5), slog.Any("tags", []string{"a", "b"}))
			log(ctx, l, slog.LevelError, "payment failed", Err(wrapped), slog.String("provider", "p1"))
			log(ctx, l, LevelCritical, "stock is wrong", Err(&stacked{"count below zero"}))
			log(ctx, &Logger{Logger: l.With(Err(wrapped)).WithGroup("g"), core: l.core}, slog.LevelInfo, "bound", Err(&stacked{"second"}))
			got := places.ReplaceAllString(out.String(), "$1${2}0")
			golden := filepath.Join("testdata", "formats", format+".golden")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestAnIDWithinSixtyFourBitsIsDecimalForDatadog(t *testing.T) {
	l, out := open(t, Config{Format: "datadog"})
	ctx := reqctx.WithCorrelationID(context.Background(), "req-1")
	trace, ok := reqctx.ParseTraceparent("00-0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01")
	require.True(t, ok)
	reqctx.From(ctx).Request.Identify("req-1", trace, map[string][]string{})
	l.InfoContext(ctx, "hi")
	m := line(t, out)
	assert.Equal(t, []any{"11803532876627986230", "67667974448284343"}, []any{m["dd.trace_id"], m["dd.span_id"]})
}

func TestAnAttributeNamedAsTheFormatNamesAnIDReplacesIt(t *testing.T) {
	for format, key := range map[string]string{"ecs": "user.id", "datadog": "usr.id", "gcp": "user_id"} {
		l, out := open(t, Config{Format: format})
		l.InfoContext(request(context.Background()), "hi", key, "own")
		assert.Equal(t, 1, strings.Count(out.String(), `"`+key+`"`), out.String())
		assert.Equal(t, "own", line(t, out)[key])
	}
}

type badUnwrap struct{}

func (badUnwrap) Error() string           { return "bad" }
func (badUnwrap) Unwrap() error           { panic("unwrap") }
func (badUnwrap) StackTrace() []uintptr   { panic("stack") }
func (badUnwrap) Callers() (int, []error) { return 0, nil }

type circular struct{}

func (circular) Error() string   { return "circle" }
func (c circular) Unwrap() error { return c }

func TestErrorsThatMisbehaveMakeOneValidRecord(t *testing.T) {
	for _, format := range everyFormat {
		for _, err := range []error{badUnwrap{}, &badError{}, (*badError)(nil), circular{}, errors.Join(badUnwrap{}, nil), fmt.Errorf("x: %w", badUnwrap{})} {
			l, out := open(t, Config{Format: format})
			assert.NotPanics(t, func() { l.Error("hi", "error", err, "after", 1) })
			assert.Equal(t, "1", fmt.Sprint(parse(t, format, out.String())["after"]), out.String())
		}
	}
}

func TestErrorTypesAreNamedByWhatIsWrapped(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "/x", Err: errors.New("gone")}
	for want, err := range map[string]error{
		"*fs.PathError": fmt.Errorf("a: %w", fmt.Errorf("b: %w", path)), "*errors.errorString": errors.New("x"),
		"*errors.joinError": errors.Join(path), "logging.circular": circular{},
	} {
		assert.Equal(t, want, errorType(err))
	}
}
