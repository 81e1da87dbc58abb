package dbmon

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between a client and the server, can cut connections off in the
// middle of a result, and can keep what the clients send.
type proxy struct {
	url string

	listener net.Listener
	target   string
	running  sync.WaitGroup

	cutAfter atomic.Int64 // bytes of the server that still go through; 0: all

	mu        sync.Mutex
	open      map[net.Conn]bool
	recording bool
	messages  []string // type and body of each
}

func newProxy(t *testing.T, databaseURL string) *proxy {
	t.Helper()
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: l, target: u.Host, open: map[net.Conn]bool{}}
	u.Host = l.Addr().String()
	p.url = u.String()
	p.running.Go(p.accept)
	t.Cleanup(p.stop)
	return p
}

func (p *proxy) stop() {
	_ = p.listener.Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		p.mu.Unlock()
		p.running.Go(func() { p.forward(server, client) })
		p.running.Go(func() { p.back(client, server) })
	}
}

func (p *proxy) end(a, b net.Conn) {
	_, _ = a.Close(), b.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, a)
	delete(p.open, b)
}

// forward passes the client's messages on, of which the first has no type.
func (p *proxy) forward(server, client net.Conn) {
	defer p.end(server, client)
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4]
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		body := make([]byte, max(0, int(binary.BigEndian.Uint32(head[len(head)-4:]))-4))
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		if !first {
			p.mu.Lock()
			if p.recording {
				p.messages = append(p.messages, string(head[:1])+string(body))
			}
			p.mu.Unlock()
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}

var errCut = errors.New("cut")

// back passes what the server sends, until it is cut.
func (p *proxy) back(client, server net.Conn) {
	defer p.end(client, server)
	_, _ = io.Copy(cutter{p, client}, server)
}

type cutter struct {
	p *proxy
	net.Conn
}

func (c cutter) Write(b []byte) (int, error) {
	if c.p.cutAfter.Load() > 0 && c.p.cutAfter.Add(-int64(len(b))) <= 0 {
		_, _ = c.Conn.Write(b[:len(b)/2])
		return 0, errCut
	}
	return c.Conn.Write(b)
}

func (p *proxy) record(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recording = on
}

func (p *proxy) sent() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.messages
}
