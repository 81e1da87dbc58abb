package perfmon

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/distri-night/monitoring/metric"
)

const (
	activeFor      = 5 * time.Minute
	maxActiveUsers = 100_000 // 1.6 MB; past it new users are not counted
)

// activeUsers counts the distinct users of the last five minutes. It keeps
// hashes, not IDs.
type activeUsers struct {
	gauge *metric.Gauge

	mu   sync.Mutex
	seed maphash.Seed
	last map[uint64]int64 // hash to the Unix second of the last request
}

func (a *activeUsers) seen(id string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		a.last, a.seed = map[uint64]int64{}, maphash.MakeSeed()
	}
	hash := maphash.String(a.seed, id)
	if _, known := a.last[hash]; known || len(a.last) < maxActiveUsers {
		a.last[hash] = now.Unix()
	}
}

// report forgets who left and sets the gauge.
func (a *activeUsers) report(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	oldest := now.Add(-activeFor).Unix()
	for hash, at := range a.last {
		if at <= oldest {
			delete(a.last, hash)
		}
	}
	a.gauge.Set(float64(len(a.last)))
}
