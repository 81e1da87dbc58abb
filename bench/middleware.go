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
	"github.com/distri-night/monitoring/errortracking"
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

// promDuration is Prometheus' duration alone.
func promDuration(next http.Handler, route promhttp.Option) http.Handler {
	labels, o := []string{"code", "method"}, prometheus.HistogramOpts{Name: "duration_seconds"}
	if route == nil {
		return promhttp.InstrumentHandlerDuration(prometheus.NewHistogramVec(o, labels), next)
	}
	o.NativeHistogramBucketFactor = 1.0109 // schema 6, the resolution of ours
	return promhttp.InstrumentHandlerDuration(prometheus.NewHistogramVec(o, append(labels, "route")), next, route)
}

type routeKey struct{}

// promByRoute tells as much as ours does: by route, in as fine buckets. The
// route is handed out through the context, as the documentation of
// WithLabelFromCtx has it.
func promByRoute(mux *http.ServeMux) http.Handler {
	inner := promDuration(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if route, ok := r.Context().Value(routeKey{}).(*string); ok {
			*route = r.Pattern
		}
	}), promhttp.WithLabelFromCtx("route", func(ctx context.Context) string {
		if route, ok := ctx.Value(routeKey{}).(*string); ok {
			return *route
		}
		return ""
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), routeKey{}, new(string))))
	})
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
	m, err := monitoring.New(ctx, monitoring.Config{
		Service: "bench", StateDir: monitoring.Memory, Log: logging.Config{Output: io.Discard},
		// Tracing is on, and none of these requests is sampled.
		Errors: errortracking.Config{DSN: "http://key@127.0.0.1:1/1", TracesSampleRate: new(1e-12)},
	})
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
		subject{"promhttp duration", serve(promDuration(bareMux(), nil))},
		subject{"promhttp duration by route, native", serve(promByRoute(bareMux()))},
	)
	bare := f[0]
	cost := func(i int) figures { return f[i].less(bare) }
	const what = "root `Middleware`, over the bare mux"
	rows := []row{
		alone("the bare mux", bare, nothing, nothing),
		beside(what, cost(1), cost(2), 0.6, 4),
		beside(what, cost(1), cost(3), 0.25, nothing),
		beside(what, cost(1), cost(4), 0.12, nothing),
		beside(what, cost(1), cost(5), nothing, nothing),
		beside("perfmon's middleware alone", cost(6), cost(7), 0.3, 1),
		beside("perfmon's middleware alone", cost(6), cost(8), nothing, nothing),
	}
	agents, err := agentCosts(s)
	for _, agent := range agents {
		rows = append(rows, beside(what, cost(1), agent, nothing, nothing))
	}
	return rows, err
}
