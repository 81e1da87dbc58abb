package metric_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/distri-night/monitoring/metric"
)

func BenchmarkObserve(b *testing.B) {
	var h metric.Histogram
	values := make([]float64, 1024)
	for i := range values {
		values[i] = .001 + float64(i*7919%1024)/1e4
	}
	i := 0
	for b.Loop() {
		h.Observe(values[i&1023])
		i++
	}
}

func BenchmarkObserveParallel(b *testing.B) {
	var h metric.Histogram
	b.RunParallel(func(pb *testing.PB) {
		i := 0
		for pb.Next() {
			h.Observe(.001 + float64(i*7919&1023)/1e4)
			i++
		}
	})
}

func BenchmarkWith(b *testing.B) {
	var s metric.Set
	v := s.Counter(metric.Desc{Name: "c", Keys: []string{"route"}})
	for i := range 100 {
		v.With("/orders/" + strconv.Itoa(i))
	}
	for b.Loop() {
		v.With("/orders/42").Add(1)
	}
}

// A sample is timed in the steady state: the windows are full.
const warm = 100

func BenchmarkSample10000Scalars(b *testing.B) {
	r, _ := metric.NewRegistry(metric.Config{Manual: true, MaxSeries: 20_000})
	v := r.Counter(metric.Desc{Name: "c", Keys: []string{"n"}, Limit: 20_000})
	var all []*metric.Counter
	for i := range 10_000 {
		all = append(all, v.With(strconv.Itoa(i)))
	}
	_ = r.Define(metric.Indicator{Name: "i", Of: metric.Selector{Metric: "c"}})
	benchmarkSample(b, r, func(int) {
		for _, c := range all {
			c.Add(1)
		}
	})
}

func BenchmarkSample1000Histograms(b *testing.B) {
	r, _ := metric.NewRegistry(metric.Config{Manual: true})
	v := r.Histogram(metric.Desc{Name: "h", Keys: []string{"n"}, Limit: 20_000})
	var all []*metric.Histogram
	for i := range 1000 {
		all = append(all, v.With(strconv.Itoa(i)))
	}
	_ = r.Define(metric.Indicator{Name: "i", Of: metric.Selector{Metric: "h"}, Quantile: .95})
	rnd := rand.New(rand.NewPCG(1, 2))
	benchmarkSample(b, r, func(int) {
		for _, h := range all {
			for range 100 {
				h.Observe(math.Exp(rnd.NormFloat64()*.7 - 3))
			}
		}
	})
}

func benchmarkSample(b *testing.B, r *metric.Registry, work func(int)) {
	now := time.Now()
	for i := range warm {
		work(i)
		now = now.Add(10 * time.Second)
		r.Sample(now)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		work(i)
		now = now.Add(10 * time.Second)
		b.StartTimer()
		r.Sample(now)
	}
}
