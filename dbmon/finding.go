package dbmon

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// FindingKind is what a request does to the database that it should not.
type FindingKind string

// The kinds of findings.
const (
	// NPlusOne: one query ran 10 times or more in one request. One query for all
	// of the keys (= any($1), a join, a batch) does the same.
	NPlusOne FindingKind = "n_plus_one"
	// LargeResult: a query returned more than 10,000 rows.
	LargeResult FindingKind = "large_result"
	// HeldTransaction: other services were called inside a transaction, which
	// keeps its locks and its connection until they answer.
	HeldTransaction FindingKind = "held_transaction"
	// Retries: a query failed 5 times or more in one request.
	Retries FindingKind = "retries"
)

// Finding is one of a kind at one place: of one query on one route.
type Finding struct {
	Kind          FindingKind
	Query         string // as in the metrics; of a transaction: the first query in it
	Route         string // of the request
	Caller        string // folder/file.go:line of the service, in the last request that did it
	CorrelationID string // of the last request that did it
	Requests      uint64 // that did it
	Most          uint64 // of one request: calls, rows or failures
	First, Last   time.Time
}

const maxFindings = 200

// findings are the ones of this process, by kind, query and route.
type findings struct {
	mu  sync.Mutex
	all map[[3]string]*Finding
}

// note adds one; past the bound the one that was seen last longest ago goes.
func (s *findings) note(f Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [3]string{string(f.Kind), f.Query, f.Route}
	known := s.all[key]
	if known == nil {
		if s.all == nil {
			s.all = map[[3]string]*Finding{}
		}
		if len(s.all) >= maxFindings {
			s.forgetOldest()
		}
		f.First = f.Last
		s.all[key] = &f
		return
	}
	known.Caller, known.CorrelationID, known.Last = f.Caller, f.CorrelationID, f.Last
	known.Requests += f.Requests
	known.Most = max(known.Most, f.Most)
}

// grow raises the most that one request did.
func (s *findings) grow(kind FindingKind, query, route string, most uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.all[[3]string{string(kind), query, route}]; f != nil {
		f.Most = max(f.Most, most)
	}
}

func (s *findings) forgetOldest() {
	var oldest [3]string
	var at time.Time
	for key, f := range s.all {
		if at.IsZero() || f.Last.Before(at) {
			oldest, at = key, f.Last
		}
	}
	delete(s.all, oldest)
}

// Findings are what requests of the last 24 hours did to the database that
// they should not, those of most requests first; at most 200.
func (m *Monitor) Findings() []Finding {
	if !m.active() {
		return nil
	}
	since := time.Now().Add(-24 * time.Hour)
	m.found.mu.Lock()
	defer m.found.mu.Unlock()
	all := make([]Finding, 0, len(m.found.all))
	for key, f := range m.found.all {
		if f.Last.Before(since) {
			delete(m.found.all, key)
			continue
		}
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Query, b.Query), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Route, b.Route))
	})
	return all
}
