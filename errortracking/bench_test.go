package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

// BenchmarkCapture: into a spool on disk, with Sentry hanging.
func BenchmarkCapture(b *testing.B) {
	s := sentrytest.New(b)
	s.Hang()
	tr := tracker(b, Config{DSN: s.DSN, SpoolDir: b.TempDir(), FloodLimit: 1 << 30})
	ctx := withID(context.Background(), "req-1")
	err := fmt.Errorf("charge: %w", errors.New("card refused"))
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tr.CaptureException(context.WithoutCancel(ctx), fmt.Errorf("charge: %w", err))
		}
	})
	held := tracker(b, Config{DSN: s.DSN, SpoolDir: b.TempDir(), FloodLimit: 1})
	b.Run("held back", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			held.CaptureException(context.Background(), err)
		}
	})
}

func BenchmarkMiddleware(b *testing.B) {
	tr := tracker(b, Config{Logger: slog.New(slog.DiscardHandler)})
	h := tr.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

// BenchmarkEncode is the worker's part: redaction, JSON, the spool.
func BenchmarkEncode(b *testing.B) {
	s := sentrytest.New(b)
	s.Hang()
	tr := tracker(b, Config{DSN: s.DSN, SpoolDir: b.TempDir()})
	var d *draft
	h := tr.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := WithUser(withID(r.Context(), "req-1"), User{ID: "u1"})
		for range 5 {
			AddBreadcrumb(ctx, Breadcrumb{Category: "query", Message: "SELECT * FROM orders WHERE id = ?", Data: map[string]any{"rows": 1}})
		}
		tr.writing.Lock()
		tr.CaptureException(ctx, fmt.Errorf("charge: %w", errors.New("card refused")), "order", "o-1", "try", 2)
		d = tr.pending.take()[0]
		tr.writing.Unlock()
	}))
	r := httptest.NewRequest(http.MethodGet, "/orders/1?page=2", nil)
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
	r.Header.Set("Accept", "application/json")
	h.ServeHTTP(httptest.NewRecorder(), r)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			data, _ := tr.envelope(d)
			b.SetBytes(int64(len(data)))
		}
	})
	b.Run("estimate", func(b *testing.B) {
		data, _ := tr.envelope(d)
		b.ReportMetric(float64(d.estimate())/float64(len(data)), "of_encoded")
		for b.Loop() {
			d.estimate()
		}
	})
	b.Run("push", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tr.pending.push(d, d.event.At)
			tr.pending.wrote(d)
			tr.pending.drafts = tr.pending.drafts[:0]
		}
	})
}
