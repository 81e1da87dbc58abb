package perfmon_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// protocols are the ways in which net/http speaks.
var protocols = []string{"HTTP/1.1", "HTTP/2 over TLS", "HTTP/2 in clear"}

// listen serves h; the client speaks the protocol only.
func listen(t *testing.T, protocol string, h http.Handler) (*httptest.Server, *http.Client) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = quiet
	switch protocol {
	case "HTTP/1.1":
		srv.Start()
	case "HTTP/2 over TLS":
		srv.EnableHTTP2 = true
		srv.StartTLS()
	default:
		srv.Config.Protocols = new(http.Protocols)
		srv.Config.Protocols.SetUnencryptedHTTP2(true)
		srv.Start()
		transport := srv.Client().Transport.(*http.Transport)
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	t.Cleanup(srv.Close)
	return srv, srv.Client()
}

// sums are the sums of a metric's series.
func (b *bench) sums(name string) map[string]float64 {
	sums := map[string]float64{}
	b.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				if p.Hist.Count > 0 {
					sums[strings.Join(p.Values, " ")] += p.Hist.Sum
				}
			}
		}
	})
	return sums
}

// settle waits until n requests are counted, streams too: a handler ends a
// little after its client has the answer.
func (b *bench) settle(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		total, sized, unsized := 0, 0, 0
		for key, count := range b.histograms("http.server.request.duration") {
			total += int(count)
			if strings.HasSuffix(key, " aborted") {
				unsized += int(count)
			}
		}
		for _, count := range b.histograms("http.server.stream.duration") {
			total += int(count)
			unsized += int(count)
		}
		for _, count := range b.histograms("http.server.response.body.size") { // is noted last
			sized += int(count)
		}
		return total >= n && total == sized+unsized
	}, 5*time.Second, time.Millisecond)
}

func send(t *testing.T, client *http.Client, method, target string, body io.Reader) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, body)
	require.NoError(t, err)
	res, err := client.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func TestSizesAreWhatWentOverTheWire(t *testing.T) {
	text := strings.Repeat("x", 5000)
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			mux := http.NewServeMux()
			echo := func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body) // all: HTTP/1.1 takes no more once the answer has begun
				assert.NoError(t, err)
				_, _ = io.Copy(w, strings.NewReader(string(body)))
			}
			mux.HandleFunc("/echo/known", echo)
			mux.HandleFunc("/echo/chunked", echo)
			mux.HandleFunc("/ignored", func(http.ResponseWriter, *http.Request) {})
			mux.HandleFunc("/string", func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				_, _ = io.WriteString(w, text)
				_, _ = w.Write([]byte("12345"))
				if r.Method == http.MethodGet {
					assert.NoError(t, http.NewResponseController(w).Flush())
				}
			})
			mux.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNoContent)
				_, err := io.WriteString(w, "refused by the server")
				assert.ErrorIs(t, err, http.ErrBodyNotAllowed)
			})
			srv, client := listen(t, protocol, b.Middleware(mux))
			_, got := send(t, client, http.MethodPost, srv.URL+"/echo/known", strings.NewReader(text))
			assert.Equal(t, text, got)
			_, got = send(t, client, http.MethodPost, srv.URL+"/echo/chunked", io.MultiReader(strings.NewReader(text)))
			assert.Equal(t, text, got)
			send(t, client, http.MethodPost, srv.URL+"/ignored", strings.NewReader(text))
			send(t, client, http.MethodHead, srv.URL+"/string", nil)
			send(t, client, http.MethodGet, srv.URL+"/string", nil)
			send(t, client, http.MethodGet, srv.URL+"/none", nil)
			b.settle(t, 6)
			assert.Equal(t, map[string]float64{
				"/echo/known": 5000, "/echo/chunked": 5000, "/ignored": 5000, "/string": 0, "/none": 0,
			}, b.sums("http.server.request.body.size"))
			assert.Equal(t, map[string]float64{
				"/echo/known": 5000, "/echo/chunked": 5000, "/ignored": 0, "/string": 5005, "/none": 0,
			}, b.sums("http.server.response.body.size"))
			assert.EqualValues(t, 2, b.histograms("http.server.time_to_first_byte")["/string"])
		})
	}
}

func TestTheTimeToTheFirstByteIsNotThatToTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, perfmon.Config{})
		mux := http.NewServeMux()
		for name, begin := range map[string]func(w http.ResponseWriter){
			"header": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
			"write":  func(w http.ResponseWriter) { _, _ = w.Write([]byte("x")) },
			"flush":  func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
			"early":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints) }, // is no answer
			"none":   func(http.ResponseWriter) {},
		} {
			mux.HandleFunc("/"+name, func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(30 * time.Millisecond)
				begin(w)
				time.Sleep(50 * time.Millisecond)
				_, _ = io.WriteString(w, "end")
			})
		}
		mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { time.Sleep(80 * time.Millisecond) })
		for _, path := range []string{"/header", "/write", "/flush", "/early", "/none", "/silent"} {
			serve(b.Middleware(mux), http.MethodGet, path)
		}
		sums := b.sums("http.server.time_to_first_byte")
		for path, want := range map[string]float64{"/header": .03, "/write": .03, "/flush": .03, "/early": .08, "/none": .08, "/silent": .08} {
			assert.InDelta(t, want, sums[path], 1e-6, path)
		}
	})
}

func TestStreamsAreApartOverEveryProtocol(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			mux := http.NewServeMux()
			stream := func(kind string) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", kind)
					_, _ = io.WriteString(w, "data: 1\n\n")
					assert.NoError(t, http.NewResponseController(w).Flush())
					<-r.Context().Done() // also a stream that its client leaves is a stream
				}
			}
			mux.HandleFunc("/events", stream("text/event-stream; charset=utf-8"))
			mux.HandleFunc("/camera", stream("multipart/x-mixed-replace; boundary=f"))
			mux.HandleFunc("/poll", func(w http.ResponseWriter, r *http.Request) {
				perfmon.SetStream(r.Context())
				stream("application/json")(w, r)
			})
			srv, client := listen(t, protocol, b.Middleware(mux))
			for _, path := range []string{"/events", "/camera", "/poll"} {
				ctx, cancel := context.WithCancel(t.Context())
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+path, nil)
				require.NoError(t, err)
				res, err := client.Do(r)
				require.NoError(t, err)
				line, err := bufio.NewReader(res.Body).ReadString('\n')
				require.NoError(t, err)
				assert.Equal(t, "data: 1\n", line, "a flush comes through")
				cancel()
				_ = res.Body.Close()
			}
			b.settle(t, 3)
			assert.Empty(t, b.counts())
			streams := b.histograms("http.server.stream.duration")
			assert.Equal(t, map[string]uint64{"/events": 1, "/camera": 1, "/poll": 1}, streams)
			assert.Empty(t, b.sums("http.server.time_to_first_byte"))
		})
	}
}

func TestAControllerReachesTheServer(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			srv, client := listen(t, protocol, b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c := http.NewResponseController(w)
				assert.NoError(t, c.EnableFullDuplex())
				assert.NoError(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
				assert.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Minute)))
				assert.NoError(t, c.Flush())
				_, reads := w.(io.ReaderFrom)
				assert.Equal(t, protocol == "HTTP/1.1", reads)
				_, hijacks := w.(http.Hijacker)
				assert.Equal(t, protocol == "HTTP/1.1", hijacks)
				inner := w.(interface{ Unwrap() http.ResponseWriter }).Unwrap()
				_, pushes := inner.(http.Pusher)
				assert.Equal(t, protocol != "HTTP/1.1", pushes, "through Unwrap")
				one := make([]byte, 1)
				for range 3 { // full duplex: an answer to each byte before the next is read
					if _, err := io.ReadFull(r.Body, one); assert.NoError(t, err) {
						_, _ = w.Write(one)
						assert.NoError(t, c.Flush())
					}
				}
				assert.NoError(t, c.SetReadDeadline(time.Now().Add(-time.Second)))
				_, err := io.ReadAll(r.Body)
				assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
			})))
			in, out := io.Pipe()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, in)
			require.NoError(t, err)
			res, err := client.Do(r)
			require.NoError(t, err)
			answer := bufio.NewReader(res.Body)
			for _, c := range []byte("abc") {
				_, err := out.Write([]byte{c})
				require.NoError(t, err)
				got, err := answer.ReadByte()
				require.NoError(t, err)
				assert.Equal(t, c, got)
			}
			b.settle(t, 1)
			_ = out.Close()
			_ = res.Body.Close()
		})
	}
}

func TestACodeThatTheServerRefusesIsNoAnswer(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	for _, code := range []int{0, 99, 1000} {
		srv, client := listen(t, "HTTP/1.1", b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			defer func() {
				assert.NotNil(t, recover(), "the server panics")
				w.WriteHeader(http.StatusInternalServerError)
			}()
			w.WriteHeader(code)
		})))
		status, _ := send(t, client, http.MethodGet, srv.URL, nil)
		assert.Equal(t, http.StatusInternalServerError, status, fmt.Sprint(code))
	}
	b.settle(t, 3)
	assert.Equal(t, map[string]uint64{"GET  error": 3}, b.counts())
}
