package logging

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

// Sampling thins out floods: of records with one message, level and logger the
// first few of an interval are written, and what is left out is told in one
// record at its end, which has the message again and the count as "repeated".
// Records at warn and above are always written. Records are told apart by
// their message, so one that has an ID in it is never a flood: put data into
// attributes. Up to 1,024 messages are watched at once; of more, the rest is
// written whole.
type Sampling struct {
	// First is how many of one kind are written in an Interval; 0: 100.
	First int
	// Every lets one in so many through after those; 0: none.
	Every int
	// Interval; 0: 1 s.
	Interval time.Duration
}

const (
	defaultFirst    = 100
	defaultInterval = time.Second
	longestInterval = time.Hour

	samplingSets = 256 // a power of two
	samplingWays = 4   // kinds that share a set
)

// sampledDesc counts what was left out: by intent, so it is no loss.
var sampledDesc = metric.Desc{
	Name: "log.sampled", Unit: "{record}", Help: "Log records left out by sampling, by level.", Keys: []string{"level"},
}

func (s *Sampling) validate(f *config.Faults) {
	if s == nil {
		return
	}
	if s.First < 0 {
		f.Add("Sampling.First", "0 or more", s.First)
	}
	if s.Every < 0 {
		f.Add("Sampling.Every", "0 or more", s.Every)
	}
	if s.Interval < 0 || s.Interval > longestInterval {
		f.Add("Sampling.Interval", "0 to 1h", s.Interval)
	}
}

// sampler counts records by kind. Its memory is fixed. The timer is set only
// while something is held.
type sampler struct {
	first, every uint64
	interval     time.Duration
	seed         maphash.Seed
	left         [2]*metric.Counter // of debug and info
	told         func(summary)      // writes what was held, without a lock

	sets [samplingSets]samplingSet

	mu     sync.Mutex // guards timer
	timer  *time.Timer
	closed atomic.Bool // what comes is written
}

// samplingSet is where the kinds of some hashes stand.
type samplingSet struct {
	mu    sync.Mutex
	kinds [samplingWays]sampled
}

type sampled struct {
	key   uint64 // hash of the kind; 0: free
	start time.Time
	seen  uint64  // since start
	held  summary // since the last one that was told
}

// summary is what was left out of one kind.
type summary struct {
	logger, msg string
	level       slog.Level
	count       uint64
}

func newSampler(c *Sampling, told func(summary)) *sampler {
	if c == nil {
		return nil
	}
	s := &sampler{first: uint64(c.First), every: uint64(c.Every), interval: c.Interval, seed: maphash.MakeSeed(), told: told} //nolint:gosec // not negative
	if s.first == 0 {
		s.first = defaultFirst
	}
	if s.interval == 0 {
		s.interval = defaultInterval
	}
	return s
}

// held reports whether sampling leaves r out, and counts it.
func (h *handler) held(r *slog.Record) bool {
	s := h.core.sampler
	return s != nil && r.Level < slog.LevelWarn && !h.summary && !s.closed.Load() && !s.pass(h.name, r.Level, r.Message, r.Time)
}

// pass counts a record, and reports whether it is to be written.
func (s *sampler) pass(logger string, level slog.Level, msg string, now time.Time) bool {
	if now.IsZero() {
		now = time.Now()
	}
	key := maphash.String(s.seed, msg) + uint64(level)*0x9e3779b97f4a7c15 //nolint:gosec // a hash
	if logger != "" {
		key = key*31 + maphash.String(s.seed, logger)
	}
	key |= 1 // 0 is free
	set := &s.sets[key>>32%samplingSets]
	set.mu.Lock()
	k := set.find(key, now, s.interval)
	if k == nil { // all are busy: nothing is known of this one
		set.mu.Unlock()
		return true
	}
	if since := now.Sub(k.start); since >= s.interval || since < 0 {
		k.start, k.seen = now, 0
	}
	k.seen++
	if k.seen <= s.first || s.every > 0 && (k.seen-s.first)%s.every == 0 {
		set.mu.Unlock()
		return true
	}
	k.held.count++
	begins := k.held.count == 1
	if begins {
		k.held.logger, k.held.level, k.held.msg = logger, level, msg
	}
	set.mu.Unlock()
	s.left[levelIndex(level)].Add(1)
	if begins && !s.arm() { // closed meanwhile
		s.tell()
	}
	return false
}

// find is the place of key, perhaps one that had its time; nil if there is
// none.
func (s *samplingSet) find(key uint64, now time.Time, interval time.Duration) *sampled {
	var free *sampled
	for i := range s.kinds {
		k := &s.kinds[i]
		if k.key == key {
			return k
		}
		if free == nil && k.held.count == 0 && (k.key == 0 || now.Sub(k.start) >= interval) {
			free = k
		}
	}
	if free != nil {
		*free = sampled{key: key, start: now}
	}
	return free
}

// arm sets the timer unless it is set, and reports whether there may be one.
func (s *sampler) arm() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return false
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(s.interval, func() {
			s.mu.Lock()
			s.timer = nil
			s.mu.Unlock()
			s.tell()
		})
	}
	return true
}

// tell writes what is held.
func (s *sampler) tell() {
	for i := range s.sets {
		set := &s.sets[i]
		var due [samplingWays]summary
		set.mu.Lock()
		for j := range set.kinds {
			due[j], set.kinds[j].held = set.kinds[j].held, summary{}
		}
		set.mu.Unlock()
		for _, d := range due {
			if d.count > 0 {
				s.told(d)
			}
		}
	}
}

// close tells what is held; from here on there is no timer.
func (s *sampler) close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.closed.Store(true)
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.mu.Unlock()
	s.tell()
}

// summarise writes a summary as a record.
func (k *core) summarise(s summary) {
	h := &handler{core: k, name: s.logger, summary: true}
	r := slog.NewRecord(time.Now(), s.level, s.msg, 0)
	r.AddAttrs(slog.Uint64("repeated", s.count))
	_ = h.Handle(context.Background(), r)
}
