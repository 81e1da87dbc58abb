package metric

import (
	"math"
	"math/rand/v2"
	"testing"
)

func BenchmarkSnapshotHot(b *testing.B) {
	var h Histogram
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		h.Observe(math.Exp(rnd.NormFloat64()*.7 - 3))
	}
	var s Snapshot
	for b.Loop() {
		h.snapshot(&s)
	}
	b.ReportMetric(float64(len(s.Buckets)), "buckets")
}
