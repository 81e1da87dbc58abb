package perfmon_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMarksMeasureAndNest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, perfmon.Config{})
		outer := b.Start(t.Context(), "checkout")
		inner := b.Start(outer.Context(), "pay")
		time.Sleep(120 * time.Millisecond)
		assert.Equal(t, 120*time.Millisecond, inner.End())
		time.Sleep(30 * time.Millisecond)
		assert.Equal(t, 150*time.Millisecond, outer.End())
		marks := map[string]uint64{}
		b.Produce(func(f metric.Family) {
			for _, p := range f.Points {
				if f.Name == "service.mark.duration" {
					marks[p.Values[0]] += p.Hist.Count
				}
			}
		})
		assert.Equal(t, map[string]uint64{"checkout": 1, "checkout/pay": 1}, marks)
	})
}

func TestWithoutAnInstanceNothingBreaks(t *testing.T) {
	var m *perfmon.Monitor
	assert.GreaterOrEqual(t, perfmon.Start(t.Context(), "x").End(), time.Duration(0))
	w := httptest.NewRecorder()
	m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusTeapot, w.Code)
	assert.NotPanics(t, func() { m.Metrics(); m.Indicators(); m.Produce(nil) })
	assert.NoError(t, m.Close(t.Context()))
}

func TestAWrongConfigNamesEveryWrongField(t *testing.T) {
	_, err := perfmon.New(perfmon.Config{SampleRate: new(-0.1), Origins: []string{"https://ok.example", "shop.example/path"}})
	require.ErrorIs(t, err, perfmon.ErrInvalid)
	require.ErrorContains(t, err, "SampleRate")
	assert.ErrorContains(t, err, "Origins[1]")
}

func TestDisabledIsInert(t *testing.T) {
	m, err := perfmon.New(perfmon.Config{Disabled: true})
	require.NoError(t, err)
	next := http.NewServeMux()
	assert.Equal(t, http.Handler(next), m.Middleware(next))
	assert.Equal(t, 204, post(m.Beacon(), goodBeacon))
	assert.NoError(t, m.Close(context.Background()))
}

func Example() {
	perf, err := perfmon.New(perfmon.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("POST /beacon", perf.Beacon())
	mux.Handle("GET /vitals.js", perf.Script())

	perf.Middleware(mux).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	perf.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			if f.Name == "http.server.request.duration" {
				fmt.Println(p.Values, p.Hist.Count)
			}
		}
	})
	fmt.Println(perf.Close(context.Background()))
	// Output:
	// [GET /orders/{id} ok] 1
	// <nil>
}

// quiet is for servers whose clients misbehave on purpose.
var quiet = log.New(io.Discard, "", 0)
