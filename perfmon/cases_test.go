package perfmon_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// counting is a writer that counts the headers it is told to write.
type counting struct {
	http.ResponseWriter
	codes []int
}

func (c *counting) WriteHeader(code int) { c.codes = append(c.codes, code) }

// Case 30: n calls of WriteHeader in, n out; the first final status counts,
// in nested middlewares too.
func TestCase30HeadersAreWrittenAsOftenAsTheHandlerDoes(t *testing.T) {
	for name, tc := range map[string]struct {
		codes   []int
		body    string
		want    []int
		outcome string
	}{
		"none":     {nil, "", nil, "ok"},
		"implied":  {nil, "x", nil, "ok"},
		"one":      {[]int{404}, "x", []int{404}, "client_error"},
		"two":      {[]int{200, 500}, "", []int{200, 500}, "ok"},
		"early":    {[]int{103, 103, 503}, "x", []int{103, 103, 503}, "error"},
		"too late": {[]int{500, 200}, "x", []int{500, 200}, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, perfmon.Config{})
			w := &counting{ResponseWriter: httptest.NewRecorder()}
			h := b.Middleware(b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for _, code := range tc.codes {
					w.WriteHeader(code)
				}
				_, _ = io.WriteString(w, tc.body)
			})))
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			assert.Equal(t, tc.want, w.codes)
			assert.Equal(t, map[string]uint64{"GET  " + tc.outcome: 1}, b.counts())
		})
	}
}

// Cases 32 and 34: neither path, host, address nor header of a request becomes
// an attribute, also where the route was lost on the way.
func TestCase32And34NothingOfARequestIsAnAttribute(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /named/{id}", func(_ http.ResponseWriter, r *http.Request) { perfmon.SetRoute(r.Context(), r.Pattern) })
	h := b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(r.Context())) // another's middleware, behind which the pattern is lost
	}))
	for _, path := range []string{"/orders/secret-1", "/named/secret-2", "/nowhere/secret-3?q=secret-4"} {
		r := httptest.NewRequest("BREW", "http://secret-host.example:8443"+path, nil)
		r.Method = http.MethodGet
		if strings.HasPrefix(path, "/nowhere") {
			r.Method = "BREW-secret"
		}
		r.RemoteAddr = "203.0.113.77:50123"
		r.Header.Set("User-Agent", "secret-agent/1.0")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	assert.Equal(t, map[string]uint64{"GET  ok": 1, "GET /named/{id} ok": 1, "_OTHER  client_error": 1}, b.counts())
	b.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			for _, forbidden := range []string{"secret", "203.0.113.77", "50123", "8443"} {
				assert.NotContains(t, strings.Join(p.Values, " "), forbidden, f.Name)
			}
		}
	})
}

// Case 38: a beacon is CORS-simple, so that the last one needs no preflight.
func TestCase38ABeaconIsPlainText(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	for _, kind := range []string{"text/plain;charset=UTF-8", "application/json", ""} {
		r := httptest.NewRequest(http.MethodPost, "/beacon", strings.NewReader(goodBeacon))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		b.Beacon().ServeHTTP(w, r)
		assert.Equal(t, http.StatusNoContent, w.Code, kind)
	}
}

// Behind http.TimeoutHandler the handler ends while the time-out is answered.
func TestATimeOutIsAnErrorAndNoRace(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	outer := newBench(t, perfmon.Config{})
	end := make(chan struct{})
	ended := make(chan struct{})
	slow := b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-end
		w.WriteHeader(http.StatusOK)
	}))
	h := outer.Middleware(http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		slow.ServeHTTP(w, r)
	}), time.Millisecond, "too slow"))
	w := httptest.NewRecorder()
	h.ServeHTTP(telling{w, func() { close(end) }}, httptest.NewRequest(http.MethodGet, "/", nil))
	<-ended
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, map[string]uint64{"GET  error": 1}, outer.counts())
}

// telling calls f when the header is written.
type telling struct {
	http.ResponseWriter
	f func()
}

func (w telling) WriteHeader(code int) {
	w.f()
	w.ResponseWriter.WriteHeader(code)
}
