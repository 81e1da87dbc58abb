package dbmon

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
)

// newMonitor is a Monitor with a registry that the test samples.
func newMonitor(t testing.TB, c Config) *Monitor {
	t.Helper()
	if c.Registry == nil {
		r, err := metric.NewRegistry(metric.Config{Manual: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, r.Close(context.Background())) })
		c.Registry = r
	}
	m, err := New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close(context.Background())) })
	return m
}

// counts are the queries counted, by name and error.type.
func counts(m *Monitor) map[[2]string]uint64 {
	all := map[[2]string]uint64{}
	m.Produce(func(f metric.Family) {
		if f.Name != operationDuration {
			return
		}
		for _, p := range f.Points {
			if p.Hist.Count > 0 {
				all[[2]string{p.Values[0], p.Values[1]}] += p.Hist.Count
			}
		}
	})
	return all
}

func observed(m *Monitor, name string, values ...string) (n uint64) {
	m.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			if f.Name == name && len(values) <= len(p.Values) && p.Hist != nil {
				same := true
				for i, v := range values {
					same = same && p.Values[i] == v
				}
				if same {
					n += p.Hist.Count
				}
			}
		}
	})
	return n
}

// run is one query through the hooks, without a connection.
func run(ctx context.Context, tr *Tracer, sql string, err error) {
	ctx = tr.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: sql})
	tr.TraceQueryEnd(ctx, nil, pgx.TraceQueryEndData{Err: err})
}

// inRequest is a context with a request scope.
func inRequest(id string) (context.Context, *reqctx.Request) {
	ctx := reqctx.WithCorrelationID(context.Background(), id)
	return ctx, reqctx.From(ctx).Request
}

func newPool(t testing.TB, m *Monitor, url string) *pgxpool.Pool {
	t.Helper()
	p, err := m.NewPool(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// fingerprint is the name that a text without one gets.
func fingerprint(text string) string { return normalise(text).name() }
