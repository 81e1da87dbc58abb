package logging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/config"
)

var (
	errClosed  = errors.New("the log is closed: no temporary level can be set")
	errTooMany = fmt.Errorf("levels are set for %d loggers already", maxOverrides)
)

// LevelOverride is a least level that was set at run time.
type LevelOverride struct {
	// Logger is the name for which it holds, and for all names below: "db" is
	// for "db.pool" too, unless that has an override of its own. "": all.
	Logger string
	Level  slog.Level
	// Until is when the level before it is back. Zero: it lasts.
	Until time.Time
	// By says who set it.
	By string
	// At is when it was set; OverrideLevel fills it in.
	At time.Time
}

// Level is the least level that is logged: that of this Logger's name, if it
// has one.
func (l *Logger) Level() slog.Level {
	if h := l.own(); h != nil {
		return h.least()
	}
	if l == nil || l.core == nil {
		return slog.LevelInfo
	}
	return l.core.level.Level()
}

// SetLevel changes the least level that is logged, at once, for all that came
// of this Logger by With, FromContext or Named, until it is changed again. It
// ends a temporary level. A named logger with an override of its own keeps it.
func (l *Logger) SetLevel(level slog.Level) {
	if l != nil && l.core != nil {
		_ = l.core.level.override(LevelOverride{Level: level, At: time.Now()}) // no end, and "" is one of a few
	}
}

// OverrideLevel sets a level for one name, or for all, at once. With an end it
// lays itself over what holds, which is back at that time or at Close,
// whichever is first; without one it lasts, and ends a temporary level of that
// name. What is set is logged, and so is its end. A faulty override is
// [ErrInvalid].
func (l *Logger) OverrideLevel(o LevelOverride) error {
	if l == nil || l.core == nil {
		return ErrNotInitialized
	}
	var f config.Faults
	if o.Level > LevelCritical {
		f.Add("Level", "at most critical", FormatLevel(o.Level))
	}
	if o.Logger != "" && cleanName(o.Logger) != o.Logger {
		f.Add("Logger", fmt.Sprintf("a logger's name, at most %d bytes", maxName), o.Logger)
	}
	o.At = time.Now()
	if !o.Until.IsZero() && !o.Until.After(o.At) {
		f.Add("Until", "a time to come", o.Until)
	}
	if err := f.Err(); err != nil {
		return err
	}
	if err := l.core.level.override(o); err != nil {
		return fmt.Errorf("set the log level: %w", err)
	}
	l.core.say("log level set", o)
	return nil
}

// ResetLevel takes away what was set for a name ("": for all): from here on
// the level of the name above it holds, at last the configured one. It reports
// whether something was set.
func (l *Logger) ResetLevel(logger string) bool {
	return l != nil && l.core != nil && l.core.level.reset(logger)
}

// LevelOverrides are those in force, by name.
func (l *Logger) LevelOverrides() []LevelOverride {
	if l == nil || l.core == nil {
		return nil
	}
	return l.core.level.overrides()
}

// say logs a change of level, whatever the level is.
func (k *core) say(msg string, o LevelOverride) {
	if k.disabled || k.foreign {
		return
	}
	r := slog.NewRecord(time.Now(), slog.LevelInfo, msg, 0)
	r.AddAttrs(slog.String("to", FormatLevel(o.Level)))
	if o.Logger != "" {
		r.AddAttrs(slog.String("of", o.Logger))
	}
	if !o.Until.IsZero() {
		r.AddAttrs(slog.Time("until", o.Until))
	}
	if o.By != "" {
		r.AddAttrs(slog.String("by", o.By))
	}
	_ = (&handler{core: k}).Handle(context.Background(), r)
}
