package main

import (
	"context"
	"math"
	"math/rand/v2"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/distri-night/monitoring/metric"
)

// latencies are log-normal, with a median of 12 ms, in seconds.
func latencies() *[1024]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	var v [1024]float64
	for i := range v {
		v[i] = 0.012 * math.Exp(0.8*r.NormFloat64())
	}
	return &v
}

// over is a loop that observes the latencies.
func over(values *[1024]float64, observe func(float64)) func(int) {
	return func(n int) {
		for i := range n {
			observe(values[i&1023])
		}
	}
}

func histograms(ctx context.Context, s settings) ([]row, error) {
	values := latencies()
	var set metric.Set
	ours := set.Histogram(metric.Desc{Name: "bench.latency", Unit: "s"}).With()
	victoria := vm.NewSet().NewHistogram("latency")
	native := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "latency", NativeHistogramBucketFactor: 1.1})
	classic := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "latency"})
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()), sdkmetric.WithView(sdkmetric.NewView(
		sdkmetric.Instrument{Name: "*"}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}})))
	defer func() { _ = provider.Shutdown(ctx) }()
	otel, err := provider.Meter("bench").Float64Histogram("latency")
	if err != nil {
		return nil, err
	}
	var noOptions []otelmetric.RecordOption

	f := measure(s.rounds, s.block,
		subject{"ours", over(values, ours.Observe)},
		subject{"VictoriaMetrics", over(values, victoria.Update)},
		subject{"Prometheus classic", over(values, classic.Observe)},
		subject{"Prometheus native", over(values, native.Observe)},
		subject{"OTel exponential", over(values, func(v float64) { otel.Record(ctx, v, noOptions...) })},
	)
	const what = "`Histogram.Observe`"
	return []row{
		beside(what, f[0], f[1], 0.7, 0),
		beside(what, f[0], f[2], nothing, nothing),
		beside(what, f[0], f[3], nothing, nothing),
		beside(what, f[0], f[4], nothing, nothing),
	}, nil
}
