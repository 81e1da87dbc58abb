package logging

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxNames     = 1000 // named loggers with a level of their own; the rest follow a parent
	maxOverrides = 100
)

// leveler holds the least levels: the configured one, what was set over it at
// run time, and for each named logger the one that holds. The hot path loads
// one atomic; all else is worked out where something changes.
type leveler struct {
	base slog.Leveler
	root gate // of loggers without a name

	mu     sync.Mutex
	gates  map[string]*gate
	set    map[string]*levelSetting
	timer  *time.Timer // for the next end of an override
	closed bool
	ended  func(LevelOverride) // told of an override that ended by time, without the lock
}

// gate is the level set over one logger, packed so that zero means none.
type gate struct{ set atomic.Int64 }

func (g *gate) level(base slog.Leveler) slog.Level {
	if set := g.set.Load(); set != 0 {
		return slog.Level(set >> 1)
	}
	if base == nil {
		return slog.LevelInfo
	}
	return base.Level()
}

func (g *gate) put(level *slog.Level) {
	if level == nil {
		g.set.Store(0)
		return
	}
	g.set.Store(int64(*level)<<1 | 1)
}

// levelSetting is what was set for one name: the temporary one goes first,
// and the lasting one is back after it.
type levelSetting struct{ lasting, temporary *LevelOverride }

func (s *levelSetting) now() *LevelOverride {
	switch {
	case s == nil:
		return nil
	case s.temporary != nil:
		return s.temporary
	default:
		return s.lasting
	}
}

// Level is that of loggers without a name.
func (l *leveler) Level() slog.Level { return l.root.level(l.base) }

// gate is that of a name. Past maxNames a new name shares its nearest parent's.
func (l *leveler) gate(name string) *gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.gates[name]; g != nil {
		return g
	}
	if len(l.gates) >= maxNames {
		for parent := parentName(name); parent != ""; parent = parentName(parent) {
			if g := l.gates[parent]; g != nil {
				return g
			}
		}
		return &l.root
	}
	if l.gates == nil {
		l.gates = map[string]*gate{}
	}
	g := &gate{}
	g.put(l.holds(name))
	l.gates[name] = g
	return g
}

// parentName is "db" for "db.pool", and "" for "db".
func parentName(name string) string {
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

// holds is the level set for name or the nearest above it; nil if none is.
func (l *leveler) holds(name string) *slog.Level {
	for {
		if o := l.set[name].now(); o != nil {
			return &o.Level
		}
		if name == "" {
			return nil
		}
		name = parentName(name)
	}
}

// override sets o. One without an end takes the place of one that has.
func (l *leveler) override(o LevelOverride) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed && !o.Until.IsZero() {
		return errClosed
	}
	s := l.set[o.Logger]
	if s == nil {
		if len(l.set) >= maxOverrides && o.Logger != "" {
			return errTooMany
		}
		s = &levelSetting{}
	}
	if o.Until.IsZero() {
		*s = levelSetting{lasting: &o}
	} else {
		s.temporary = &o
	}
	if l.set == nil {
		l.set = map[string]*levelSetting{}
	}
	l.set[o.Logger] = s
	l.settle()
	return nil
}

// reset takes away what is set for name, and reports whether something was.
func (l *leveler) reset(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, was := l.set[name]
	delete(l.set, name)
	l.settle()
	return was
}

// settle brings the gates up to date, and sets the timer for the next end.
func (l *leveler) settle() {
	l.root.put(l.holds(""))
	for name, g := range l.gates {
		g.put(l.holds(name))
	}
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	var next time.Time
	for _, s := range l.set {
		if t := s.temporary; t != nil && (next.IsZero() || t.Until.Before(next)) {
			next = t.Until
		}
	}
	if !next.IsZero() && !l.closed {
		l.timer = time.AfterFunc(time.Until(next), func() { l.expire(time.Now()) })
	}
}

// expire ends the temporary levels whose time has come.
func (l *leveler) expire(now time.Time) {
	ended := l.end(func(o *LevelOverride) bool { return !now.Before(o.Until) })
	if l.ended != nil {
		for _, o := range ended {
			l.ended(o)
		}
	}
}

func (l *leveler) end(due func(*LevelOverride) bool) (ended []LevelOverride) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, s := range l.set {
		if s.temporary == nil || !due(s.temporary) {
			continue
		}
		ended = append(ended, *s.temporary)
		if s.temporary = nil; s.lasting == nil {
			delete(l.set, name)
		}
	}
	l.settle()
	return ended
}

// close ends all temporary levels: there is no timer from here on.
func (l *leveler) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.end(func(*LevelOverride) bool { return true })
}

// overrides are those in force, by name.
func (l *leveler) overrides() []LevelOverride {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]LevelOverride, 0, len(l.set))
	for _, name := range slices.Sorted(maps.Keys(l.set)) {
		all = append(all, *l.set[name].now())
	}
	return all
}

// names are the named loggers with the levels that hold for them.
func (l *leveler) names() map[string]slog.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make(map[string]slog.Level, len(l.gates))
	for name, g := range l.gates {
		all[name] = g.level(l.base)
	}
	return all
}
