package perfmon_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/perfmon"
)

const goodBeacon = `{"v":1,"route":"/orders/{id}","device":"mobile","connection":"4g","navigation":"navigate","load":1500,
	"vitals":[{"id":"v6-1","name":"LCP","value":1234.5,"target":"#hero"},{"id":"v6-2","name":"CLS","value":0.05}],"marks":[{"name":"checkout","value":120}]}`

func post(h http.Handler, body string, change ...func(*http.Request)) int {
	r := httptest.NewRequest(http.MethodPost, "http://shop.example/monitoring/beacon", strings.NewReader(body))
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func origin(o string) func(*http.Request) { return func(r *http.Request) { r.Header.Set("Origin", o) } }

func TestABeaconIsTakenOrRefusedForAReason(t *testing.T) {
	for name, tc := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"good":                {goodBeacon, func(*http.Request) {}, 204},
		"same origin":         {goodBeacon, origin("http://shop.example"), 204},
		"another origin":      {goodBeacon, origin("https://evil.example"), 403},
		"no origin at all":    {goodBeacon, origin("null"), 403},
		"no JSON":             {"{not json", func(*http.Request) {}, 400},
		"empty":               {"", func(*http.Request) {}, 400},
		"another version":     {`{"v":2}`, func(*http.Request) {}, 400},
		"wrong shape":         {`{"v":1,"vitals":{"name":1}}`, func(*http.Request) {}, 400},
		"negative vital":      {`{"v":1,"vitals":[{"name":"LCP","value":-1}]}`, func(*http.Request) {}, 400},
		"not a number":        {`{"v":1,"vitals":[{"name":"LCP","value":NaN}]}`, func(*http.Request) {}, 400},
		"infinite":            {`{"v":1,"vitals":[{"name":"LCP","value":1e999}]}`, func(*http.Request) {}, 400},
		"a mark that injects": {`{"v":1,"marks":[{"name":"a\nb{}","value":1}]}`, func(*http.Request) {}, 400},
		"exactly 64 KiB":      {goodBeacon + strings.Repeat(" ", 64<<10-len(goodBeacon)), func(*http.Request) {}, 204},
		"one byte more":       {goodBeacon + strings.Repeat(" ", 64<<10-len(goodBeacon)+1), func(*http.Request) {}, 413},
		"no POST":             {goodBeacon, func(r *http.Request) { r.Method = http.MethodGet }, 405},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, post(newBench(t, perfmon.Config{}).Beacon(), tc.body, tc.change))
		})
	}
}

func TestOriginsReplaceTheOwnOne(t *testing.T) {
	h := newBench(t, perfmon.Config{Origins: []string{"https://www.shop.example"}}).Beacon()
	assert.Equal(t, 204, post(h, goodBeacon, origin("https://www.shop.example")))
	assert.Equal(t, 403, post(h, goodBeacon, origin("https://www.shop.example.evil.example")))
}

func TestAFloodOfBeaconsIsLimitedBySender(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	h, refused := b.Beacon(), 0
	for range 1000 {
		if post(h, goodBeacon) == http.StatusTooManyRequests {
			refused++
		}
	}
	assert.Equal(t, 700, refused)
	assert.Equal(t, 204, post(h, goodBeacon, func(r *http.Request) { r.RemoteAddr = "203.0.113.77:1" }), "another sender is heard")
	b.now = b.now.Add(time.Second)
	assert.Equal(t, 204, post(h, goodBeacon), "and so is the first, after a while")
}

func TestVitalsAndScoreComeFromBeacons(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	assert.True(t, math.IsNaN(b.UXScore()), "no data is no score")
	assert.True(t, math.IsNaN(b.Metrics().LCP.P75))
	h := b.Beacon()
	for range 100 {
		require.Equal(t, 204, post(h, `{"v":1,"device":"desktop","load":1500,"vitals":[
			{"name":"LCP","value":1800},{"name":"FCP","value":1200},{"name":"INP","value":320},{"name":"CLS","value":0.15},{"name":"TTFB","value":300}]}`))
	}
	b.sample()
	got := b.Metrics()
	assert.InEpsilon(t, 1800, got.LCP.P75, 0.006)
	assert.InEpsilon(t, 0.15, got.CLS.P75, 0.006)
	assert.EqualValues(t, 100, got.LCP.Samples)
	assert.InDelta(t, 100, got.LCP.Good, 1e-9)
	assert.InDelta(t, 100, got.INP.NeedsImprovement, 1e-9)
	assert.InDelta(t, 0, got.INP.Poor, 1e-9)
	assert.InDelta(t, 72.64, got.UXScore, 1.0)
	assert.InEpsilon(t, 1500, b.read(t, "page_load").Value, 0.006)
}

func TestAFirstInputStandsInForAnInteraction(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	for range 10 {
		post(b.Beacon(), `{"v":1,"device":"mobile","vitals":[{"name":"FID","value":100}]}`)
	}
	b.sample()
	assert.InDelta(t, 90, b.UXScore(), 1)
}

// Case 36: an hour-long LCP is dropped; the script leaves hidden pages out.
func TestAPageThatSleptIsNotBelieved(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	assert.Equal(t, 204, post(b.Beacon(), `{"v":1,"load":3600000,"vitals":[{"name":"LCP","value":3600000}]}`))
	b.sample()
	assert.True(t, math.IsNaN(b.Metrics().LCP.P75))
}

func TestWhatABrowserClaimsIsNoAttribute(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	serve(b.Middleware(mux), http.MethodGet, "/orders/7")
	for i := range 50 {
		post(b.Beacon(), fmt.Sprintf(`{"v":1,"route":"/forged/%d","device":"d%d","connection":"c%d","vitals":[{"name":"LCP","value":100}]}`, i, i, i))
	}
	post(b.Beacon(), goodBeacon)
	b.sample()
	readings, err := b.registry.Read("lcp", "http.route", "device", "connection")
	require.NoError(t, err)
	var values []string
	for _, r := range readings {
		values = append(values, strings.Join(r.Values, " "))
	}
	assert.ElementsMatch(t, []string{"other other other", "/orders/{id} mobile 4g"}, values)
}

func TestActiveUsersAreThoseOfTheLastFiveMinutes(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	h := b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reqctx.WithUser(r.Context(), reqctx.User{ID: r.URL.Query().Get("u")})
	}))
	for i := range 30 {
		serve(h, http.MethodGet, fmt.Sprintf("/?u=u%d", i%3))
	}
	b.sample()
	assert.InDelta(t, 3, b.read(t, "active_users").Value, 0)
	b.now = b.now.Add(5 * time.Minute)
	b.sample()
	assert.InDelta(t, 0, b.read(t, "active_users").Value, 0)
}

func TestTheScriptCarriesTheSampleRate(t *testing.T) {
	b := newBench(t, perfmon.Config{SampleRate: new(0.25)})
	w := httptest.NewRecorder()
	b.Script().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/vitals.js", nil))
	assert.Contains(t, w.Body.String(), "Math.random() >= 0.25")
	assert.Contains(t, w.Header().Get("Content-Type"), "javascript")
}
