package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"time"

	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"

	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
)

// record logs the record that all handlers get.
func record(ctx context.Context, l *slog.Logger, level slog.Level) {
	l.LogAttrs(ctx, level, "request handled", slog.String("order_id", "456"), slog.String("method", "GET"),
		slog.Int("status", 200), slog.Duration("took", time.Second), slog.Bool("ok", true))
}

func records(ctx context.Context, l *slog.Logger, level slog.Level) func(int) {
	return func(n int) {
		for range n {
			record(ctx, l, level)
		}
	}
}

// recordsOf takes the requests in turn, so that nothing is known of one from
// the record before.
func recordsOf(all []context.Context, l *slog.Logger) func(int) {
	return func(n int) {
		for i := range n {
			record(all[i%len(all)], l, slog.LevelInfo)
		}
	}
}

// parallel divides the records among as many goroutines as there are CPUs.
func parallel(ctx context.Context, l *slog.Logger) func(int) {
	return func(n int) {
		var wg sync.WaitGroup
		share := n/runtime.GOMAXPROCS(0) + 1
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() { records(ctx, l, slog.LevelInfo)(share) })
		}
		wg.Wait()
	}
}

// requestContext is that of a request of a user, with a trace.
func requestContext(id string) context.Context {
	var ctx context.Context
	h := logging.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = errortracking.WithUser(r.Context(), errortracking.User{ID: "user-" + id})
	}))
	r := httptest.NewRequest(http.MethodGet, "/orders/42", nil)
	h.ServeHTTP(httptest.NewRecorder(), r)
	return ctx
}

// loggers measures one record to a writer that discards it: ours, as New makes
// it, with the IDs of a request, redacted, kept and counted, beside handlers
// that do none of that. The last three peers do not lock their writer.
func loggers(_ context.Context, s settings) ([]row, error) {
	ours, err := logging.New(logging.Config{Format: "json", Output: io.Discard})
	if err != nil {
		return nil, err
	}
	defer func() { _ = ours.Close(context.Background()) }()
	bg, ctx := context.Background(), requestContext("123")
	turns := make([]context.Context, 64)
	for i := range turns {
		turns[i] = requestContext(strconv.Itoa(i))
	}
	std := slog.New(slog.NewJSONHandler(io.Discard, nil))
	zero := zerolog.New(io.Discard).With().Timestamp().Logger()
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zapcore.InfoLevel)
	peers := []struct {
		name string
		log  *slog.Logger
	}{
		{"phuslu/log's slog handler", slog.New(phuslu.SlogNewJSONHandler(io.Discard, nil))},
		{"zerolog's slog handler", slog.New(zerolog.NewSlogHandler(zero))},
		{"zap's slog handler", slog.New(zapslog.NewHandler(core))},
	}
	subjects := []subject{
		{"ours", records(ctx, ours.Logger, slog.LevelInfo)},
		{"log/slog JSONHandler", records(bg, std, slog.LevelInfo)},
		{"ours, without a request", records(bg, ours.Logger, slog.LevelInfo)},
		{"ours, of 64 requests in turn", recordsOf(turns, ours.Logger)},
		{"ours, disabled", records(ctx, ours.Logger, slog.LevelDebug)},
		{"log/slog JSONHandler", records(bg, std, slog.LevelDebug)},
	}
	for _, p := range peers {
		subjects = append(subjects, subject{p.name, records(bg, p.log, slog.LevelInfo)})
	}
	f := measure(s.rounds, s.block, subjects...)
	rows := []row{
		beside("JSON record, 5 attributes, IDs of a request", f[0], f[1], 1, 0),
		beside("the same without a request", f[2], f[1], 1, 0),
		beside("the same, of 64 requests in turn", f[3], f[1], nothing, 0),
		beside("a record below the level", f[4], f[5], 1.5, 0),
	}
	for i := range peers {
		rows = append(rows, beside("JSON record, 5 attributes, IDs of a request", f[0], f[len(subjects)-len(peers)+i], nothing, nothing))
	}
	both := measure(s.rounds, s.block, subject{"ours", parallel(ctx, ours.Logger)}, subject{"log/slog JSONHandler", parallel(bg, std)})
	return append(rows, beside("JSON record, on all CPUs at once", both[0], both[1], 1, nothing)), nil
}
