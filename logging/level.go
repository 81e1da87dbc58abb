package logging

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/problem"
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

// leveler is the configured level, and what SetLevel made of it.
type leveler struct {
	base slog.Leveler
	set  atomic.Pointer[slog.Level]
}

func (l *leveler) Level() slog.Level {
	if set := l.set.Load(); set != nil {
		return *set
	}
	if l.base == nil {
		return slog.LevelInfo
	}
	return l.base.Level()
}

// Level is the least level that is logged.
func (l *Logger) Level() slog.Level {
	if l == nil || l.core == nil {
		return slog.LevelInfo
	}
	return l.core.level.Level()
}

// SetLevel changes the least level that is logged, at once and for all that
// came of this Logger by With or FromContext.
func (l *Logger) SetLevel(level slog.Level) {
	if l != nil && l.core != nil {
		l.core.level.set.Store(&level)
	}
}

// LevelHandler answers GET with {"level":"info"} and takes the same by PUT. It
// guards nothing: mount it where only operators get to.
func (l *Logger) LevelHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPut:
			var in struct{ Level string }
			if err := json.NewDecoder(io.LimitReader(r.Body, 1<<10)).Decode(&in); err != nil {
				problem.Write(w, http.StatusBadRequest, `want {"level":"info"}`)
				return
			}
			level, err := ParseLevel(in.Level)
			if err != nil {
				problem.Write(w, http.StatusBadRequest, "level: want debug, info, warn, error or critical")
				return
			}
			l.SetLevel(level)
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT")
			problem.Write(w, http.StatusMethodNotAllowed, "want GET or PUT")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"level": FormatLevel(l.Level())})
	})
}
