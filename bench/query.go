package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
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
	otel := func(sampler sdktrace.Sampler) (*otelpgx.Tracer, context.Context, func()) {
		p := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
		// otelpgx makes a span only where there is one already.
		under, span := p.Tracer("bench").Start(ctx, "request")
		return otelpgx.NewTracer(otelpgx.WithTracerProvider(p), otelpgx.WithMeterProvider(metricnoop.NewMeterProvider())), under, func() {
			span.End()
			_ = p.Shutdown(ctx)
		}
	}
	sampled, sampledCtx, stop := otel(sdktrace.AlwaysSample())
	defer stop()
	unsampled, unsampledCtx, stop := otel(sdktrace.NeverSample())
	defer stop()

	f := measure(s.rounds, s.block,
		subject{"ours", hooks(ctx, dbmon.NewTracer(m), conn)},
		subject{"otelpgx, sampled span", hooks(sampledCtx, sampled, conn)},
		subject{"otelpgx, not sampled", hooks(unsampledCtx, unsampled, conn)},
	)
	const what = "query hooks, real connection, no query sent"
	return []row{
		beside(what, f[0], f[1], 1.0/15, 1),
		beside(what, f[0], f[2], nothing, nothing),
	}, nil
}
