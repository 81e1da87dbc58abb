package dbmon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// plainPool is a pool without any tracer.
func plainPool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// outcomes is what a workload saw, by kind: "ok", an SQLSTATE, or "connection".
type outcomes struct {
	mu sync.Mutex
	by map[string]int
}

func (o *outcomes) add(err error) {
	kind := "ok"
	var server *pgconn.PgError
	switch {
	case errors.As(err, &server):
		kind = server.Code
	case err != nil:
		kind = "connection"
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by == nil {
		o.by = map[string]int{}
	}
	o.by[kind]++
}

// of reports whether there was one of the kind.
func (o *outcomes) of(kind string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.by[kind] > 0
}

// work runs every kind of call once, and returns what they gave.
func work(ctx context.Context, p *pgxpool.Pool, note func(error)) (sum int) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var n int
	note(p.QueryRow(ctx, "select $1::int + 1", 41).Scan(&n))
	sum += n
	note(pgx.BeginFunc(ctx, p, func(tx pgx.Tx) error {
		var in int
		err := tx.QueryRow(ctx, "select count(*) from generate_series(1, $1)", 10).Scan(&in)
		sum += in
		return err
	}))
	b := &pgx.Batch{}
	for i := range 3 {
		b.Queue("select $1::int", i).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	}
	note(p.SendBatch(ctx, b).Close())
	_, err := p.Exec(ctx, "select 1/0")
	note(err)
	rows, err := p.Query(ctx, "select generate_series(1, 100)")
	if err == nil {
		_, err = pgx.CollectRows(rows, pgx.RowTo[int])
	}
	note(err)
	return sum
}

func TestAServerStoppedAndStartedUnderLoadIsTheSameToTheService(t *testing.T) {
	server := pgtest.NewServer(t)
	m := newMonitor(t, Config{})
	pools := map[string]*pgxpool.Pool{"traced": newPool(t, m, server.URL), "plain": plainPool(t, server.URL)}
	seen := map[string]*outcomes{"traced": {}, "plain": {}}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for name, p := range pools {
		for range 3 {
			running.Go(func() {
				for ctx.Err() == nil {
					work(context.Background(), p, seen[name].add)
					time.Sleep(time.Millisecond)
				}
			})
		}
	}
	health := func() Health {
		m.again()
		began := time.Now()
		h, err := m.Health(context.Background())
		require.NoError(t, err)
		assert.Less(t, time.Since(began), checkTimeout+500*time.Millisecond)
		return h
	}
	answered := func(name string) func() bool { return func() bool { return seen[name].of("ok") } }
	require.Eventually(t, answered("traced"), 10*time.Second, 10*time.Millisecond)
	assert.Equal(t, Healthy, only(t, health()).Verdict)

	for range 2 {
		server.Down(t)
		h := only(t, health())
		assert.Equal(t, Critical, h.Verdict)
		assert.Contains(t, fmt.Sprint(h.Reasons), "refused")
		for _, o := range seen { // each meets the outage
			require.Eventually(t, func() bool { return o.of("connection") }, 10*time.Second, 10*time.Millisecond)
		}
		server.Up(t)
		for _, o := range seen {
			o.mu.Lock()
			o.by["ok"], o.by["connection"] = 0, 0
			o.mu.Unlock()
		}
		for name := range pools { // and its end
			require.Eventually(t, answered(name), 20*time.Second, 10*time.Millisecond, name)
		}
		require.Eventually(t, func() bool { return only(t, health()).Verdict == Healthy }, 20*time.Second, 50*time.Millisecond)
	}
	stop()
	running.Wait()
	for kind := range seen["traced"].by {
		assert.Contains(t, []string{"ok", "connection", "22012", "57P01", "57P02", "57P03"}, kind, "what a client sees of a stop")
	}
	assert.True(t, seen["traced"].of("22012") && seen["plain"].of("22012"), "errors of the server come through as they are")
	assert.Empty(t, m.OpenQueries(), "nothing is left open")
	assert.Equal(t, work(context.Background(), pools["plain"], func(error) {}), work(context.Background(), pools["traced"], func(error) {}))
}

// cutter is a proxy that closes a connection in the middle of an answer.
type cutter struct {
	after atomic.Int64 // bytes from the server, then it cuts; 0: never
}

// front returns the URL of a proxy in front of the server.
func (c *cutter) front(t *testing.T, server string) string {
	u, err := url.Parse(server)
	require.NoError(t, err)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var running sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); running.Wait() })
	to := u.Host
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			running.Go(func() { _, _ = io.Copy(upstream, client); _ = upstream.Close() })
			running.Go(func() { c.answer(client, upstream); _ = client.Close() })
		}
	})
	u.Host = l.Addr().String()
	return u.String()
}

func (c *cutter) answer(client io.Writer, server io.Reader) {
	buf := make([]byte, 1024)
	var passed int64
	for {
		n, err := server.Read(buf)
		limit := c.after.Load()
		if limit == 0 {
			passed = 0
		}
		if passed += int64(n); limit > 0 && passed > limit {
			return
		}
		if _, w := client.Write(buf[:n]); w != nil || err != nil {
			return
		}
	}
}

func TestAConnectionCutInTheMiddleOfAResultIsSeenAsWithoutTheTracer(t *testing.T) {
	shared := pgtest.Schema(t)
	m := newMonitor(t, Config{})
	read := func(p *pgxpool.Pool) (int, error) {
		rows, err := p.Query(WithName(context.Background(), "stream"), "select repeat('x', 1000) from generate_series(1, 200)")
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			n++
		}
		return n, rows.Err()
	}
	for name, open := range map[string]func(url string) *pgxpool.Pool{
		"traced": func(url string) *pgxpool.Pool { return newPool(t, m, url) },
		"plain":  func(url string) *pgxpool.Pool { return plainPool(t, url) },
	} {
		var c cutter
		p := open(c.front(t, shared))
		n, err := read(p)
		require.NoError(t, err, name)
		require.Equal(t, 200, n, name)

		c.after.Store(50_000)
		n, err = read(p)
		require.Error(t, err, name)
		assert.True(t, n > 0 && n < 200, "%s: %d rows before the cut", name, n)
		var server *pgconn.PgError
		assert.NotErrorAs(t, err, &server, name)

		c.after.Store(0)
		n, err = read(p)
		require.NoError(t, err, name)
		assert.Equal(t, 200, n, name)
		p.Close()
	}
	assert.Equal(t, uint64(2), counts(m)[[2]string{"stream", ""}])
	assert.Equal(t, uint64(1), counts(m)[[2]string{"stream", typeConnection}])
	assert.Empty(t, m.OpenQueries())
}
