package logging

import (
	"log/slog"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/internal/redact"
)

// logfmt writes key=value pairs; groups become dots.
type logfmt struct{}

func (logfmt) head(b []byte, c *clock, at stamp, msg message, ids *ids) []byte {
	if !at.time.IsZero() {
		b = append(b, "time="...)
		b = c.append(b, at.time)
		b = append(b, ' ')
	}
	b = append(b, "level="...)
	b = append(b, FormatLevel(at.level)...)
	b = append(b, " msg="...)
	b = appendText(b, msg.text)
	return appendIDs(b, ids, "", "")
}

func (logfmt) plain(string, slog.Attr) bool { return false }

func (logfmt) open(b []byte, _ []string) []byte { return b }

func (logfmt) attr(b []byte, prefix string, a slog.Attr, _ bool) []byte {
	return appendPair(b, prefix, a, noStyle)
}

func (logfmt) end(b []byte, _ time.Time, _ slog.Level, _ int) []byte { return append(b, '\n') }

// style is how keys and values are coloured.
type style struct{ key, err, reset string }

var (
	noStyle = style{}
	tinted  = style{key: "\x1b[2m", err: "\x1b[91m", reset: "\x1b[0m"}
)

func appendIDs(b []byte, ids *ids, faint, reset string) []byte {
	for i := range idCount {
		if !ids.has(i) {
			continue
		}
		b = append(b, ' ')
		b = append(b, faint...)
		b = append(b, idNames[i]...)
		b = append(b, '=')
		if i < idTrace {
			b = appendText(b, ids.text(i))
		} else {
			b = ids.hex(b, i)
		}
		b = append(b, reset...)
	}
	return b
}

func appendPair(b []byte, prefix string, a slog.Attr, st style) []byte {
	kind := a.Value.Kind()
	if kind == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, m := range a.Value.Group() {
			b = appendPair(b, prefix, m, st)
		}
		return b
	}
	if empty(a) {
		return b
	}
	b = append(b, ' ')
	b = append(b, st.key...)
	b = appendName(b, prefix)
	b = appendName(b, a.Key)
	if prefix == "" && a.Key == "" {
		b = append(b, '_')
	}
	b = append(b, '=')
	b = append(b, st.reset...)
	if kind == slog.KindAny {
		if err, ok := a.Value.Any().(error); ok {
			b = append(b, st.err...)
			b = appendText(b, redact.ErrorText(err))
			return append(b, st.reset...)
		}
	}
	return appendPlain(b, a.Value)
}

func appendPlain(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendText(b, v.String())
	case slog.KindFloat64:
		return strconv.AppendFloat(b, v.Float64(), 'g', -1, 64)
	case slog.KindDuration:
		return append(b, v.Duration().String()...)
	case slog.KindTime:
		return v.Time().AppendFormat(b, time.RFC3339Nano)
	case slog.KindAny:
		switch v := v.Any().(type) {
		case string:
			return appendText(b, v)
		case time.Duration:
			return append(b, v.String()...)
		case []any, map[string]any, redact.Fields:
			return appendText(b, string(appendAny(nil, v)))
		}
	}
	return appendValue(b, v.Kind(), v)
}

// appendText writes s in quotes if it needs them to be one value.
func appendText(b []byte, s string) []byte {
	if s == "" {
		return append(b, '"', '"')
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c == ' ' || c == '=' || !asIs[c] {
				return appendQuoted(b, s)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || hidden(r) {
			return appendQuoted(b, s)
		}
		i += size
	}
	return append(b, s...)
}

// appendName writes a key: what would end or split it becomes "_".
func appendName(b []byte, key string) []byte {
	for _, r := range key {
		if r == ' ' || r == '=' || r == '"' || r == '\\' || r == utf8.RuneError || hidden(r) {
			r = '_'
		}
		b = utf8.AppendRune(b, r)
	}
	return b
}
