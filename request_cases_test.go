package monitoring_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/monitoringtest"
)

// answers are the requests by "METHOD route outcome".
func answers(m *monitoring.Monitor, name string) map[string]uint64 {
	counts := map[string]uint64{}
	m.Perf.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				if p.Hist.Count > 0 {
					counts[strings.Join(p.Values, " ")] += p.Hist.Count
				}
			}
		}
	})
	return counts
}

// Cases 2 and 28: a panic is counted as an error with route and time and nobody
// is in flight after it; before the header it is a 500, after it the connection
// is cut. ErrAbortHandler is no error, and is cut without an answer.
func TestCase2And28APanicIsCountedAndAnAbortIsNot(t *testing.T) {
	for name, encrypted := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			rec := monitoringtest.New(t, monitoring.Config{})
			mux := http.NewServeMux()
			mux.HandleFunc("GET /early/{id}", func(http.ResponseWriter, *http.Request) { panic("boom") })
			mux.HandleFunc("GET /refused/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(1000) })
			mux.HandleFunc("GET /late/{id}", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(make([]byte, 1<<16))
				panic(errors.New("boom"))
			})
			mux.HandleFunc("GET /abort/{id}", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			srv := httptest.NewUnstartedServer(rec.Middleware(mux))
			if srv.EnableHTTP2 = encrypted; encrypted {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()
			get := func(path string) (int, error) {
				res, err := srv.Client().Get(srv.URL + path)
				if err != nil {
					return 0, err
				}
				defer res.Body.Close()
				_, err = io.Copy(io.Discard, res.Body)
				return res.StatusCode, err
			}
			status, err := get("/early/1")
			require.NoError(t, err)
			assert.Equal(t, http.StatusInternalServerError, status)
			status, err = get("/refused/1")
			require.NoError(t, err)
			assert.Equal(t, http.StatusInternalServerError, status, "nothing was answered yet")
			_, err = get("/late/1")
			require.Error(t, err, "half an answer is not taken for a whole one")
			_, err = get("/abort/1")
			require.Error(t, err)
			const durations = "http.server.request.duration"
			assert.Eventually(t, func() bool {
				return assert.ObjectsAreEqual(map[string]uint64{
					"GET /early/{id} error": 1, "GET /refused/{id} error": 1, "GET /late/{id} error": 1, "GET /abort/{id} aborted": 1,
				}, answers(rec.Monitor, durations))
			}, 5*time.Second, time.Millisecond, "%v", answers(rec.Monitor, durations))
			assert.Len(t, rec.Exceptions(), 3)
			rec.Evaluate()
			reading, err := rec.Metrics.Read("in_flight")
			require.NoError(t, err)
			assert.Zero(t, reading[0].Value)
		})
	}
}

// A call made in a request carries its IDs on, is measured by host, and is a
// breadcrumb of what fails after it.
func TestTransportHandsOnAndMeasures(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	var got http.Header
	callee := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer callee.Close()
	client := http.Client{Transport: rec.Transport(nil)}
	defer client.CloseIdleConnections()
	h := rec.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		out, err := http.NewRequestWithContext(r.Context(), http.MethodGet, strings.Replace(callee.URL, "127.0.0.1", "localhost", 1), nil)
		if assert.NoError(t, err) {
			if res, err := client.Do(out); assert.NoError(t, err) {
				_ = res.Body.Close()
			}
		}
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Request-ID", "order-42")
	h.ServeHTTP(httptest.NewRecorder(), r)
	assert.Equal(t, "order-42", got.Get("X-Request-ID"))
	assert.NotEmpty(t, got.Get("traceparent"))
	assert.Equal(t, map[string]uint64{"GET localhost ok ": 1}, answers(rec.Monitor, "http.client.request.duration"))

	var none *monitoring.Monitor
	assert.Equal(t, http.DefaultTransport, none.Transport(nil))
}
