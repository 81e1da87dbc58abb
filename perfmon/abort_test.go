package perfmon_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/perfmon"
)

// A client may leave before its body is sent, after it, or while it reads. The
// handler then fails in whatever way: it is neither good nor bad.
func TestAClientThatLeavesIsOnNeitherSideOverEveryProtocol(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			inside := make(chan struct{}, 1)
			mux := http.NewServeMux()
			mux.HandleFunc("GET /wait", func(w http.ResponseWriter, r *http.Request) {
				inside <- struct{}{}
				<-r.Context().Done()
				w.WriteHeader(http.StatusInternalServerError)
			})
			mux.HandleFunc("POST /wait", func(w http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				inside <- struct{}{}
				<-r.Context().Done()
				w.WriteHeader(http.StatusBadGateway)
			})
			mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
				inside <- struct{}{}
				_, err := io.ReadAll(r.Body)
				assert.Error(t, err)
				w.WriteHeader(http.StatusInternalServerError)
			})
			mux.HandleFunc("GET /download", func(w http.ResponseWriter, _ *http.Request) {
				inside <- struct{}{}
				chunk := make([]byte, 1<<16)
				for {
					if _, err := w.Write(chunk); err != nil {
						panic(http.ErrAbortHandler)
					}
				}
			})
			srv, client := listen(t, protocol, b.Middleware(mux))
			leave := func(method, path string, body io.Reader, length int64) {
				ctx, cancel := context.WithCancel(t.Context())
				if body == nil && method == http.MethodPost {
					body = &stuck{ctx: ctx}
				}
				r, err := http.NewRequestWithContext(ctx, method, srv.URL+path, body)
				require.NoError(t, err)
				r.ContentLength = length
				go func() {
					<-inside
					time.Sleep(5 * time.Millisecond)
					cancel()
				}()
				if res, err := client.Do(r); err == nil {
					_, err = io.Copy(io.Discard, res.Body)
					assert.ErrorIs(t, err, context.Canceled)
					_ = res.Body.Close()
				}
			}
			leave(http.MethodGet, "/wait", nil, 0)
			leave(http.MethodPost, "/wait", strings.NewReader("all of it"), 9)
			leave(http.MethodPost, "/upload", nil, 1000)
			leave(http.MethodPost, "/upload", nil, -1)
			leave(http.MethodGet, "/download", nil, 0)
			b.settle(t, 5)
			assert.Equal(t, map[string]uint64{
				"GET /wait aborted": 1, "POST /wait aborted": 1, "POST /upload aborted": 2, "GET /download aborted": 1,
			}, b.counts())
			assert.Empty(t, b.sums("http.server.time_to_first_byte"))
		})
	}
}

// stuck is a body of which only the beginning comes.
type stuck struct {
	ctx   context.Context
	begun bool
}

func (s *stuck) Read(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		return copy(p, "begin"), nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// A service that gives up is no client that leaves.
func TestTheServicesOwnTimeOutsAreErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		handle func(b *bench) http.Handler
		want   string
	}{
		"a deadline, answered": {func(b *bench) http.Handler {
			return deadline(b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				w.WriteHeader(http.StatusServiceUnavailable)
			})))
		}, "GET  error"},
		"a deadline, no answer": {func(b *bench) http.Handler {
			return deadline(b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })))
		}, "GET  error"},
		"a deadline, in time": {func(b *bench) http.Handler {
			return deadline(b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "here")
				<-r.Context().Done()
			})))
		}, "GET  ok"},
		"a cancellation with a cause": {func(b *bench) http.Handler {
			inner := b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithCancelCause(r.Context())
				cancel(errors.New("overloaded"))
				inner.ServeHTTP(w, r.WithContext(ctx))
			})
		}, "GET  error"},
		"TimeoutHandler inside": {func(b *bench) http.Handler {
			return b.Middleware(http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
				10*time.Millisecond, "too slow"))
		}, "GET  error"},
		"TimeoutHandler outside": {func(b *bench) http.Handler {
			return http.TimeoutHandler(b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })),
				10*time.Millisecond, "too slow")
		}, "GET  error"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			srv, client := listen(t, "HTTP/1.1", tc.handle(b))
			send(t, client, http.MethodGet, srv.URL, nil)
			b.settle(t, 1)
			assert.Equal(t, map[string]uint64{tc.want: 1}, b.counts())
		})
	}
}

func deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Millisecond)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// After its WriteTimeout the server cuts the connection, which looks like a
// client that left.
func TestAnAnswerAfterTheWriteTimeoutIsAnError(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		b := newBench(t, perfmon.Config{})
		srv := httptest.NewUnstartedServer(b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(60 * time.Millisecond)
			_, _ = w.Write(make([]byte, 1<<20))
		})))
		srv.Config.WriteTimeout = 30 * time.Millisecond
		srv.Config.ErrorLog = quiet
		if srv.EnableHTTP2 = encrypted; encrypted {
			srv.StartTLS()
		} else {
			srv.Start()
		}
		res, err := srv.Client().Get(srv.URL)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		require.Error(t, err)
		b.settle(t, 1)
		assert.Equal(t, map[string]uint64{"GET  error": 1}, b.counts(), fmt.Sprint("HTTP/2: ", encrypted))
		srv.Close()
	}
}

func TestABodyPastItsLimitIsTheClientsError(t *testing.T) {
	for _, protocol := range protocols {
		for _, outside := range []bool{false, true} {
			b := newBench(t, perfmon.Config{})
			reads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var tooLarge *http.MaxBytesError
				if _, err := io.ReadAll(r.Body); assert.ErrorAs(t, err, &tooLarge) {
					http.Error(w, "too large", http.StatusRequestEntityTooLarge)
				}
			})
			h := b.Middleware(http.MaxBytesHandler(reads, 10))
			if outside {
				h = http.MaxBytesHandler(b.Middleware(reads), 10)
			}
			srv, client := listen(t, protocol, h)
			for _, body := range []io.Reader{strings.NewReader(strings.Repeat("x", 1000)), io.MultiReader(strings.NewReader(strings.Repeat("x", 1000)))} {
				status, _ := send(t, client, http.MethodPost, srv.URL, body)
				assert.Equal(t, http.StatusRequestEntityTooLarge, status)
			}
			b.settle(t, 2)
			assert.Equal(t, map[string]uint64{"POST  client_error": 2}, b.counts(), "%s, outside: %v", protocol, outside)
		}
	}
}

// HTTP/2 ends the stream of a HEAD with its header, and so its context too.
func TestAHeadThatIsAnsweredIsNoAbort(t *testing.T) {
	for _, protocol := range protocols {
		b := newBench(t, perfmon.Config{})
		srv, client := listen(t, protocol, b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(make([]byte, 1<<16))
			if protocol != "HTTP/1.1" {
				<-r.Context().Done()
			}
		})))
		send(t, client, http.MethodHead, srv.URL, nil)
		b.settle(t, 1)
		assert.Equal(t, map[string]uint64{"HEAD  ok": 1}, b.counts(), protocol)
	}
}

// A connection that is reset cancels the request as its end does.
func TestAnUploadThatIsResetIsOnNeitherSide(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	inside := make(chan struct{})
	srv, _ := listen(t, "HTTP/1.1", b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(inside)
		_, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusBadRequest)
	})))
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
	require.NoError(t, err)
	<-inside
	require.NoError(t, conn.(*net.TCPConn).SetLinger(0))
	require.NoError(t, conn.Close())
	b.settle(t, 1)
	assert.Equal(t, map[string]uint64{"POST  aborted": 1}, b.counts())
}
