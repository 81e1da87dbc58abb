package dbmon

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pair is two pools that are set up alike, one with the tracer and one without:
// what the service sees must be the same.
type pair struct {
	m             *Monitor
	traced, plain *pgxpool.Pool
}

// newPair makes both for url, where configure may change how they connect.
func newPair(t *testing.T, m *Monitor, url string, configure func(*pgxpool.Config)) pair {
	t.Helper()
	pool := func(traced bool) *pgxpool.Pool {
		c, err := pgxpool.ParseConfig(url)
		require.NoError(t, err)
		if configure != nil {
			configure(c)
		}
		if traced {
			c.ConnConfig.Tracer = NewTracer(m)
		}
		p, err := pgxpool.NewWithConfig(context.Background(), c)
		require.NoError(t, err)
		t.Cleanup(p.Close)
		return p
	}
	p := pair{m, pool(true), pool(false)}
	detach, err := m.Attach("paired", p.traced)
	require.NoError(t, err)
	t.Cleanup(detach)
	return p
}

// result is what came of one call: the word for its error, and its rows.
type result struct {
	kind string
	rows int
}

// both runs the same on both pools at once, demands the same of both, and
// returns it.
func (p pair) both(t *testing.T, what string, call func(ctx context.Context, pool *pgxpool.Pool) (int, error)) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	run := func(pool *pgxpool.Pool) result {
		rows, err := call(WithName(ctx, what), pool)
		return result{kindOf(err), rows}
	}
	plain := make(chan result, 1)
	go func() { plain <- run(p.plain) }()
	traced := run(p.traced)
	assert.Equal(t, <-plain, traced, "%s: without and with the tracer", what)
	return traced
}

// kindOf is what a service could tell an error by. A server that goes says so,
// if it comes to it: both are a cut.
func kindOf(err error) string {
	switch kind := errorType(err); {
	case kind == "57", kind == typeConnection, errors.Is(err, net.ErrClosed):
		return "no connection"
	default:
		return kind
	}
}

// underWay counts the queries that are taken for open.
func underWay(m *Monitor) (n int) {
	for _, s := range m.conns.living() {
		if s.query.Load() != nil {
			n++
		}
	}
	return n
}
