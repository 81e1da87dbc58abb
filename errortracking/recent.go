package errortracking

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

const (
	maxTitle    = 200
	maxRawTitle = 2 << 10 // kept until it is redacted
	maxRecent   = 100
)

// Issue is what the events of one fingerprint have in common, since the start
// of the process.
type Issue struct {
	ID, Title     string // ID: of the fingerprint
	Level         slog.Level
	Category      Category
	Route         string // of the last one
	Count         int    // those held back as a flood, or sampled out, included
	Users         int    // distinct; exact up to 64, then within some 3 %
	First, Last   time.Time
	CorrelationID string // of the last one
	EventID       string // of the last one that was sent
	Link          string // where Sentry shows that event; "": it is not known, see Config.EventURL
}

// String is the title with the count.
func (i Issue) String() string { return fmt.Sprintf("%s (%d)", i.Title, i.Count) }

// Recent gives the issues seen last, at most 100, the newest first. Titles are
// redacted.
func (t *Tracker) Recent() []Issue {
	all := t.known()
	return t.linked(all[:min(len(all), maxRecent)])
}

// TopIssues gives at most n issues of the last 1,000: those that hit most users
// first, then those that came most often.
func (t *Tracker) TopIssues(n int) []Issue {
	all := t.known()
	slices.SortStableFunc(all, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(b.Users, a.Users), cmp.Compare(b.Count, a.Count))
	})
	return t.linked(all[:max(0, min(n, len(all)))])
}

func (t *Tracker) known() []Issue {
	if t == nil {
		return nil
	}
	return t.issues.list(func(raw string) string { return text(t.redactor, raw, maxTitle) })
}

func (t *Tracker) linked(all []Issue) []Issue {
	for i := range all {
		if id := all[i].EventID; id != "" {
			all[i].Link = t.EventLink(id)
		}
	}
	return all
}

// rawTitle is what stays of a text until it is redacted. It ends between two
// words, so that no secret is cut in two.
func rawTitle(s string) string {
	if len(s) <= maxRawTitle {
		return s
	}
	s = s[:maxRawTitle]
	return strings.Clone(s[:max(0, strings.LastIndexAny(s, " \n\t"))])
}

// title is of an event whose message is redacted.
func title(e *Event) string {
	if e.Panic && e.Err != nil {
		return cut("panic: "+e.Message, maxTitle)
	}
	return cut(e.Message, maxTitle)
}
