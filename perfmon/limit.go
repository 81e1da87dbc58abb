package perfmon

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// A sender may send a burst of beacons, then so many a second; all senders
// together have a limit too, so that a flood costs a bounded time.
const (
	senderBurst, senderRate = 300, 30
	totalBurst, totalRate   = 5000, 2000
	senderBuckets           = 4096 // senders that hash alike share a bucket
)

type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time, burst, rate float64) bool {
	if b.at.IsZero() {
		b.tokens = burst
	} else if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.tokens = min(burst, b.tokens+passed*rate)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// limiter is a token bucket a sender and one for all. The zero value is ready.
type limiter struct {
	mu      sync.Mutex
	seed    maphash.Seed
	total   bucket
	senders []bucket
}

func (l *limiter) allow(sender netip.Addr, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.senders == nil {
		l.senders, l.seed = make([]bucket, senderBuckets), maphash.MakeSeed()
	}
	i := maphash.Comparable(l.seed, sender) % senderBuckets
	return l.senders[i].take(now, senderBurst, senderRate) && l.total.take(now, totalBurst, totalRate)
}
