package errortracking

import "log/slog"

// unknown is the class of what no rule knows.
var unknown = Class{Category: Bug, Level: slog.LevelError}

// classify finds the class of err: what own says of it, else the outermost
// error in the chain that a rule knows; of a joined error the worst branch.
func classify(err error, own func(error) (Class, bool)) Class {
	var w walk
	if c, ok := classOf(err, own, &w); ok {
		return c
	}
	return unknown
}

func classOf(err error, own func(error) (Class, bool), w *walk) (Class, bool) {
	if !w.enter(err) {
		return Class{}, false
	}
	defer w.leave()
	if c, ok := ask(own, err); ok {
		return c, true
	}
	c, known := ask(builtin, err)
	if known && !weak(c) {
		return c, true
	}
	all, one := unwrap(err)
	if len(all) == 0 {
		if inner, ok := classOf(one, own, w); ok {
			return inner, true
		}
		return c, known
	}
	var worst Class
	found := false
	for _, member := range all {
		if member == nil {
			continue
		}
		c, ok := classOf(member, own, w)
		if !ok {
			c = unknown
		}
		if !found || worse(c, worst) {
			worst, found = c, true
		}
	}
	return worst, found
}

// weak reports whether what is inside may tell more: that the caller went away,
// or that the disk is full.
func weak(c Class) bool { return c.Category == Network || c.Category == Dependency }

// ask guards against values that panic.
func ask(rule func(error) (Class, bool), err error) (c Class, ok bool) {
	if rule == nil {
		return Class{}, false
	}
	defer func() {
		if recover() != nil {
			c, ok = Class{}, false
		}
	}()
	return rule(err)
}

func worse(a, b Class) bool {
	if a.Expected != b.Expected {
		return b.Expected
	}
	return a.Level > b.Level
}
