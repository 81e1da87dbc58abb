package alerting

import (
	"context"
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

// SetRule adds r, or puts it in place of the rule of its name. Alerts that
// are active go on under the new rule. What is wrong with r is [ErrInvalid],
// and nothing changes then.
func (m *Manager) SetRule(_ context.Context, r Rule) error {
	if m == nil {
		return ErrNotInitialized
	}
	if err := r.Validate(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrNotInitialized
	}
	rules := m.rules.Load().with(compile(r))
	m.rules.Store(&rules)
	return nil
}

// Rules are those in force, in the order in which they were given, with their
// defaults filled in.
func (m *Manager) Rules() []Rule {
	if m == nil {
		return nil
	}
	var list []Rule
	for _, c := range m.rules.Load().list {
		r := c.Rule
		r.Levels, r.By = slices.Clone(r.Levels), slices.Clone(r.By)
		list = append(list, r)
	}
	return list
}
