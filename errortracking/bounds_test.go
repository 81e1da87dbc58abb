package errortracking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/internal/spool"
)

// checked reports what Sentry would refuse of d's envelope.
func checked(tr *Tracker, dsn string, d *draft) error {
	record, err := tr.envelope(d)
	if err != nil {
		return err
	}
	p := unpack(spool.Entry{Data: record})
	b, err := tr.delivery.transport.envelope(p.header, p.items)
	if err != nil {
		return err
	}
	body, encoding := newTransport(tr.dsn).compress(b)
	e, err := sentrytest.Parse(body, encoding)
	if err != nil {
		return err
	}
	e.Request = http.Header{"Content-Encoding": {encoding}}
	if len(e.Items) != 1 {
		return fmt.Errorf("%d items", len(e.Items))
	}
	return e.Check(dsn)
}

func anyText(t *rapid.T, label string) string {
	s := rapid.OneOf(
		rapid.String(), rapid.StringMatching(`[a-z]{0,10}`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"\n", "\x00", "None", "a/b", " x ", "\u2028", "\xff\xfe", "日本語"}),
	).Draw(t, label)
	return strings.Repeat(s, rapid.SampledFrom([]int{1, 1, 1, 1, 10, 1000, 30_000}).Draw(t, label+" times"))
}

func anyValue(t *rapid.T, depth int) any {
	most := 8
	if depth > 8 {
		most = 6
	}
	switch rapid.IntRange(0, most).Draw(t, "kind") {
	case 0:
		return rapid.Float64().Draw(t, "float")
	case 1:
		return rapid.SampledFrom([]any{
			math.NaN(), math.Inf(-1), nil, true, func() {}, make(chan int), complex(1, 2), json.Number("not a number"), json.Number("1"), json.RawMessage("{"),
			time.Date(123456, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, slog.LevelInfo, time.Second, struct{ F func() }{}, uint64(math.MaxUint64),
		}).Draw(t, "odd")
	case 2:
		return rapid.Int64().Draw(t, "int")
	case 3:
		return errors.New(anyText(t, "error"))
	case 4, 5, 6:
		return anyText(t, "text")
	case 7:
		l := make([]any, rapid.SampledFrom([]int{0, 1, 3, 200}).Draw(t, "length"))
		for i := range l[:min(len(l), 3)] {
			l[i] = anyValue(t, depth+1)
		}
		return l
	default:
		m := map[string]any{}
		for i := range rapid.IntRange(0, 4).Draw(t, "size") {
			m[anyText(t, "key")+fmt.Sprint(i)] = anyValue(t, depth+1)
		}
		return m
	}
}

func anyError(t *rapid.T, depth int) error {
	if depth > 3 {
		return errors.New(anyText(t, "text"))
	}
	switch rapid.IntRange(0, 4).Draw(t, "error") {
	case 0:
		return fmt.Errorf("%s: %w", anyText(t, "wrap"), anyError(t, depth+1))
	case 1:
		var all []error
		for range rapid.IntRange(1, 30).Draw(t, "joined") {
			all = append(all, anyError(t, depth+2))
		}
		return errors.Join(all...)
	case 2:
		return &wrapsItself{}
	default:
		return errors.New(anyText(t, "text"))
	}
}

type wrapsItself struct{}

func (w *wrapsItself) Error() string { panic("no text") }
func (w *wrapsItself) Unwrap() error { return w }

func TestAnyEventIsCutToWhatSentryTakes(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN, FloodLimit: 1 << 30})
	rapid.Check(t, func(rt *rapid.T) {
		tr.config.Environment, tr.config.Release = anyText(rt, "environment"), anyText(rt, "release")
		tr.server = anyText(rt, "server")
		ctx := context.Background()
		if rapid.Bool().Draw(rt, "request") {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Method, r.Host = anyText(rt, "method"), anyText(rt, "host")
			r.URL.Path, r.URL.RawQuery = anyText(rt, "path"), anyText(rt, "query")
			for range rapid.SampledFrom([]int{0, 3, 300}).Draw(rt, "headers") {
				r.Header[fmt.Sprintf("X-%d", rand.Uint32())] = []string{"value"}
			}
			r.Header["X-Large"] = []string{anyText(rt, "header")}
			_, r, _ = reqctx.Begin(httptest.NewRecorder(), r)
			ctx = r.Context()
		}
		ctx = WithUser(withID(ctx, anyText(rt, "id")), User{ID: anyText(rt, "user"), Email: anyText(rt, "email"), Role: anyText(rt, "role")})
		for range rapid.SampledFrom([]int{0, 2, 120}).Draw(rt, "crumbs") {
			AddBreadcrumb(ctx, Breadcrumb{
				Category: anyText(rt, "category"), Message: anyText(rt, "message"), Data: map[string]any{"x": anyValue(rt, 0)},
				At: time.Unix(rapid.Int64Range(math.MinInt32, math.MaxInt64/4).Draw(rt, "at"), 0),
			})
		}
		tr.writing.Lock()
		defer tr.writing.Unlock()
		tr.config.BeforeSend = func(_ context.Context, e *Event) bool {
			if rapid.Bool().Draw(rt, "change") {
				e.Message, e.Route, e.ID = anyText(rt, "changed message"), anyText(rt, "route"), strings.Repeat("x", 32)
				e.Class.Category, e.Class.Level = Category(anyText(rt, "class")), slog.Level(rapid.IntRange(-20, 11).Draw(rt, "level"))
				e.Fingerprint = append(e.Fingerprint, anyText(rt, "fingerprint"))
				e.At = time.Unix(rapid.Int64().Draw(rt, "time"), 0)
				e.Attrs = map[string]any{anyText(rt, "attr"): anyValue(rt, 0), "large": strings.Repeat("x", 1<<20)}
			}
			return true
		}
		level := slog.Level(rapid.IntRange(-20, 11).Draw(rt, "level"))
		if rapid.Bool().Draw(rt, "message") {
			tr.CaptureMessage(ctx, level, anyText(rt, "message"), "value", anyValue(rt, 0))
		} else {
			tr.CaptureException(WithLevel(ctx, level), anyError(rt, 0), anyText(rt, "attr"), anyValue(rt, 0))
		}
		for _, d := range tr.pending.take() {
			if err := checked(tr, s.DSN, d); err != nil {
				rt.Fatal(err)
			}
			tr.pending.wrote(d)
		}
	})
	tr.config.BeforeSend = nil
}

func TestAnEventThatHardlyCompressesIsCutToo(t *testing.T) {
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN})
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('!' + rand.IntN(90))
		}
		return string(b)
	}
	attrs := []any{}
	for i := range maxAttrs {
		attrs = append(attrs, fmt.Sprint("a", i), random(maxValue-10))
	}
	for range maxCrumbs {
		tr.crumbs.add(reqctx.Breadcrumb{Message: random(maxValue), Data: map[string]any{"x": random(maxValue)}, At: time.Now()})
	}
	id := tr.CaptureException(context.Background(), errors.New(random(maxText)), attrs...)
	flush(t, tr)
	require.Len(t, s.Events(), 1)
	assert.Equal(t, id, s.Events()[0].ID())
	assert.NotEmpty(t, s.Events()[0].At("breadcrumbs"), "only what must go has gone")
}

func TestCutKeepsUTF8(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "s")
		n := rapid.IntRange(4, 100).Draw(rt, "n")
		got := cut(s, n)
		if len(got) > n || !utf8.ValidString(got) {
			rt.Fatalf("%q", got)
		}
	})
}
