package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spotlight is a receiver of Sentry's protocol by Sentry's own people, behind a
// gate that can be shut.
type spotlight struct {
	t    *testing.T
	port int
	gate *gate

	mu   sync.Mutex
	got  []string       // event IDs, as they came
	seen map[string]int // how often
}

// startSpotlight runs one until t ends.
func startSpotlight(t *testing.T) *spotlight {
	t.Helper()
	if _, err := os.Stat("sentry/node_modules"); err != nil {
		t.Skip("needs Spotlight: run make test, or npm ci in e2e/sentry")
	}
	s := &spotlight{t: t, port: freePort(t), seen: map[string]int{}}
	cmd := exec.Command("node", "receiver.mjs", fmt.Sprint(s.port))
	cmd.Dir = "sentry"
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("Spotlight's log:\n%s", log.String())
		}
	})
	require.Eventually(t, func() bool {
		res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/health", s.port))
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	}, 30*time.Second, 100*time.Millisecond, "Spotlight did not start")
	s.follow()
	s.gate = newGate(t, fmt.Sprintf("127.0.0.1:%d", s.port))
	return s
}

func (s *spotlight) dsn() string { return fmt.Sprintf("http://key@%s/1", s.gate.address) }

// follow reads the stream of what arrives.
func (s *spotlight) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/stream", s.port), nil)
	require.NoError(s.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewReaderSize(res.Body, 1<<20)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				s.take(data)
			}
		}
	}()
	s.t.Cleanup(func() {
		cancel()
		<-done
		_ = res.Body.Close()
	})
}

// take reads one envelope: its header, and items of a header and a payload.
func (s *spotlight) take(data string) {
	var envelope []json.RawMessage
	var items [][2]json.RawMessage
	if json.Unmarshal([]byte(data), &envelope) != nil || len(envelope) != 2 || json.Unmarshal(envelope[1], &items) != nil {
		s.t.Errorf("the stream has %.200q", data)
		return
	}
	for _, item := range items {
		var header struct {
			Type string `json:"type"`
		}
		var event struct {
			ID string `json:"event_id"`
		}
		if json.Unmarshal(item[0], &header) != nil || header.Type != "event" {
			continue
		}
		if json.Unmarshal(item[1], &event) != nil || event.ID == "" {
			s.t.Errorf("an event without an ID: %.200s", item[1])
			continue
		}
		s.mu.Lock()
		s.got = append(s.got, event.ID)
		s.seen[event.ID]++
		s.mu.Unlock()
	}
}

// missing gives those of ids that have not arrived.
func (s *spotlight) missing(ids []string) (lost []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.seen[id] == 0 {
			lost = append(lost, id)
		}
	}
	return lost
}

// inOrder gives the IDs among those given, as they first came.
func (s *spotlight) inOrder(ids []string) (got []string) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.got {
		if wanted[id] {
			got = append(got, id)
			delete(wanted, id)
		}
	}
	return got
}

// arrived counts what came, and how much of it came again.
func (s *spotlight) arrived() (events, again int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen), len(s.got) - len(s.seen)
}

// gate passes connections on while it is open; else nobody listens.
type gate struct {
	t       *testing.T
	address string
	to      string

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	wait     sync.WaitGroup
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	g := &gate{t: t, to: to, address: fmt.Sprintf("127.0.0.1:%d", freePort(t)), conns: map[net.Conn]bool{}}
	t.Cleanup(g.shut)
	return g
}

func (g *gate) open() {
	g.t.Helper()
	l, err := net.Listen("tcp", g.address)
	require.NoError(g.t, err)
	g.mu.Lock()
	g.listener = l
	g.mu.Unlock()
	g.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			g.wait.Go(func() { g.pass(c) })
		}
	})
}

func (g *gate) pass(c net.Conn) {
	defer c.Close()
	to, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer to.Close()
	g.mu.Lock()
	g.conns[c], g.conns[to] = true, true
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		delete(g.conns, c)
		delete(g.conns, to)
		g.mu.Unlock()
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(to, c)
		_ = to.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(c, to)
	_ = c.Close()
	<-done
}

// shut ends what passes, too.
func (g *gate) shut() {
	g.mu.Lock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
	for c := range g.conns {
		_ = c.Close()
	}
	g.mu.Unlock()
	g.wait.Wait()
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
