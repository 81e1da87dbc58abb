package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipes is a listener whose connections live in memory, so that their
// deadlines follow the clock of synctest.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return local{c}, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

type local struct{ net.Conn }

func (local) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711} }

// serve runs d on in-memory connections.
func serve(d http.Handler) (l *pipes, stop func()) {
	l = newPipes()
	s := &http.Server{Handler: d}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Serve(l) }()
	return l, func() { _ = s.Close(); <-ended }
}

type event struct {
	id, kind string
	state    struct {
		Full   bool `json:"full"`
		Panels []struct {
			ID string `json:"id"`
		} `json:"panels"`
	}
}

func follow(t *testing.T, l *pipes, query, lastID string) (next func() (event, error), stop func()) {
	t.Helper()
	c := l.dial()
	_, err := fmt.Fprintf(c, "GET /monitoring/events?%s HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: %s\r\n\r\n", query, lastID)
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return func() (event, error) {
		var e event
		for lines.Scan() {
			name, rest, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = rest
			case "event":
				e.kind = rest
			case "data":
				if err := json.Unmarshal([]byte(rest), &e.state); err != nil {
					return e, err
				}
			case "":
				if e.kind == "page" {
					return e, nil
				}
				e = event{}
			}
		}
		if err := lines.Err(); err != nil {
			return e, err
		}
		return e, io.EOF
	}, func() { _ = c.Close() }
}

// two are a panel that counts its readings and one that never changes.
func two(b *bell, asked *atomic.Int64) Config {
	return Config{Changed: b.changed, Panels: []Panel{
		{ID: "moving", Title: "m", Page: Operations, Data: func(context.Context, time.Time, time.Time) (any, error) {
			return Number{Value: float64(asked.Add(1))}, nil
		}},
		number("still", Operations, Number{Value: 7}),
	}}
}

func ids(e event) (out []string) {
	for _, p := range e.state.Panels {
		out = append(out, p.ID)
	}
	return out
}

func TestAStreamSendsAllThenWhatChangedAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell
		var asked atomic.Int64
		d, err := New(two(&b, &asked))
		require.NoError(t, err)
		l, stop := serve(d)
		next, leave := follow(t, l, "page=operations", "")
		first, err := next()
		require.NoError(t, err)
		assert.True(t, first.state.Full)
		assert.Equal(t, []string{"moving", "still"}, ids(first))
		b.f(time.Now())
		second, err := next()
		require.NoError(t, err)
		assert.False(t, second.state.Full)
		assert.Equal(t, []string{"moving"}, ids(second), "only what changed")
		leave()
		b.f(time.Now())
		synctest.Wait()

		next, leave = follow(t, l, "page=operations", first.id)
		e, err := next()
		require.NoError(t, err)
		assert.False(t, e.state.Full, "resumed")
		assert.Equal(t, []string{"moving"}, ids(e))
		leave()
		for _, id := range []string{"", "garbage", "1-2-3", d.epoch + "--24h-999999", d.epoch + "--24h--1", d.epoch + "-today-1"} {
			next, leave = follow(t, l, "page=operations", id)
			e, err = next()
			require.NoError(t, err)
			assert.True(t, e.state.Full, "%q resumes nothing", id)
			leave()
		}
		require.NoError(t, d.Close(t.Context()))
		stop()
	})
}

// Case 86: a slow client costs its own connection only.
func TestASlowClientIsDroppedAndNobodyElseNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell
		var asked atomic.Int64
		d, err := New(two(&b, &asked))
		require.NoError(t, err)
		l, stop := serve(d)
		next, leave := follow(t, l, "page=operations", "")
		_, err = next()
		require.NoError(t, err)

		slow := l.dial() // asks, and never reads
		_, err = io.WriteString(slow, "GET /monitoring/events?page=operations HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		synctest.Wait()
		board := d.boards.get(key{Operations, usual[Operations]})
		viewers := func() int {
			board.mu.Lock()
			defer board.mu.Unlock()
			return board.viewers
		}
		require.Equal(t, 2, viewers())
		for range 9 {
			time.Sleep(time.Second)
			began := time.Now()
			b.f(began)
			_, err = next()
			require.NoError(t, err)
			assert.Zero(t, time.Since(began), "the other is served at once")
		}
		assert.Equal(t, 2, viewers(), "nine seconds are no reason")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, 1, viewers(), "dropped after 10 s without a write")
		leave()
		_ = slow.Close()
		require.NoError(t, d.Close(t.Context()))
		stop()
	})
}

func TestCloseEndsStreamsAtOnceAlsoBlockedOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell
		var asked atomic.Int64
		d, err := New(two(&b, &asked))
		require.NoError(t, err)
		l, stop := serve(d)
		next, leave := follow(t, l, "page=operations", "")
		_, err = next()
		require.NoError(t, err)
		blocked := l.dial()
		_, err = io.WriteString(blocked, "GET /monitoring/events?page=operations HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		synctest.Wait()
		began := time.Now()
		require.NoError(t, d.Close(t.Context()))
		require.NoError(t, d.Close(t.Context()), "twice")
		_, err = next()
		require.Error(t, err)
		synctest.Wait()
		assert.Zero(t, time.Since(began))
		assert.Zero(t, d.boards.get(key{Operations, usual[Operations]}).viewers)
		leave()
		_ = blocked.Close()
		stop()
		assert.Equal(t, 503, ask(d, "GET", "/monitoring/events?page=operations").Code)
	})
}

func TestPanelsAreReadOnceForAllViewersAndOnlyWhileSomebodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell
		var asked atomic.Int64
		d, err := New(two(&b, &asked))
		require.NoError(t, err)
		for range 5 {
			b.f(time.Now())
			synctest.Wait()
		}
		assert.Zero(t, asked.Load(), "nobody looks")
		l, stop := serve(d)
		var leave []func()
		var next []func() (event, error)
		for range 5 {
			n, off := follow(t, l, "page=operations", "")
			_, err := n()
			require.NoError(t, err)
			next, leave = append(next, n), append(leave, off)
		}
		assert.EqualValues(t, 1, asked.Load())
		b.f(time.Now())
		for _, n := range next {
			_, err := n()
			require.NoError(t, err)
		}
		assert.EqualValues(t, 2, asked.Load())
		for _, off := range leave {
			off()
		}
		require.NoError(t, d.Close(t.Context()))
		stop()
	})
}
