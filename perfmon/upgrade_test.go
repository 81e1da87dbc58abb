package perfmon_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/perfmon"
)

// upgrading answers 101 on the connection itself, as WebSocket libraries do,
// and then says back what it hears.
func upgrading(t *testing.T, hijack func(http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := hijack(w)
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		if line, err := rw.ReadString('\n'); err == nil {
			_, _ = rw.WriteString(line)
			_ = rw.Flush()
		}
	}
}

func byType(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
	return w.(http.Hijacker).Hijack()
}

func byController(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w).Hijack()
}

// upgrade talks to one that upgrades.
func upgrade(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	require.NoError(t, err)
	in := bufio.NewReader(conn)
	res, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
	_, err = io.WriteString(conn, "hello\n")
	require.NoError(t, err)
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello\n", line)
}

// opaque hides what the writer inside can do, but for Unwrap.
type opaque struct{ http.ResponseWriter }

func (o opaque) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func TestAnUpgradeIsAStream(t *testing.T) {
	hide := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(opaque{w}, r) })
	}
	for name, wrap := range map[string]func(*bench) http.Handler{
		"by type":       func(b *bench) http.Handler { return b.Middleware(upgrading(t, byType)) },
		"by controller": func(b *bench) http.Handler { return b.Middleware(upgrading(t, byController)) },
		"by controller, behind another's wrapper": func(b *bench) http.Handler { return b.Middleware(hide(upgrading(t, byController))) },
		"by controller, inside another's wrapper": func(b *bench) http.Handler { return hide(b.Middleware(upgrading(t, byController))) },
		"through a proxy": func(b *bench) http.Handler {
			srv, _ := listen(t, "HTTP/1.1", upgrading(t, byType))
			target, err := url.Parse(srv.URL)
			require.NoError(t, err)
			return b.Middleware(httputil.NewSingleHostReverseProxy(target))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			srv, _ := listen(t, "HTTP/1.1", wrap(b))
			upgrade(t, srv.Listener.Addr().String())
			b.settle(t, 1)
			assert.Empty(t, b.counts())
			assert.Equal(t, map[string]uint64{"": 1}, b.histograms("http.server.stream.duration"))
			b.sample()
			assert.Zero(t, b.read(t, "in_flight").Value)
		})
	}
}

func TestAnUpgradeThatIsRefusedIsARequest(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	srv, client := listen(t, "HTTP/1.1", b.Middleware(http.NotFoundHandler()))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	res, err := client.Do(r)
	require.NoError(t, err)
	_ = res.Body.Close()
	b.settle(t, 1)
	assert.Equal(t, map[string]uint64{"GET  client_error": 1}, b.counts())
}

func TestAProxyPassesEarlyHintsAndTheFinalStatus(t *testing.T) {
	backend, _ := listen(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusNotFound)
	}))
	target, err := url.Parse(backend.URL)
	require.NoError(t, err)
	for _, protocol := range protocols {
		b := newBench(t, perfmon.Config{})
		srv, client := listen(t, protocol, b.Middleware(httputil.NewSingleHostReverseProxy(target)))
		status, _ := send(t, client, http.MethodGet, srv.URL, nil)
		assert.Equal(t, http.StatusNotFound, status)
		b.settle(t, 1)
		assert.Equal(t, map[string]uint64{"GET  client_error": 1}, b.counts(), protocol)
	}
}
