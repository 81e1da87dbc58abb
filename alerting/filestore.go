package alerting

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// fileStore is the memory store with a journal, for one process: what
// instance wrote makes no difference to it.
type fileStore struct {
	MemoryStore
	mu   sync.Mutex // of the journal: order there is the order in memory
	log  *spool.Log
	size int64 // after the last rewrite
}

// entry is one record of the journal: an alert, or a saved value.
type entry struct {
	Alert *Alert    `json:"alert,omitzero"`
	Kind  string    `json:"kind,omitzero"`
	Key   string    `json:"key,omitzero"`
	Value []byte    `json:"value,omitzero"` // none: deleted
	Until time.Time `json:"until,omitzero"`
}

// compactAfter is how far the journal grows before it is written anew.
const compactAfter = 1 << 20

func openFileStore(dir string, now func() time.Time) (*fileStore, error) {
	s := &fileStore{MemoryStore: MemoryStore{Now: now}}
	log, err := spool.OpenLog(dir, func(data []byte) error {
		var e entry
		if err := json.Unmarshal(data, &e); err != nil {
			return nil //nolint:nilerr // one record that cannot be read must not take the others with it
		}
		return s.apply(e)
	})
	if err != nil {
		return nil, fmt.Errorf("open the alerts' journal: %w", err)
	}
	s.log = log
	return s, s.compact()
}

func (s *fileStore) apply(e entry) error {
	if e.Alert != nil {
		_, _, err := s.MemoryStore.Upsert(context.Background(), "", *e.Alert)
		return err
	}
	return s.MemoryStore.Save(context.Background(), e.Kind, e.Key, e.Value, e.Until)
}

// Upsert implements [Store].
func (s *fileStore) Upsert(ctx context.Context, _ string, a Alert) (Alert, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, created, err := s.MemoryStore.Upsert(ctx, "", a)
	if err != nil {
		return stored, created, err
	}
	return stored, created, s.append(entry{Alert: &stored})
}

// Save implements [Store].
func (s *fileStore) Save(ctx context.Context, kind, key string, value []byte, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.MemoryStore.Save(ctx, kind, key, value, until); err != nil {
		return err
	}
	return s.append(entry{Kind: kind, Key: key, Value: value, Until: until})
}

// append hands one entry to the kernel.
func (s *fileStore) append(e entry) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the alerts' journal: %w", err)
	}
	if err := s.log.Append(data); err != nil {
		return fmt.Errorf("write the alerts' journal: %w", err)
	}
	if s.log.Bytes() > s.size+compactAfter {
		return s.compact()
	}
	return nil
}

// compact writes the journal anew, with what still holds only.
func (s *fileStore) compact() error {
	entries := s.snapshot()
	err := s.log.Rewrite(func(yield func([]byte) bool) {
		for _, e := range entries {
			data, err := json.Marshal(e)
			if err != nil {
				continue // of values that were read from JSON: cannot be
			}
			if !yield(data) {
				return
			}
		}
	})
	if err != nil {
		return fmt.Errorf("compact the alerts' journal: %w", err)
	}
	s.size = s.log.Bytes()
	return nil
}

func (s *fileStore) snapshot() []entry {
	s.MemoryStore.mu.Lock()
	defer s.MemoryStore.mu.Unlock()
	var entries []entry
	for i := range s.resolved {
		a := s.resolved[i].clone()
		entries = append(entries, entry{Alert: &a})
	}
	for _, known := range s.active {
		a := known.alert.clone()
		entries = append(entries, entry{Alert: &a})
	}
	for kind, values := range s.saved {
		for key, v := range values {
			if !v.until.IsZero() && !s.now().Before(v.until) {
				continue
			}
			entries = append(entries, entry{Kind: kind, Key: key, Value: v.value, Until: v.until})
		}
	}
	return entries
}

// Close writes the journal out and releases its folder.
func (s *fileStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Close()
}
