package alerting

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// Store keeps what must outlive a process, and what replicas share. It is
// safe for concurrent use. The conformance suite in alertingtest says in
// checks what is said here in words.
type Store interface {
	// Upsert writes what instance knows of a. There is one active alert for a
	// Rule (without one: a Title) and its Labels: if another than a is active,
	// that one is updated and returned, and created is false. It is resolved
	// once no instance that wrote within 30 s holds it as active.
	Upsert(ctx context.Context, instance string, a Alert) (stored Alert, created bool, err error)
	// List gives the alerts that are active, or were resolved since.
	List(ctx context.Context, since time.Time) ([]Alert, error)
	// Claim is a lease on key for ttl: true if nobody else holds it and it is
	// not done. Its owner renews it by claiming again.
	Claim(ctx context.Context, key, owner string, ttl time.Duration) (bool, error)
	// Done ends key for good: nobody can claim it any more.
	Done(ctx context.Context, key string) error
	// Save keeps value until the given time; the zero time is for ever. A nil
	// value deletes.
	Save(ctx context.Context, kind, key string, value []byte, until time.Time) error
	// Load gives what was saved under kind and holds still.
	Load(ctx context.Context, kind string) (map[string][]byte, error)
}

const (
	freshFor     = 30 * time.Second    // an instance that wrote within this counts
	keepResolved = 30 * 24 * time.Hour // how long a resolved alert is kept
	keepDone     = 24 * time.Hour      // how long a finished claim is remembered
	maxResolved  = 10_000              // resolved alerts kept, the newest
)

// MemoryStore is a [Store] in memory. The zero value is ready.
type MemoryStore struct {
	Now func() time.Time // nil: time.Now

	mu       sync.Mutex
	active   map[string]*shared // by identity
	resolved []Alert            // in the order of their resolution
	claims   map[string]claim
	saved    map[string]map[string]saved
}

// shared is an active alert with those who hold it.
type shared struct {
	alert   Alert
	holders map[string]holder
}

type holder struct {
	severity Severity
	at       time.Time
}

type claim struct {
	owner string
	until time.Time
	done  bool
}

type saved struct {
	value []byte
	until time.Time
}

func (s *MemoryStore) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// Upsert implements [Store].
func (s *MemoryStore) Upsert(_ context.Context, instance string, a Alert) (Alert, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, key := s.now(), identity(a)
	known := s.active[key]
	if known == nil {
		if !a.active() {
			s.keep(a.clone(), now)
			return a, false, nil
		}
		if s.active == nil {
			s.active = map[string]*shared{}
		}
		s.active[key] = &shared{alert: a.clone(), holders: map[string]holder{instance: {a.Severity, now}}}
		return a, true, nil
	}
	if a.active() {
		known.holders[instance] = holder{a.Severity, now}
	} else {
		delete(known.holders, instance)
	}
	known.update(a, now)
	if known.alert.State == Resolved {
		delete(s.active, key)
		s.keep(known.alert.clone(), now)
	}
	return known.alert.clone(), false, nil
}

// update merges what one instance says into what all hold.
func (s *shared) update(a Alert, now time.Time) {
	var worst Severity
	for name, h := range s.holders {
		if now.Sub(h.at) > freshFor {
			delete(s.holders, name)
			continue
		}
		if h.severity.worse(worst) {
			worst = h.severity
		}
	}
	id, started := s.alert.ID, s.alert.StartedAt
	others := worst != 0 && !a.active()
	if !others {
		s.alert = a.clone()
		s.alert.ID, s.alert.StartedAt = id, started
	}
	if worst != 0 {
		s.alert.Severity = worst
	}
}

// keep remembers a resolved alert; once, also if it is written twice.
func (s *MemoryStore) keep(a Alert, now time.Time) {
	s.resolved = slices.DeleteFunc(s.resolved, func(old Alert) bool {
		return old.ID == a.ID || now.Sub(old.ResolvedAt) > keepResolved
	})
	s.resolved = append(s.resolved, a)
	if over := len(s.resolved) - maxResolved; over > 0 {
		s.resolved = slices.Delete(s.resolved, 0, over)
	}
}

// List implements [Store].
func (s *MemoryStore) List(_ context.Context, since time.Time) ([]Alert, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Alert
	for _, known := range s.active {
		list = append(list, known.alert.clone())
	}
	for _, a := range s.resolved {
		if !a.ResolvedAt.Before(since) {
			list = append(list, a.clone())
		}
	}
	slices.SortFunc(list, newestFirst)
	return list, nil
}

// Claim implements [Store].
func (s *MemoryStore) Claim(_ context.Context, key, owner string, ttl time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for k, c := range s.claims {
		if now.After(c.until) {
			delete(s.claims, k)
		}
	}
	if c, ok := s.claims[key]; ok && (c.done || c.owner != owner) {
		return false, nil
	}
	if s.claims == nil {
		s.claims = map[string]claim{}
	}
	s.claims[key] = claim{owner: owner, until: now.Add(ttl)}
	return true, nil
}

// Done implements [Store].
func (s *MemoryStore) Done(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims == nil {
		s.claims = map[string]claim{}
	}
	s.claims[key] = claim{done: true, until: s.now().Add(keepDone)}
	return nil
}

// Save implements [Store].
func (s *MemoryStore) Save(_ context.Context, kind, key string, value []byte, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value == nil {
		delete(s.saved[kind], key)
		return nil
	}
	if s.saved == nil {
		s.saved = map[string]map[string]saved{}
	}
	if s.saved[kind] == nil {
		s.saved[kind] = map[string]saved{}
	}
	s.saved[kind][key] = saved{bytes.Clone(value), until}
	return nil
}

// Load implements [Store].
func (s *MemoryStore) Load(_ context.Context, kind string) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, loaded := s.now(), map[string][]byte{}
	for key, v := range s.saved[kind] {
		if !v.until.IsZero() && !now.Before(v.until) {
			delete(s.saved[kind], key)
			continue
		}
		loaded[key] = bytes.Clone(v.value)
	}
	return loaded, nil
}

// newestFirst orders alerts for a time line.
func newestFirst(a, b Alert) int {
	if c := b.StartedAt.Compare(a.StartedAt); c != 0 {
		return c
	}
	return worstFirst(a, b)
}
