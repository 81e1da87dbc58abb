package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

// FuzzJSONAgainstSlog: what both write of a redacted attribute decodes to the
// same.
func FuzzJSONAgainstSlog(f *testing.F) {
	f.Add("key", "value", "msg", 1.5, int64(7))
	f.Add("k\"{", "a\"b\\c\n\x00\xff\u2028\U0001f600", "{", 1e21, int64(-1))
	f.Add("g.h", "", "", 5e-324, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, key, value, msg string, number float64, n int64) {
		switch key {
		case slog.TimeKey, slog.LevelKey, slog.MessageKey, "g", "n", "":
			t.Skip()
		}
		if math.IsNaN(number) || math.IsInf(number, 0) {
			t.Skip() // slog writes an error there
		}
		var r *redact.Redactor
		attrs := []slog.Attr{
			slog.String(key, value), slog.Group("g", slog.String(key, value), slog.Float64("f", number), slog.Any("l", []any{value, number, n, nil, true})),
			slog.Int64("n", n), slog.Duration("d", time.Duration(n)), slog.Any("m", map[string]any{key: value}),
		}
		masked := make([]slog.Attr, len(attrs))
		for i, a := range attrs {
			masked[i] = r.Attr(nil, a)
		}
		var ours, theirs bytes.Buffer
		l, err := New(Config{Output: &ours, Format: "json", Recent: 1, Disabled: true})
		if err != nil {
			t.Fatal(err)
		}
		l.LogAttrs(context.Background(), slog.LevelInfo, msg, attrs...)
		slog.New(slog.NewJSONHandler(&theirs, nil)).LogAttrs(context.Background(), slog.LevelInfo, r.Text(msg), masked...)
		var a, b map[string]any
		if err := json.Unmarshal(ours.Bytes(), &a); err != nil {
			t.Fatalf("%v: %q", err, ours.String())
		}
		if err := json.Unmarshal(theirs.Bytes(), &b); err != nil {
			t.Skip()
		}
		for _, k := range []string{slog.TimeKey, slog.LevelKey} {
			delete(a, k)
			delete(b, k)
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("ours %q\nslog %q", ours.String(), theirs.String())
		}
	})
}

// FuzzLines: whatever is logged is one line, without a character that acts.
func FuzzLines(f *testing.F) {
	f.Add("key", "value", "msg")
	f.Add("\x1b[31m", `\x1b[0m`, "a\r\nb\u202e\x9b")
	f.Fuzz(func(t *testing.T, key, value, msg string) {
		for _, format := range everyFormat {
			var out bytes.Buffer
			l, err := New(Config{Output: &out, Format: format, Disabled: true})
			if err != nil {
				t.Fatal(err)
			}
			l.With(key, value).WithGroup(key).Warn(msg, key, value, "any", map[string]string{key: value}, "err", slog.AnyValue([]string{value}))
			text, ok := strings.CutSuffix(out.String(), "\n")
			if !ok || strings.IndexFunc(text, hidden) >= 0 {
				t.Fatalf("%s: %q", format, out.String())
			}
		}
	})
}
