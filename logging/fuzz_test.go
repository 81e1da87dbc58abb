package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"reflect"
	"strconv"
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
		if math.IsNaN(number) || math.IsInf(number, 0) || len(key) > maxKey || len(value) > maxText || len(msg) > maxText {
			t.Skip() // slog writes an error there, or does not cut
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
			t.Fatalf("ours %.2000q\nslog %.2000q", ours.String(), theirs.String())
		}
	})
}

// recipe makes records of bytes.
type recipe struct {
	b    []byte
	text []string
}

func (r *recipe) next() int {
	if len(r.b) == 0 {
		return 0
	}
	n := int(r.b[0])
	r.b = r.b[1:]
	return n
}

func (r *recipe) string() string { return r.text[r.next()%len(r.text)] }

type marshals struct{ text string }

func (m marshals) MarshalJSON() ([]byte, error) { return json.Marshal([]string{m.text, "j"}) }

type textual struct{ text string }

func (m textual) MarshalText() ([]byte, error) { return []byte(m.text), nil }

type valuer struct{ text string }

func (v valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("v", v.text), slog.Int("w", 1))
}

type shaped struct {
	Zebra string `json:"zebra"`
	Apple int    `json:"apple,omitempty"`
	Sub   *shaped
	Any   any `json:"any"`
}

// value gives a value that both write alike.
func (r *recipe) value(depth int) slog.Value {
	n := int64(r.next()) * 7919
	switch r.next() % 18 {
	case 0:
		return slog.StringValue(r.string())
	case 1:
		return slog.Int64Value(-n << 20)
	case 2:
		return slog.Uint64Value(uint64(n) << 40) //nolint:gosec // wraps
	case 3:
		return slog.Float64Value(float64(n) / 3e9)
	case 4:
		return slog.Float64Value(float64(n) * 1e17)
	case 5:
		return slog.BoolValue(n%2 == 0)
	case 6:
		return slog.DurationValue(time.Duration(n))
	case 7:
		return slog.TimeValue(time.Unix(n, n*1000).UTC())
	case 8:
		return slog.AnyValue(nil)
	case 9:
		return slog.AnyValue(errors.New(r.string()))
	case 10:
		return slog.AnyValue([]any{r.string(), n, nil, true, float64(n) / 4})
	case 11:
		return slog.AnyValue(map[string]any{"b" + r.string(): n, "a": []string{r.string()}})
	case 12:
		return slog.AnyValue(shaped{Zebra: r.string(), Apple: int(n % 3), Sub: &shaped{Any: r.string()}, Any: n})
	case 13:
		return slog.AnyValue(marshals{r.string()})
	case 14:
		return slog.AnyValue(textual{r.string()})
	case 15:
		return slog.AnyValue(valuer{r.string()})
	case 16:
		if depth < 4 {
			return slog.GroupValue(r.attrs(depth + 1)...)
		}
		return slog.GroupValue()
	default:
		return slog.AnyValue(json.Number(strconv.FormatInt(n, 10)))
	}
}

func (r *recipe) attrs(depth int) []slog.Attr {
	all := make([]slog.Attr, 0, 4)
	for range r.next() % 5 {
		all = append(all, slog.Attr{Key: r.string(), Value: r.value(depth)})
	}
	return all
}

// tokens are a line's, in order, duplicates too, without time and level.
func tokens(t *testing.T, line []byte) (all []any) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		if n, ok := tok.(json.Number); ok { // 1e+21 is 1e21
			f, err := n.Float64()
			if err == nil && strings.ContainsAny(n.String(), ".eE") {
				tok = f
			}
		}
		all = append(all, tok)
	}
}

// FuzzHandlerAgainstSlog: bound attributes, groups and values of all kinds come
// out as log/slog's JSONHandler writes them, in the same order. The differences
// are known: names of levels, masked secrets, bytes as text, NaN and Inf, and
// the IDs of a request.
func FuzzHandlerAgainstSlog(f *testing.F) {
	f.Add([]byte{3, 1, 2, 0, 1, 3, 5, 16, 2, 1, 2, 3, 4, 5}, "k", "v", "hello")
	f.Add([]byte{2, 0, 1, 12, 1, 1, 11, 3, 2, 2, 2, 1, 9, 4, 2, 15, 0, 1, 16, 3, 7, 7, 7}, "g\"", "\u2028\xff\n", "")
	f.Add(bytes.Repeat([]byte{4, 3, 2, 1, 16, 0, 5, 10, 13, 14, 17, 6, 7, 8, 9}, 8), "a.b", "{", "}")
	f.Fuzz(func(t *testing.T, program []byte, a, b, msg string) {
		var none *redact.Redactor
		r := recipe{program, []string{"k", "method", "", a, b, "zone", "n1"}}
		for _, s := range append(r.text, msg) {
			if len(s) > 100 || none.Text(s) != s || !none.Attr(nil, slog.String(s, "x1")).Value.Equal(slog.StringValue("x1")) || none.Text("b"+s) != "b"+s {
				t.Skip() // masked
			}
			switch s {
			case slog.TimeKey, slog.LevelKey, slog.MessageKey:
				t.Skip()
			}
		}
		var ours, theirs bytes.Buffer
		l, err := New(Config{Output: &ours, Format: "json", Recent: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close(context.Background()) }()
		h := []slog.Handler{l.Handler(), slog.NewJSONHandler(&theirs, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.LevelKey {
				a.Value = slog.StringValue("info")
			}
			return a
		}})}
		for range r.next() % 4 {
			if r.next()%2 == 0 {
				name := r.string() + "g" // a name that is empty is slog.Logger's to leave out
				for i := range h {
					h[i] = h[i].WithGroup(name)
				}
				continue
			}
			attrs := r.attrs(0)
			for i := range h {
				h[i] = h[i].WithAttrs(attrs)
			}
		}
		record := slog.NewRecord(time.Unix(1e9, int64(r.next())*1e6).UTC(), slog.LevelInfo, msg, 0)
		record.AddAttrs(r.attrs(0)...)
		for i := range h {
			if err := h[i].Handle(context.Background(), record.Clone()); err != nil {
				t.Fatal(err)
			}
		}
		if !json.Valid(ours.Bytes()) {
			t.Fatalf("no JSON: %.2000q", ours.String())
		}
		if !json.Valid(theirs.Bytes()) { // slog loses a comma after a group of nothing but empty attributes
			t.Skip()
		}
		want, got := tokens(t, theirs.Bytes()), tokens(t, ours.Bytes())
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("ours %.2000q\nslog %.2000q", ours.String(), theirs.String())
		}
		var m map[string]any
		if err := json.Unmarshal(ours.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		kept := l.Recent("")[0]
		for _, k := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
			delete(m, k)
		}
		for k, v := range m {
			if _, group := v.(map[string]any); group {
				continue
			}
			if _, ok := kept.Attrs[k]; !ok {
				t.Fatalf("%q of %q is not in %v", k, ours.String(), kept.Attrs)
			}
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
