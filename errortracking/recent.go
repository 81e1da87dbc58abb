package errortracking

import (
	"fmt"
	"hash/maphash"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	maxIssues = 100
	maxUsers  = 1000 // told apart, an issue
	maxTitle  = 200
)

// Issue is what the events of one fingerprint have in common, since the start
// of the process.
type Issue struct {
	ID, Title     string // ID: of the fingerprint
	Level         slog.Level
	Category      Category
	Route         string // of the last one
	Count         int    // those held back as a flood included
	Users         int    // distinct; stops at 1,000
	First, Last   time.Time
	CorrelationID string // of the last one
	EventID       string // of the last one that was sent
}

// recent keeps the issues seen last.
type recent struct {
	mu     sync.Mutex
	seed   maphash.Seed
	issues map[string]*tracked
}

type tracked struct {
	Issue
	users map[uint64]struct{}
}

// note counts e. eventID is "" if it was not sent.
func (r *recent) note(id string, e *Event, eventID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.issues == nil {
		r.issues, r.seed = map[string]*tracked{}, maphash.MakeSeed()
	}
	i := r.issues[id]
	if i == nil {
		r.evict()
		i = &tracked{Issue: Issue{ID: id, First: e.At}}
		r.issues[id] = i
	}
	if e.Message != "" || i.Title == "" { // a held one has no redacted message
		i.Title = title(e)
	}
	i.Level, i.Category, i.Route, i.Last, i.CorrelationID = e.Class.Level, e.Class.Category, e.Route, e.At, e.CorrelationID
	if eventID != "" {
		i.EventID = eventID
	}
	i.Count++
	if e.User.ID != "" && len(i.users) < maxUsers {
		if i.users == nil {
			i.users = map[uint64]struct{}{}
		}
		i.users[maphash.String(r.seed, e.User.ID)] = struct{}{}
		i.Users = len(i.users)
	}
}

// link names the event that stands for those held back.
func (r *recent) link(id, eventID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.issues[id]; i != nil {
		i.EventID = eventID
	}
}

// evict makes room by forgetting the issue that is quiet for longest.
func (r *recent) evict() {
	if len(r.issues) < maxIssues {
		return
	}
	oldest := ""
	for id, i := range r.issues {
		if oldest == "" || i.Last.Before(r.issues[oldest].Last) {
			oldest = id
		}
	}
	delete(r.issues, oldest)
}

func title(e *Event) string {
	switch {
	case e.Err == nil:
		return cut(e.Message, maxTitle)
	case e.Message == "":
		return errorType(innermost(e.Err))
	case e.Panic:
		return cut("panic: "+e.Message, maxTitle)
	default:
		return cut(e.Message, maxTitle)
	}
}

// String is the title with the count.
func (i Issue) String() string { return fmt.Sprintf("%s (%d)", i.Title, i.Count) }

// Recent gives the issues seen last, at most 100, the newest first. Titles are
// redacted.
func (t *Tracker) Recent() []Issue {
	if t == nil {
		return nil
	}
	t.recent.mu.Lock()
	defer t.recent.mu.Unlock()
	all := make([]Issue, 0, len(t.recent.issues))
	for _, i := range t.recent.issues {
		all = append(all, i.Issue)
	}
	slices.SortFunc(all, func(a, b Issue) int { return b.Last.Compare(a.Last) })
	return all
}
