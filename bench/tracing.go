package main

import (
	"context"
	"io"
	"net/http"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
)

// traced is a service that records the given share of its requests. Sentry is
// at a dead port: what a request itself pays is measured, as with the peer.
func traced(ctx context.Context, rate float64) (*monitoring.Monitor, error) {
	return monitoring.New(ctx, monitoring.Config{
		Service: "bench", StateDir: monitoring.Memory, Log: logging.Config{Output: io.Discard, Level: logging.LevelCritical},
		Errors: errortracking.Config{DSN: "http://key@127.0.0.1:1/1", TracesSampleRate: &rate},
	})
}

// withMark has one span inside the request.
func withMark(m *monitoring.Monitor) http.Handler {
	mux := http.NewServeMux()
	body := []byte("ok")
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		mark := m.Perf.Start(r.Context(), "read")
		_, _ = w.Write(body)
		mark.End()
	})
	return m.Middleware(mux)
}

// sentryTraced is sentryhttp at rate 1, with one child span.
func sentryTraced() (http.Handler, error) {
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: "http://key@127.0.0.1:1/1", Release: "bench", Transport: noTransport{}, EnableTracing: true, TracesSampleRate: 1,
	})
	if err != nil {
		return nil, err
	}
	hub := sentry.NewHub(client, sentry.NewScope())
	mux := http.NewServeMux()
	body := []byte("ok")
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		span := sentry.StartSpan(r.Context(), "mark", sentry.WithDescription("read"))
		_, _ = w.Write(body)
		span.Finish()
	})
	inner := sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(sentry.SetHubOnContext(r.Context(), hub.Clone())))
	}), nil
}

// tracing compares a request that is recorded, with a span inside, and one that
// is not.
func tracing(ctx context.Context, s settings) ([]row, error) {
	var ours [3]*monitoring.Monitor
	for i, rate := range []float64{0, 1e-9, 1} {
		m, err := traced(ctx, rate)
		if err != nil {
			return nil, err
		}
		defer func() {
			ctx, cancel := context.WithCancel(ctx)
			cancel() // nothing is to be waited for
			_ = m.Shutdown(ctx)
		}()
		ours[i] = m
	}
	peer, err := sentryTraced()
	if err != nil {
		return nil, err
	}
	f := measure(s.rounds, s.block,
		subject{"bare mux", serve(bareMux())},
		subject{"ours, tracing off", serve(withMark(ours[0]))},
		subject{"ours, not recorded", serve(withMark(ours[1]))},
		subject{"ours, recorded", serve(withMark(ours[2]))},
		subject{"sentryhttp, recorded", serve(peer)},
	)
	cost := func(i int) figures { return f[i].less(f[0]) }
	return []row{
		beside("a request with a mark, tracing on and not recorded, over the bare mux", cost(2), cost(1), 1.15, nothing),
		beside("a request with a mark, recorded, over the bare mux", cost(3), cost(4), 0.35, nothing),
	}, nil
}
