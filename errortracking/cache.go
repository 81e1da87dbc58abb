package errortracking

import "sync/atomic"

const (
	cacheSize = 4096 // a power of 2
	cacheWays = 4    // places that a key may have
)

// cache is a bounded table that is read without a lock. What is put in may
// push out something else: it is for what can be found out again. Keys are
// hashes.
type cache[T any] struct {
	slots [cacheSize]atomic.Pointer[cached[T]]
	turn  atomic.Uint32
}

type cached[T any] struct {
	key   uint64
	value T
}

// get is nil if key is not known.
func (c *cache[T]) get(key uint64) *T {
	first := key & (cacheSize - 1) &^ (cacheWays - 1)
	for i := range uint64(cacheWays) {
		if e := c.slots[first+i].Load(); e != nil && e.key == key {
			return &e.value
		}
	}
	return nil
}

func (c *cache[T]) put(key uint64, value T) *T {
	first := key & (cacheSize - 1) &^ (cacheWays - 1)
	e := &cached[T]{key, value}
	place := first + uint64(c.turn.Add(1)%cacheWays)
	for i := range uint64(cacheWays) {
		if old := c.slots[first+i].Load(); old == nil || old.key == key {
			place = first + i
			break
		}
	}
	c.slots[place].Store(e)
	return &e.value
}

// mix spreads a over all bits.
func mix(a, b uint64) uint64 {
	a = (a ^ b) * 0x9e3779b97f4a7c15
	return a ^ a>>29
}
