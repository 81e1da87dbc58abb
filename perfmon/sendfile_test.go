package perfmon_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/perfmon"
)

// noting is a connection that notes from what it is told to read: a file means
// sendfile.
type noting struct {
	*net.TCPConn
	files *atomic.Int32
}

func (c noting) ReadFrom(r io.Reader) (int64, error) {
	if limited, ok := r.(*io.LimitedReader); ok {
		r = limited.R
		if _, ok := r.(*os.File); ok {
			c.files.Add(1)
		}
		r = limited
	}
	return c.TCPConn.ReadFrom(r)
}

type notingListener struct {
	net.Listener
	files *atomic.Int32
}

func (l notingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return noting{c.(*net.TCPConn), l.files}, nil
}

func TestAFileStillGoesOutBySendfile(t *testing.T) {
	const size = 1 << 20
	name := filepath.Join(t.TempDir(), "big.bin")
	require.NoError(t, os.WriteFile(name, make([]byte, size), 0o600))
	b := newBench(t, perfmon.Config{})
	srv := httptest.NewUnstartedServer(b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })))
	files := &atomic.Int32{}
	srv.Listener = notingListener{srv.Listener, files}
	srv.Start()
	defer srv.Close()
	_, body := send(t, srv.Client(), http.MethodGet, srv.URL+"/", nil)
	assert.Len(t, body, size)
	assert.EqualValues(t, 1, files.Load())
	b.settle(t, 1)
	assert.EqualValues(t, size, b.sums("http.server.response.body.size")[""])
}
