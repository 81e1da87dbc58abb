package logging

import (
	"context"
	"log/slog"
	"strings"
)

const maxName = 100 // bytes

// Named gives a Logger whose records carry name as "logger" at their root, and
// whose level can be set apart from the others' ([Logger.OverrideLevel]). Names
// nest: Named("db").Named("pool") is "db.pool", as Named("db.pool") is. What
// is bound to l stays bound. Names are of the code, not of data: they are kept,
// and past 1,000 a new one has no level of its own but its parent's. A nil or
// zero Logger names what FromContext gives.
func (l *Logger) Named(name string) *Logger {
	h := l.own()
	if h == nil {
		l = FromContext(context.Background())
		h = l.own()
	}
	if name = cleanName(name); name == "" {
		return l
	}
	c := *h
	if c.name != "" {
		name = cleanName(c.name + "." + name)
	}
	c.name = h.core.redact.Text(name)
	c.gate = h.core.level.gate(c.name)
	return &Logger{Logger: slog.New(&c), core: h.core}
}

// own is the Logger's handler, if it is one of ours.
func (l *Logger) own() *handler {
	if l == nil || l.Logger == nil {
		return nil
	}
	h, _ := l.Handler().(*handler)
	return h
}

// least is the least level that the handler logs.
func (h *handler) least() slog.Level {
	if h.gate != nil {
		return h.gate.level(h.core.level.base)
	}
	return h.core.level.root.level(h.core.level.base)
}

// cleanName is name without what would break a line or a nest of names.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || hidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	for strings.Contains(name, "..") {
		name = strings.ReplaceAll(name, "..", ".")
	}
	if name = strings.Trim(name, "."); len(name) > maxName {
		name = strings.Trim(strings.ToValidUTF8(name[:maxName], ""), ".")
	}
	return name
}
