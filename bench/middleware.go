package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/perfmon"
)

// discard is an http.ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// serve is a loop of direct calls with one request.
func serve(h http.Handler) func(int) {
	return func(n int) {
		w := &discard{header: http.Header{}}
		r := httptest.NewRequest(http.MethodGet, "/orders/42", nil)
		for range n {
			clear(w.header)
			h.ServeHTTP(w, r)
		}
	}
}

func bareMux() *http.ServeMux {
	mux := http.NewServeMux()
	body := []byte("ok")
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(body) })
	return mux
}

// prom is what Prometheus' own documentation puts around a handler.
func prom(next http.Handler) http.Handler {
	labels := []string{"code", "method"}
	inFlight := prometheus.NewGauge(prometheus.GaugeOpts{Name: "in_flight"})
	total := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, labels)
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration_seconds"}, labels)
	return promhttp.InstrumentHandlerInFlight(inFlight, promhttp.InstrumentHandlerDuration(duration, promhttp.InstrumentHandlerCounter(total, next)))
}

// promDuration is the least of it.
func promDuration(next http.Handler) http.Handler {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration_seconds"}, []string{"code", "method"})
	return promhttp.InstrumentHandlerDuration(duration, next)
}

// noTransport drops what it is given: only the request's own cost is measured.
type noTransport struct{}

func (noTransport) Configure(sentry.ClientOptions)        {}
func (noTransport) SendEvent(*sentry.Event)               {}
func (noTransport) Flush(time.Duration) bool              { return true }
func (noTransport) FlushWithContext(context.Context) bool { return true }
func (noTransport) Close()                                {}

func sentryMiddleware(next http.Handler) (http.Handler, error) {
	client, err := sentry.NewClient(sentry.ClientOptions{Dsn: "http://key@127.0.0.1:1/1", Release: "bench", Transport: noTransport{}})
	if err != nil {
		return nil, err
	}
	hub := sentry.NewHub(client, sentry.NewScope())
	inner := sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle(next)
	sentry.CurrentHub().BindClient(hub.Client())
	return inner, nil
}

func otelMiddleware(next http.Handler, sampler sdktrace.Sampler) (http.Handler, func()) {
	traces := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	h := otelhttp.NewHandler(next, "bench", otelhttp.WithTracerProvider(traces), otelhttp.WithMeterProvider(metrics),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})))
	return h, func() {
		_ = traces.Shutdown(context.Background())
		_ = metrics.Shutdown(context.Background())
	}
}

func middlewares(ctx context.Context, s settings) ([]row, error) {
	m, err := monitoring.New(ctx, monitoring.Config{Service: "bench", StateDir: monitoring.Memory, Log: logging.Config{Output: io.Discard}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Shutdown(ctx) }()
	sentries, err := sentryMiddleware(bareMux())
	if err != nil {
		return nil, err
	}
	never, stop := otelMiddleware(bareMux(), sdktrace.NeverSample())
	defer stop()
	always, stop := otelMiddleware(bareMux(), sdktrace.AlwaysSample())
	defer stop()

	perf, err := perfmon.New(perfmon.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = perf.Close(ctx) }()
	f := measure(s.rounds, s.block,
		subject{"bare mux", serve(bareMux())},
		subject{"ours", serve(m.Middleware(bareMux()))},
		subject{"promhttp duration, counter, in flight", serve(prom(bareMux()))},
		subject{"sentryhttp, tracing off", serve(sentries)},
		subject{"otelhttp, never sampled", serve(never)},
		subject{"otelhttp, always sampled", serve(always)},
		subject{"perfmon", serve(perf.Middleware(bareMux()))},
		subject{"promhttp duration", serve(promDuration(bareMux()))},
	)
	bare := f[0]
	cost := func(i int) figures { return f[i].less(bare) }
	const what = "root `Middleware`, over the bare mux"
	return []row{
		alone("the bare mux", bare, nothing, nothing),
		beside(what, cost(1), cost(2), 0.6, 5),
		beside(what, cost(1), cost(3), 0.25, nothing),
		beside(what, cost(1), cost(4), 0.12, nothing),
		beside(what, cost(1), cost(5), nothing, nothing),
		beside("perfmon's middleware alone, over the bare mux", cost(6), cost(7), 0.3, 1),
	}, nil
}
