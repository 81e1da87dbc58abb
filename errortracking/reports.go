package errortracking

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// category is Sentry's word for a kind of data, in rate limits and reports.
type category string

const (
	categoryError       category = "error"
	categoryDefault     category = "default" // events without an exception
	categoryTransaction category = "transaction"
	categorySpan        category = "span"
	categoryReplay      category = "replay"
	categoryInternal    category = "internal" // only a limit on all holds it
)

// discard is Sentry's word for why something was not sent. These are what its
// statistics know; another one would not be counted.
type discard string

const (
	discardQueueOverflow discard = "queue_overflow"
	discardCacheOverflow discard = "cache_overflow"
	discardRateLimit     discard = "ratelimit_backoff"
	discardNetwork       discard = "network_error"
	discardSampleRate    discard = "sample_rate"
	discardBeforeSend    discard = "before_send"
	discardProcessor     discard = "event_processor" // held back as a flood, or a span too many
	discardSend          discard = "send_error"
	discardInternal      discard = "internal_sdk_error"
)

const (
	reportEvery   = time.Minute
	maxReportKeys = 32 // Sentry takes 4 KiB
)

// reports counts what was not sent, for the client reports that show it in
// Sentry's statistics. The zero value is ready; safe for concurrent use.
type reports struct {
	mu     sync.Mutex
	counts map[discarded]uint64
}

type discarded struct {
	reason   discard
	category category
}

func (r *reports) add(reason discard, c category, n uint64) {
	if n == 0 || reason == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[discarded]uint64{}
	}
	r.counts[discarded{reason, c}] += n
}

func (r *reports) empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.counts) == 0
}

// take empties r. What cannot be sent goes back by putBack.
func (r *reports) take() map[discarded]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.counts
	r.counts = nil
	return taken
}

func (r *reports) putBack(taken map[discarded]uint64) {
	for k, n := range taken {
		r.add(k.reason, k.category, n)
	}
}

// reportItem is the item of an envelope that tells of what was taken; nil if
// that is nothing.
func reportItem(taken map[discarded]uint64, now time.Time) []byte {
	if len(taken) == 0 {
		return nil
	}
	type outcome struct {
		Reason   discard  `json:"reason"`
		Category category `json:"category"`
		Quantity uint64   `json:"quantity"`
	}
	keys := slices.SortedFunc(maps.Keys(taken), func(a, b discarded) int {
		return slices.Compare([]string{string(a.reason), string(a.category)}, []string{string(b.reason), string(b.category)})
	})
	all := make([]outcome, 0, len(keys))
	for _, k := range keys[:min(len(keys), maxReportKeys)] {
		all = append(all, outcome{k.reason, k.category, taken[k]})
	}
	b, err := json.Marshal(struct {
		Timestamp string    `json:"timestamp"`
		Discarded []outcome `json:"discarded_events"`
	}{now.UTC().Format(time.RFC3339), all})
	if err != nil {
		return nil
	}
	return appendItem(nil, "client_report", b)
}

// appendItem adds an item of an envelope to b.
func appendItem(b []byte, kind string, payload []byte) []byte {
	b = fmt.Appendf(b, `{"type":%q,"length":%d}`+"\n", kind, len(payload))
	b = append(b, payload...)
	return append(b, '\n')
}

// discard counts n things of a category that are not sent, for Sentry's
// statistics. What is lost against the service's will is counted by lost or
// lostTransaction, which do this too.
func (t *Tracker) discard(reason discard, c category, n uint64) {
	if t.queue != nil {
		t.discards.add(reason, c, n)
	}
}
