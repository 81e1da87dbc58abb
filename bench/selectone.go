package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/dbmon"
)

const (
	pairs     = 40
	pairBlock = 150 * time.Millisecond
	student   = 2.023 // two-sided 95 % of Student's t, 39 degrees of freedom
	noticed   = 1.5   // % of a query's time
)

// selectOne is what the hooks add to the shortest query there is, over a unix
// socket: pairs of blocks with and without them, in turns. Whatever the machine
// does falls on both alike; two connections without hooks say how well that
// holds.
func selectOne(ctx context.Context, url string) ([]row, error) {
	m, stop, err := newMonitor(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	open := func(t pgx.QueryTracer) (*pgx.Conn, error) {
		c, err := pgx.ParseConfig(url)
		if err != nil {
			return nil, err
		}
		if socket := os.Getenv("MONITORING_POSTGRES_SOCKET"); socket != "" {
			c.Host = socket
			c.TLSConfig, c.Fallbacks = nil, nil
		}
		c.Tracer = t
		return pgx.ConnectConfig(ctx, c)
	}
	var conns [3]*pgx.Conn
	for i, t := range []pgx.QueryTracer{dbmon.NewTracer(m), nil, nil} {
		if conns[i], err = open(t); err != nil {
			return nil, fmt.Errorf("connect: %w", err)
		}
		defer func() { _ = conns[i].Close(ctx) }()
	}
	pinned, unpin := pin(conns[:])
	defer unpin()
	n := 0
	for began := time.Now(); time.Since(began) < pairBlock; n++ { // how many fit in a block
		if err := ask(ctx, conns[1], 1); err != nil {
			return nil, err
		}
	}
	overhead, err := compare(ctx, n, conns[0], conns[1])
	if err != nil {
		return nil, err
	}
	none, err := compare(ctx, n, conns[2], conns[1])
	if err != nil {
		return nil, err
	}
	where := "one core each for client and server"
	if !pinned {
		where = "not pinned"
	}
	what := fmt.Sprintf("select 1 over a unix socket, %d pairs, %s: upper 95 %% bound of what the hooks add (A/A %+.2f ± %.2f %%)", pairs, where, none.mean, none.half)
	r := alone(what, figures{}, noticed+none.half, nothing)
	r.ns, r.unit, r.allocs = overhead.mean+overhead.half, "%", nothing
	return []row{r}, nil
}

type interval struct{ mean, half float64 } // %

// compare runs pairs of blocks of n queries, first a or first b in turns, and
// returns by how much a takes longer.
func compare(ctx context.Context, n int, a, b *pgx.Conn) (of interval, err error) {
	block := func(c *pgx.Conn) float64 {
		began := time.Now()
		if e := ask(ctx, c, n); e != nil {
			err = e
		}
		return float64(time.Since(began))
	}
	var sum, squares float64
	for i := range pairs {
		runtime.GC()
		var took [2]float64
		if i%2 == 0 {
			took[0], took[1] = block(a), block(b)
		} else {
			took[1], took[0] = block(b), block(a)
		}
		more := 100 * (took[0]/took[1] - 1)
		sum += more
		squares += more * more
	}
	mean := sum / pairs
	deviation := math.Sqrt(math.Max(0, squares-pairs*mean*mean) / (pairs - 1))
	return interval{mean, student * deviation / math.Sqrt(pairs)}, err
}

func ask(ctx context.Context, c *pgx.Conn, n int) error {
	for range n {
		var one int
		if err := c.QueryRow(ctx, "select 1").Scan(&one); err != nil {
			return fmt.Errorf("select 1: %w", err)
		}
	}
	return nil
}
