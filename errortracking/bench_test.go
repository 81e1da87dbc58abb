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
