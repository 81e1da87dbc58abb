package dbmon

import "github.com/distri-night/monitoring/metric"

type cacheCounters struct{ hits, misses *metric.Counter }

func (m *Monitor) cache(name string) *cacheCounters {
	return m.caches.get(name, func(name string) *cacheCounters {
		return &cacheCounters{hits: m.lookups.With(name, "hit"), misses: m.lookups.With(name, "miss")}
	})
}

// RecordCacheHit counts a look-up in the named cache that found something.
func (m *Monitor) RecordCacheHit(cache string) {
	if m.active() {
		m.cache(cache).hits.Add(1)
	}
}

// RecordCacheMiss counts a look-up in the named cache that found nothing.
func (m *Monitor) RecordCacheMiss(cache string) {
	if m.active() {
		m.cache(cache).misses.Add(1)
	}
}
