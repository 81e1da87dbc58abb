package logging

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func fiveAttrs(ctx context.Context, l *slog.Logger) {
	l.LogAttrs(ctx, slog.LevelInfo, "request handled", slog.String("order_id", "456"), slog.String("method", "GET"),
		slog.Int("status", 200), slog.Duration("took", time.Second), slog.Bool("ok", true))
}

func BenchmarkRecord(b *testing.B) {
	for name, c := range map[string]Config{
		"json, no ring": {Recent: -1}, "json": {}, "logfmt, no ring": {Format: "logfmt", Recent: -1}, "console, no ring": {Format: "console", Recent: -1},
	} {
		c.Output = io.Discard
		b.Run(name, func(b *testing.B) {
			l, _ := open(b, c)
			b.ReportAllocs()
			for b.Loop() {
				fiveAttrs(context.Background(), l.Logger)
			}
		})
	}
	b.Run("json, with IDs", func(b *testing.B) {
		l, _ := open(b, Config{Output: io.Discard})
		ctx := request(context.Background())
		b.ReportAllocs()
		for b.Loop() {
			fiveAttrs(ctx, l.Logger)
		}
	})
	b.Run("slog.JSONHandler", func(b *testing.B) {
		l := slog.New(slog.NewJSONHandler(io.Discard, nil))
		b.ReportAllocs()
		for b.Loop() {
			fiveAttrs(context.Background(), l)
		}
	})
}

func BenchmarkMiddleware(b *testing.B) {
	h := Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func TestMiddlewareAllocatesTheRequestScopeAndTheID(t *testing.T) {
	h := Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }), 2.0)
	r.Header.Set("X-Request-ID", "req-42")
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }), 1.0)
}

func TestARecordAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector sync.Pool forgets at random")
	}
	for _, format := range []string{"json", "gcp", "ecs", "datadog", "logfmt"} {
		l, _ := open(t, Config{Format: format, Output: io.Discard, Recent: -1})
		assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { fiveAttrs(context.Background(), l.Logger) }), 0.0, format)
	}
	l, _ := open(t, Config{Output: io.Discard, Recent: 4})
	record := func() { fiveAttrs(context.Background(), l.With("a", 1)) }
	bound := l.With("a", 1)
	for range 8 { // until the ring has gone round
		record()
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { fiveAttrs(context.Background(), bound) }), "with the ring")
	ctx := request(context.Background())
	for range 200 { // until the breadcrumbs have
		fiveAttrs(ctx, bound)
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { fiveAttrs(ctx, bound) }), "with a breadcrumb")
}
