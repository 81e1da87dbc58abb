package errortracking

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

const maxIssues = 1000 // fingerprints known at once

// issue is all that is known of one fingerprint.
type issue struct {
	hash        uint64
	fingerprint []string

	mu     sync.Mutex
	gone   bool // forgotten by the table
	minute minute
	seen   Issue // without title, users and link
	title  string
	raw    bool // the title is not redacted yet
	users  userSet
}

// sighting is what is noted of each occurrence.
type sighting struct {
	at            time.Time
	class         Class
	route         string
	correlationID string
	userID        string
	urgent        bool // a panic, or critical
	sampled       bool // in
}

// see counts s and decides what becomes of it.
func (i *issue) see(s *sighting, limit int) (v verdict, suppressed int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.gone {
		return forgotten, 0
	}
	is := &i.seen
	if is.Count == 0 {
		is.First = s.at
	}
	is.Count++
	is.Level, is.Category, is.Route, is.Last, is.CorrelationID = s.class.Level, s.class.Category, s.route, s.at, s.correlationID
	if s.userID != "" {
		i.users.add(maphash.String(textSeed, s.userID))
	}
	if !s.sampled {
		return sampledOut, 0
	}
	return i.minute.judge(s.at, limit, s.urgent)
}

// entitle sets the title; raw: it will be redacted when somebody reads it.
func (i *issue) entitle(title string, raw bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.title, i.raw = title, raw
}

// sent names the event that went out last.
func (i *issue) sent(eventID string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen.EventID = eventID
}

func (i *issue) keep(d *draft) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.minute.keep(d)
}

// issues is the table of them, bounded: those that are quiet for longest are
// forgotten first.
type issues struct {
	limit int // events of one fingerprint a minute

	mu      sync.Mutex
	byHash  map[uint64]*issue
	overdue []*draft // summaries of what had to be forgotten
}

// get finds the issue of a fingerprint, or makes it.
func (all *issues) get(fingerprint []string) (i *issue, fresh bool) {
	hash := hashOf(fingerprint)
	all.mu.Lock()
	defer all.mu.Unlock()
	if i = all.byHash[hash]; i != nil {
		return i, false
	}
	if all.byHash == nil {
		all.byHash = make(map[uint64]*issue)
	}
	if len(all.byHash) >= maxIssues {
		all.forget(maxIssues / 8)
	}
	i = &issue{hash: hash, fingerprint: fingerprint}
	i.seen.ID = issueID(hash)
	all.byHash[hash] = i
	return i, true
}

// forget makes room for n. What is held back is told of.
func (all *issues) forget(n int) {
	type quiet struct {
		*issue
		holds bool
		last  time.Time
	}
	list := make([]quiet, 0, len(all.byHash))
	for _, i := range all.byHash {
		i.mu.Lock()
		list = append(list, quiet{i, i.minute.held > 0, i.seen.Last})
		i.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b quiet) int {
		if a.holds != b.holds {
			return cmp.Compare(btoi(a.holds), btoi(b.holds))
		}
		return a.last.Compare(b.last)
	})
	for _, q := range list[:n] {
		q.mu.Lock()
		q.gone = true
		if d, _ := q.minute.due(q.last, all.limit, true); d != nil {
			all.overdue = append(all.overdue, d)
		}
		q.mu.Unlock()
		delete(all.byHash, q.hash)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// due takes the summaries of the minutes that are over; all if so wanted.
// next is when there will be more, zero if nothing is held.
func (all *issues) due(now time.Time, every bool) (summaries []*draft, next time.Time) {
	all.mu.Lock()
	defer all.mu.Unlock()
	summaries, all.overdue = all.overdue, nil
	for _, i := range all.byHash {
		i.mu.Lock()
		d, at := i.minute.due(now, all.limit, every)
		i.mu.Unlock()
		if d != nil {
			summaries = append(summaries, d)
		}
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return summaries, next
}

// list is what Recent gives, the newest first. Titles that are raw go through
// shown, once.
func (all *issues) list(shown func(string) string) []Issue {
	all.mu.Lock()
	known := make([]*issue, 0, len(all.byHash))
	for _, i := range all.byHash {
		known = append(known, i)
	}
	all.mu.Unlock()
	list := make([]Issue, 0, len(known))
	for _, i := range known {
		i.mu.Lock()
		if i.raw {
			i.title, i.raw = shown(i.title), false
		}
		s := i.seen
		s.Title, s.Users = i.title, i.users.count()
		i.mu.Unlock()
		if s.Count > 0 {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Issue) int { return b.Last.Compare(a.Last) })
	return list
}

// urgent is what is on disk when the capture returns.
func urgent(class Class, panicked bool) bool { return panicked || class.Level >= LevelCritical }
