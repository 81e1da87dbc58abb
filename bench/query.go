package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

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

// hooks is a loop of a query's two hooks; nothing is sent.
func hooks(ctx context.Context, t pgx.QueryTracer, conn *pgx.Conn) func(int) {
	start := pgx.TraceQueryStartData{SQL: query, Args: []any{7, "open"}}
	return func(n int) {
		for range n {
			t.TraceQueryEnd(t.TraceQueryStart(ctx, conn, start), conn, pgx.TraceQueryEndData{})
		}
	}
}

// newRelicHooks runs in transactions of a hundred queries each: an agent keeps
// what a transaction has done until it ends.
func newRelicHooks(app *newrelic.Application, conn *pgx.Conn) func(int) {
	const queries = 100
	return func(n int) {
		for n > 0 {
			txn := app.StartTransaction("request")
			hooks(newrelic.NewContext(context.Background(), txn), nrpgx5.NewTracer(), conn)(min(n, queries))
			txn.End()
			n -= queries
		}
	}
}

// openTelemetry is otelpgx with a sampler and a meter, and a context with a
// span: it makes one of its own only where there is one already.
func openTelemetry(ctx context.Context, sampler sdktrace.Sampler, meters otelmetric.MeterProvider) (*otelpgx.Tracer, context.Context, func()) {
	p := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
	under, span := p.Tracer("bench").Start(ctx, "request")
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(p), otelpgx.WithMeterProvider(meters)), under, func() {
		span.End()
		_ = p.Shutdown(ctx)
	}
}

// newMonitor is a dbmon that nobody samples.
func newMonitor(ctx context.Context) (*dbmon.Monitor, func(), error) {
	registry, err := metric.NewRegistry(metric.Config{Manual: true})
	if err != nil {
		return nil, nil, err
	}
	m, err := dbmon.New(dbmon.Config{Registry: registry})
	if err != nil {
		return nil, nil, errors.Join(err, registry.Close(ctx))
	}
	return m, func() {
		_ = m.Close(ctx)
		_ = registry.Close(ctx)
	}, nil
}

func queryHooks(ctx context.Context, s settings) ([]row, error) {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return nil, errors.New("needs DATABASE_URL")
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	m, stop, err := newMonitor(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	subjects := []subject{{"ours", hooks(ctx, dbmon.NewTracer(m), conn)}}
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	defer func() { _ = meter.Shutdown(ctx) }()
	for _, peer := range []struct {
		name    string
		sampler sdktrace.Sampler
		meters  otelmetric.MeterProvider
	}{
		{"otelpgx, sampled span", sdktrace.AlwaysSample(), meter},
		{"otelpgx, not sampled", sdktrace.NeverSample(), meter},
		{"otelpgx, sampled span, no meter", sdktrace.AlwaysSample(), metricnoop.NewMeterProvider()},
		{"otelpgx, not sampled, no meter", sdktrace.NeverSample(), metricnoop.NewMeterProvider()},
	} {
		t, under, stop := openTelemetry(ctx, peer.sampler, peer.meters)
		defer stop()
		subjects = append(subjects, subject{peer.name, hooks(under, t, conn)})
	}
	f := measure(s.rounds, s.block, subjects...)
	const what = "query hooks, real connection, no query sent"
	rows := []row{
		beside(what, f[0], f[1], 1.0/18, 1),
		beside(what, f[0], f[2], 1.0/2, 1),
		beside(what, f[0], f[3], nothing, nothing),
		beside(what, f[0], f[4], nothing, nothing),
	}
	app, err := newRelicAgent()
	if err != nil {
		return nil, err
	}
	defer app.Shutdown(time.Second)
	f = measure(s.rounds, s.block, subjects[0], subject{"nrpgx5", newRelicHooks(app, conn)})
	rows = append(rows, beside(what, f[0], f[1], nothing, nothing))
	socket, err := roundTrips(ctx, s, m, url)
	return append(rows, socket...), err
}
