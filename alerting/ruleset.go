package alerting

import (
	"maps"
	"slices"
)

// ruleset is the rules in force. It never changes: a new one takes its place,
// so that CheckMetric finds a rule without a lock.
type ruleset struct {
	byName map[string]*compiled
	list   []*compiled // in the order in which they were added
	fast   lookup
}

// with is a copy in which c has the place of the rule of its name, or the last.
func (r ruleset) with(c *compiled) ruleset {
	next := ruleset{byName: maps.Clone(r.byName), list: slices.Clone(r.list)}
	if next.byName == nil {
		next.byName = map[string]*compiled{}
	}
	if before := next.byName[c.Name]; before != nil {
		c.pushed = before.pushed
		next.list[slices.Index(next.list, before)] = c
	} else {
		next.list = append(next.list, c)
	}
	next.byName[c.Name] = c
	next.fast = newLookup(next.byName)
	return next
}

// holds notes whether a pushed reading holds the rule's alert, for the fast
// way of CheckMetric. A nil rule has nothing to note.
func (c *compiled) holds(t *tracked) {
	if c != nil && len(t.alert.Labels) == 0 {
		c.pushed.Store(t.pushed.Level != 0)
	}
}
