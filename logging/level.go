package logging

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/distri-night/monitoring/internal/config"
)

// LevelCritical is for what somebody must look at now. It is shown as
// "critical", and one record of it raises an alert by the default rules.
const LevelCritical = slog.Level(12)

// levelNames are the values of the metric's attribute, worst last.
var levelNames = [...]string{"debug", "info", "warn", "error", "critical"}

func levelIndex(l slog.Level) int {
	switch {
	case l >= LevelCritical:
		return 4
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 2
	case l >= slog.LevelInfo:
		return 1
	default:
		return 0
	}
}

// isCrumb reports whether records of a level become breadcrumbs.
func (k *core) isCrumb(level slog.Level) bool {
	if k.crumbs == nil {
		return level >= slog.LevelInfo
	}
	return level >= k.crumbs.Level()
}

// FormatLevel is "info", or "info+1" between two names: what ParseLevel reads.
func FormatLevel(l slog.Level) string {
	i := levelIndex(l)
	d := l - slog.Level(4*i-4)
	if d == 0 {
		return levelNames[i]
	}
	return fmt.Sprintf("%s%+d", levelNames[i], int(d))
}

// ParseLevel reads "debug", "info", "warn", "error" or "critical" in any case,
// also with an offset such as "info+1". Anything else is ErrInvalid.
func ParseLevel(s string) (slog.Level, error) {
	var l slog.Level
	text, offset := strings.ToLower(strings.TrimSpace(s)), slog.Level(0)
	if rest, ok := strings.CutPrefix(text, "critical"); ok {
		text, offset = "error"+rest, LevelCritical-slog.LevelError
	}
	if text == "warning" {
		text = "warn"
	}
	if err := l.UnmarshalText([]byte(text)); err != nil {
		return 0, &config.FieldError{Field: "Level", Want: "debug, info, warn, error or critical", Got: s}
	}
	return l + offset, nil
}
