package shop

import (
	"sync"
	"time"

	"github.com/distri-night/monitoring/dbmon"
)

// cache keeps values for a while. It is bounded: a full one starts afresh.
type cache[K comparable, V any] struct {
	name string
	ttl  time.Duration

	mu      sync.Mutex
	entries map[K]entry[V]
}

type entry[V any] struct {
	value V
	until time.Time
}

const maxEntries = 1000

func newCache[K comparable, V any](name string, ttl time.Duration) *cache[K, V] {
	return &cache[K, V]{name: name, ttl: ttl, entries: map[K]entry[V]{}}
}

func (c *cache[K, V]) get(key K, now time.Time) (V, bool) {
	c.mu.Lock()
	e, ok := c.entries[key]
	c.mu.Unlock()
	if !ok || now.After(e.until) {
		dbmon.RecordCacheMiss(c.name)
		var none V
		return none, false
	}
	dbmon.RecordCacheHit(c.name)
	return e.value, true
}

func (c *cache[K, V]) put(key K, v V, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxEntries {
		clear(c.entries)
	}
	c.entries[key] = entry[V]{value: v, until: now.Add(c.ttl)}
}

func (c *cache[K, V]) drop(keys ...K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		delete(c.entries, k)
	}
}
