package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/newrelic/go-agent/v3/integrations/nrpgx5"
	"github.com/newrelic/go-agent/v3/newrelic"
	otelmetric "go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/metric"
)

const query = "select id, customer_id, state, total from orders where customer_id = $1 and state = $2 order by id desc limit 20"

// queries are what a service pays for its queries to be measured.
func queries(ctx context.Context, s settings) ([]row, error) {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return nil, errors.New("needs DATABASE_URL")
	}
	registry, err := metric.NewRegistry(metric.Config{Manual: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = registry.Close(ctx) }()
	m, err := dbmon.New(dbmon.Config{Registry: registry})
	if err != nil {
		return nil, err
	}
	defer func() { _ = m.Close(ctx) }()
	rows, err := queryHooks(ctx, s, m, url)
	if err != nil {
		return nil, err
	}
	more, err := roundTrips(ctx, s, m, url)
	return append(rows, more...), err
}

// hooks is a loop of a query's two hooks; nothing is sent.
func hooks(ctx context.Context, t pgx.QueryTracer, conn *pgx.Conn) func(int) {
	start := pgx.TraceQueryStartData{SQL: query, Args: []any{7, "open"}}
	return func(n int) {
		for range n {
			t.TraceQueryEnd(t.TraceQueryStart(ctx, conn, start), conn, pgx.TraceQueryEndData{})
		}
	}
}

func queryHooks(ctx context.Context, s settings, m *dbmon.Monitor, url string) ([]row, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()

	// otelpgx makes a span only where there is one already. The SDK's reader is
	// one that is asked, and nobody asks; its spans go nowhere.
	otel := func(name string, sampler sdktrace.Sampler, meter otelmetric.MeterProvider) (subject, func()) {
		p := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
		under, span := p.Tracer("bench").Start(ctx, "request")
		t := otelpgx.NewTracer(otelpgx.WithTracerProvider(p), otelpgx.WithMeterProvider(meter))
		return subject{name, hooks(under, t, conn)}, func() {
			span.End()
			_ = p.Shutdown(ctx)
		}
	}
	sdk := func() otelmetric.MeterProvider {
		return sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	}
	subjects := []subject{{"ours", hooks(ctx, dbmon.NewTracer(m), conn)}}
	for _, peer := range []struct {
		name    string
		sampler sdktrace.Sampler
		meter   otelmetric.MeterProvider
	}{
		{"otelpgx, sampled span, SDK meter", sdktrace.AlwaysSample(), sdk()},
		{"otelpgx, not sampled, SDK meter", sdktrace.NeverSample(), sdk()},
		{"otelpgx, sampled span, no-op meter", sdktrace.AlwaysSample(), metricnoop.NewMeterProvider()},
		{"otelpgx, not sampled, no-op meter", sdktrace.NeverSample(), metricnoop.NewMeterProvider()},
	} {
		subject, stop := otel(peer.name, peer.sampler, peer.meter)
		defer stop()
		subjects = append(subjects, subject)
	}
	nr, stop, err := newRelicHooks(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer stop()
	subjects = append(subjects, nr)

	f := measure(s.rounds, s.block, subjects...)
	const what = "query hooks, real connection, no query sent"
	return []row{
		beside(what, f[0], f[1], 1.0/18, 1),
		beside(what, f[0], f[2], 1.0/2, 1),
		beside(what, f[0], f[3], nothing, nothing),
		beside(what, f[0], f[4], nothing, nothing),
		beside(what, f[0], f[5], nothing, nothing),
	}, nil
}

// newRelicHooks are nrpgx5's in a transaction, a new one for each block: it
// keeps a number of segments only. The agent is not connected.
func newRelicHooks(ctx context.Context, conn *pgx.Conn) (subject, func(), error) {
	app, err := newrelic.NewApplication(
		newrelic.ConfigAppName("bench"),
		newrelic.ConfigLicense("0000000000000000000000000000000000000000"),
		func(c *newrelic.Config) {
			c.Utilization.DetectAWS, c.Utilization.DetectAzure, c.Utilization.DetectGCP = false, false, false
			c.Utilization.DetectPCF, c.Utilization.DetectDocker, c.Utilization.DetectKubernetes = false, false, false
			c.Transport = unreachable{}
		})
	if err != nil {
		return subject{}, nil, err
	}
	t := nrpgx5.NewTracer()
	return subject{"nrpgx5 in a transaction", func(n int) {
		transaction := app.StartTransaction("orders")
		defer transaction.End()
		hooks(newrelic.NewContext(ctx, transaction), t, conn)(n)
	}}, func() { app.Shutdown(0) }, nil
}
