package logging

import (
	"log/slog"
	"strings"

	"github.com/distri-night/monitoring/internal/redact"
)

// flatten puts a into m under prefix and its key; groups become dots.
func flatten(m map[string]any, prefix string, a slog.Attr) {
	if a.Value.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range a.Value.Group() {
			flatten(m, prefix, member)
		}
		return
	}
	if a.Equal(slog.Attr{}) {
		return
	}
	key := strings.Clone(prefix + a.Key)
	switch a.Value.Kind() {
	case slog.KindString:
		m[key] = strings.Clone(a.Value.String())
	default:
		v := a.Value.Any()
		if err, ok := v.(error); ok {
			v = redact.ErrorText(err)
		}
		m[key] = v
	}
}

// dotted is the prefix of the keys in groups.
func dotted(groups []string) string {
	switch len(groups) {
	case 0:
		return ""
	case 1:
		return groups[0] + "."
	default:
		return strings.Join(groups, ".") + "."
	}
}
