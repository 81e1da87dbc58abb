package perfmon_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/perfmon"
)

// everywhere serves requests with three methods on 200 routes, in part failing.
func (b *bench) everywhere() http.Handler {
	return b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		perfmon.SetRoute(r.Context(), r.URL.Path)
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
}

func callAll(h http.Handler) {
	for route := range 200 {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, fmt.Sprint("/r", route), nil))
		}
	}
}

func BenchmarkSLOsOf200Routes(t *testing.B) {
	b := newBench(t, perfmon.Config{})
	h := b.everywhere()
	for range 100 {
		callAll(h)
		b.sample()
	}
	t.Run("sample", func(t *testing.B) {
		for t.Loop() {
			b.sample()
		}
	})
	t.Run("SLOs", func(t *testing.B) {
		t.ReportAllocs()
		for t.Loop() {
			t.StopTimer()
			b.sample()
			t.StartTimer()
			b.SLOs()
		}
	})
}

// The registry with 200 busy routes that all fail now and then, after a day; the
// burn rates see six hours of it.
func TestObjectivesOf200RoutesTakeLittleMemory(t *testing.T) {
	before := inUse()
	b := newBench(t, perfmon.Config{})
	h := b.everywhere()
	for range 120 {
		callAll(h)
		b.now = b.now.Add(11*time.Minute + 50*time.Second)
		b.sample()
	}
	used := inUse() - before
	runtime.KeepAlive(b)
	t.Logf("%.1f MiB", used)
	assert.Less(t, used, 30.0, "of which the objectives are a third")
}

func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
