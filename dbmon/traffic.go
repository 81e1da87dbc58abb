package dbmon

import (
	"math"
	"slices"
	"time"

	"github.com/distri-night/monitoring/metric"
)

// traffic is what queries and caches showed over the window.
type traffic struct {
	success, cacheHits float64 // %, NaN: no data
	queries, lookups   uint64  // what they are of
	p95                time.Duration
	slow               time.Duration // Config.SlowQuery
}

// traffic is read from the registry. In the first moments, before it has a
// sample with queries in it, it is added up since the start.
func (m *Monitor) traffic() traffic {
	t := traffic{success: math.NaN(), cacheHits: math.NaN(), slow: m.slow}
	if r, err := m.registry.Read("query_errors"); err == nil {
		t.success, t.queries = 100-r[0].Value, r[0].Samples
	}
	if r, err := m.registry.Read("query_p95"); err == nil {
		t.p95 = time.Duration(r[0].Value * float64(time.Millisecond))
	}
	if r, err := m.registry.Read("cache_hit_rate"); err == nil {
		t.cacheHits, t.lookups = r[0].Value, r[0].Samples
	}
	if math.IsNaN(t.success) || math.IsNaN(t.cacheHits) {
		m.sinceStart(&t)
	}
	return t
}

// sinceStart fills what t lacks.
func (m *Monitor) sinceStart(t *traffic) {
	var all metric.Snapshot
	var failed, counted, hits, lookups uint64
	m.set.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			switch f.Name {
			case operationDuration:
				if p.Hist == nil || p.Values[1] == typeCanceled {
					continue
				}
				counted += p.Hist.Count
				if _, isFailure := slices.BinarySearch(failureTypes, p.Values[1]); isFailure {
					failed += p.Hist.Count
				}
				all.Merge(*p.Hist)
			case cacheLookups:
				lookups += uint64(p.Value)
				if p.Values[1] == "hit" {
					hits += uint64(p.Value)
				}
			}
		}
	})
	if math.IsNaN(t.success) && counted > 0 {
		t.success, t.queries = 100-100*float64(failed)/float64(counted), counted
		t.p95 = time.Duration(all.Quantile(0.95) * float64(time.Second))
	}
	if math.IsNaN(t.cacheHits) && lookups > 0 {
		t.cacheHits, t.lookups = 100*float64(hits)/float64(lookups), lookups
	}
}

// health judges the traffic.
func (t traffic) health() Health {
	h := Health{
		Verdict: Healthy, SuccessRate: t.success, CacheHitRate: t.cacheHits, P95: t.p95,
		BufferHitRate: math.NaN(), PoolUse: math.NaN(), ServerConnectionUse: math.NaN(),
	}
	if t.queries >= minSuccessOf {
		switch {
		case t.success < badSuccess:
			h.worsen(Critical, "only %.1f %% of queries succeed", t.success)
		case t.success < minSuccess:
			h.worsen(Degraded, "only %.1f %% of queries succeed", t.success)
		}
		if t.p95 > t.slow {
			h.worsen(Degraded, "the 95th percentile of query time is %v", t.p95.Round(time.Millisecond))
		}
	}
	if t.lookups >= minCacheHitsOf && t.cacheHits < minCacheHits {
		h.worsen(Degraded, "only %.1f %% of cache look-ups are hits", t.cacheHits)
	}
	return h
}
