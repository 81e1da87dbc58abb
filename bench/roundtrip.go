package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/dbmon"
)

const (
	pairs    = 40
	perSlice = 20 // queries
	// student is the quantile of Student's distribution with pairs-1 degrees of
	// freedom that leaves 2.5 % on either side.
	student = 2.0227
	// maxOverhead is in percent of a query's time.
	maxOverhead = 1.5
)

// roundTrips compares "select 1" over a unix socket with and without the
// tracer, in pairs of blocks, and without beside without in the same way: what
// that finds is the machine's, not the tracer's.
func roundTrips(ctx context.Context, s settings, m *dbmon.Monitor, url string) ([]row, error) {
	c, err := overSocket(ctx, url)
	if err != nil {
		return nil, err
	}
	unpin, pinned := pinSelf()
	defer unpin()
	traced := c.Copy()
	traced.Tracer = dbmon.NewTracer(m)
	block := 100 * s.block
	var ab, aa []float64 // logarithms of the ratios
	var plain time.Duration
	for i := range pairs {
		with, without, all, err := pair(ctx, traced, c, block, i%2 == 0)
		if err != nil {
			return nil, err
		}
		pinned = pinned && all
		ab = append(ab, math.Log(float64(with)/float64(without)))
		plain += without / pairs
		one, other, _, err := pair(ctx, c, c, block, i%2 == 0)
		if err != nil {
			return nil, err
		}
		aa = append(aa, math.Log(float64(one)/float64(other)))
	}
	where := "client and server on a core each"
	if !pinned {
		where = "not pinned to cores"
	}
	overhead, half := interval(ab)
	control, controlHalf := interval(aa)
	say := func(what string, mean, half float64) string {
		return fmt.Sprintf("`select 1` over a unix socket (%v, %s), %s: %.2f %% ± %.2f %% in %d pairs of blocks; the upper 95 %% bound",
			plain.Round(100*time.Nanosecond), where, what, mean, half, pairs)
	}
	return []row{
		{what: say("traced beside untraced", overhead, half), unit: "%", ns: overhead + half, nsAtMost: maxOverhead + controlHalf,
			allocs: nothing, peerNS: nothing, peerAllocs: nothing, ratio: nothing, atMost: nothing, allocsMost: nothing},
		{what: say("untraced beside untraced (A/A)", control, controlHalf), unit: "%", ns: control + controlHalf, nsAtMost: nothing,
			allocs: nothing, peerNS: nothing, peerAllocs: nothing, ratio: nothing, atMost: nothing, allocsMost: nothing},
	}, nil
}

// overSocket is how to get to the same server without the network.
func overSocket(ctx context.Context, url string) (*pgx.ConnConfig, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var dirs string
	if err := conn.QueryRow(ctx, "show unix_socket_directories").Scan(&dirs); err != nil {
		return nil, fmt.Errorf("ask for the server's socket: %w", err)
	}
	c := conn.Config().Copy()
	dir, _, _ := strings.Cut(dirs, ",")
	if c.Host = strings.TrimSpace(dir); c.Host == "" {
		return nil, fmt.Errorf("the server has no unix socket")
	}
	c.TLSConfig, c.Fallbacks = nil, nil
	return c, nil
}

// pair is the time of a query in a block each on two fresh connections: that one
// server process is luckier with its memory than another must not look like the
// tracer's cost. The blocks are cut into slices that take turns, and a block's
// time is the lower quartile of its slices: what else the machine does only adds.
func pair(ctx context.Context, a, b *pgx.ConnConfig, block time.Duration, swap bool) (ofA, ofB time.Duration, pinned bool, err error) {
	if swap {
		ofB, ofA, pinned, err = pair(ctx, b, a, block, false)
		return ofA, ofB, pinned, err
	}
	var conns [2]*pgx.Conn
	pinned = true
	for i, c := range []*pgx.ConnConfig{a, b} {
		if conns[i], err = pgx.ConnectConfig(ctx, c); err != nil {
			return 0, 0, false, fmt.Errorf("connect over the socket: %w", err)
		}
		defer func() { _ = conns[i].Close(ctx) }()
		pinned = pinServer(int(conns[i].PgConn().PID())) && pinned
		if _, err := selectOne(ctx, conns[i], 500); err != nil { // caches, also of the statement
			return 0, 0, false, err
		}
	}
	runtime.GC()
	per, err := selectOne(ctx, conns[0], 500)
	if err != nil {
		return 0, 0, false, err
	}
	slices := max(4, int(block/per)/perSlice)
	var times [2][]float64
	for i := range 2 * slices {
		k := (i + i/2) % 2 // 0 1 1 0
		took, err := selectOne(ctx, conns[k], perSlice)
		if err != nil {
			return 0, 0, false, err
		}
		times[k] = append(times[k], float64(took))
	}
	return time.Duration(quantile(times[0], 0.25)), time.Duration(quantile(times[1], 0.25)), pinned, nil
}

// selectOne is the mean time of n queries.
func selectOne(ctx context.Context, conn *pgx.Conn, n int) (time.Duration, error) {
	began := time.Now()
	for range n {
		var one int
		if err := conn.QueryRow(ctx, "select 1").Scan(&one); err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(n), nil
}

// interval is the mean of the ratios and half of its 95 % interval, in percent.
func interval(logs []float64) (mean, half float64) {
	var sum, squares float64
	for _, v := range logs {
		sum += v
	}
	average := sum / float64(len(logs))
	for _, v := range logs {
		squares += (v - average) * (v - average)
	}
	deviation := math.Sqrt(squares / float64(len(logs)-1))
	return 100 * (math.Exp(average) - 1), 100 * student * deviation / math.Sqrt(float64(len(logs)))
}
