package logging

import (
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/internal/redact"
)

// jsonEncoder writes one object a line, by the table of a format. What is the
// same in every record is encoded once.
type jsonEncoder struct {
	f     fields
	time  string                  // from the brace to the time's quote
	level [len(levelNames)]string // from the comma before the level to the message's quote
	ids   [idCount]string         // from the comma to the quote of the value
}

// plainJSON is for attributes only.
var plainJSON = newJSON(formats["json"])

func newJSON(f fields) *jsonEncoder {
	e := &jsonEncoder{f: f}
	e.time = "{" + string(appendQuoted(nil, f.time)) + `:"`
	for i := range e.level {
		e.level[i] = e.levelPart(slog.Level(4*i - 4))
	}
	for i, name := range f.ids {
		e.ids[i] = string(appendKey(nil, name)) + `"`
	}
	e.ids[idTrace] += f.tracePrefix
	return e
}

func (e *jsonEncoder) levelPart(l slog.Level) string {
	return string(appendQuoted(appendKey(nil, e.f.level), e.f.levels(l))) + string(appendKey(nil, e.f.msg)) + `"`
}

func (e *jsonEncoder) head(b []byte, c *clock, t time.Time, level slog.Level, msg message, ids *ids) []byte {
	i := levelIndex(level)
	part := e.level[i]
	if level != slog.Level(4*i-4) {
		part = e.levelPart(level)
	}
	if t.IsZero() {
		b = append(b, '{')
		part = part[1:]
	} else {
		b = append(b, e.time...)
		b = c.append(b, t)
		b = append(b, '"')
	}
	b = append(b, part...)
	if msg.json != "" {
		b = append(b, msg.json...)
	} else {
		b = appendEscaped(b, msg.text)
	}
	b = append(b, '"')
	b = append(b, e.f.constant...)
	if v := ids.CorrelationID; v != "" && ids.taken&(1<<idCorrelation) == 0 {
		b = append(appendEscaped(append(b, e.ids[idCorrelation]...), v), '"')
	}
	if v := ids.UserID; v != "" && ids.taken&(1<<idUser) == 0 {
		b = append(appendEscaped(append(b, e.ids[idUser]...), v), '"')
	}
	if v := ids.Route; v != "" && ids.taken&(1<<idRoute) == 0 {
		b = append(appendEscaped(append(b, e.ids[idRoute]...), v), '"')
	}
	if v := ids.logger; v != "" && ids.taken&(1<<idLogger) == 0 {
		b = append(appendEscaped(append(b, e.ids[idLogger]...), v), '"')
	}
	if ids.Trace.Valid() {
		b = e.traceIDs(b, ids)
	}
	return b
}

func (e *jsonEncoder) traceIDs(b []byte, ids *ids) []byte {
	for i := idTrace; i <= idSpan; i++ {
		if ids.taken&(1<<i) != 0 {
			continue
		}
		b = append(b, e.ids[i]...)
		if e.f.decimal {
			b = strconv.AppendUint(b, ids.decimal(i), 10)
		} else {
			b = ids.hex(b, i)
		}
		b = append(b, '"')
	}
	return b
}

func (e *jsonEncoder) open(b []byte, groups []string) []byte { return appendGroups(b, groups) }

func appendGroups(b []byte, groups []string) []byte {
	for _, g := range groups {
		b = append(appendKey(b, g), '{')
	}
	return b
}

func (e *jsonEncoder) plain(prefix string, a slog.Attr) bool {
	if a.Key != "error" || prefix != "" || e.f.err == "" {
		return true
	}
	_, isErr := a.Value.Any().(error)
	return !isErr
}

func (e *jsonEncoder) attr(b []byte, prefix string, a slog.Attr) []byte {
	if !e.plain(prefix, a) {
		a.Key = e.f.err
	}
	return appendAttr(b, a.Key, a.Value)
}

func (e *jsonEncoder) end(b []byte, _ time.Time, _ slog.Level, opened int) []byte {
	for range opened {
		b = append(b, '}')
	}
	return append(b, '}', '\n')
}

// appendAttr writes one attribute; a group without members leaves no trace.
func appendAttr(b []byte, key string, v slog.Value) []byte {
	kind := v.Kind()
	if kind != slog.KindGroup {
		if key == "" && v.Equal(slog.Value{}) {
			return b
		}
		return appendValue(appendKey(b, key), kind, v)
	}
	if key == "" {
		for _, m := range v.Group() {
			b = appendAttr(b, m.Key, m.Value)
		}
		return b
	}
	before := len(b)
	b = append(appendKey(b, key), '{')
	start := len(b)
	for _, m := range v.Group() {
		b = appendAttr(b, m.Key, m.Value)
	}
	if len(b) == start {
		return b[:before]
	}
	return append(b, '}')
}

// appendKey writes the comma where one is due. A piece that is encoded on its
// own begins with a comma, as it follows others.
func appendKey(b []byte, key string) []byte {
	if len(b) == 0 || b[len(b)-1] != '{' {
		b = append(b, ',', '"')
	} else {
		b = append(b, '"')
	}
	return append(appendEscaped(b, key), '"', ':')
}

// appendValue writes values as slog.JSONHandler does, except that numbers that
// JSON lacks are strings.
func appendValue(b []byte, kind slog.Kind, v slog.Value) []byte {
	switch kind {
	case slog.KindString:
		return appendQuoted(b, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(b, v.Uint64(), 10)
	case slog.KindFloat64:
		return appendFloat(b, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(b, v.Bool())
	case slog.KindDuration:
		return strconv.AppendInt(b, int64(v.Duration()), 10)
	case slog.KindTime:
		return appendTime(b, v.Time())
	default:
		return appendAny(b, v.Any())
	}
}

func appendAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case error:
		return appendQuoted(b, redact.ErrorText(v))
	case string:
		return appendQuoted(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case float64:
		return appendFloat(b, v)
	case float32:
		return appendFloat(b, float64(v))
	case json.Number: // of the service's making it may be anything
		if (strings.HasPrefix(string(v), "-") || v != "" && v[0] >= '0' && v[0] <= '9') && json.Valid([]byte(v)) {
			return append(b, v...)
		}
		return appendQuoted(b, string(v))
	case time.Time:
		return appendTime(b, v)
	case time.Duration:
		return strconv.AppendInt(b, int64(v), 10)
	case []any:
		b = append(b, '[')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendAny(b, m)
		}
		return append(b, ']')
	case redact.Fields:
		b = append(b, '{')
		for _, m := range v {
			b = appendAny(appendKey(b, m.Key), m.Value)
		}
		return append(b, '}')
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b = append(b, '{')
		for _, k := range keys {
			b = appendAny(appendKey(b, k), v[k])
		}
		return append(b, '}')
	default: // redact gives nothing else
		return appendQuoted(b, "!ERROR: unknown type")
	}
}

func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

// appendFloat writes as encoding/json does.
func appendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendQuoted(b, strconv.FormatFloat(f, 'g', -1, 64))
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// asIs are the ASCII bytes that a JSON string holds as they are.
var asIs = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\' && c != 0x7f
	}
	return t
}()

// appendQuoted writes a JSON string. Beyond what JSON asks for it escapes all
// that moves a terminal or breaks a line: DEL, C1 controls, line separators
// and marks of writing direction.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	b = appendEscaped(b, s)
	return append(b, '"')
}

func appendEscaped(b []byte, s string) []byte {
	if clean(s) {
		return append(b, s...)
	}
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if asIs[c] {
				i++
				continue
			}
			b = append(b, s[done:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = appendU(b, rune(c))
			}
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || hidden(r) {
			b = append(b, s[done:i]...)
			b = appendU(b, r)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...)
}

// clean reports whether all bytes of s are asIs, eight of them at a time.
func clean(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if len(s) < 8 {
		for i := range len(s) {
			if c := s[i]; c >= utf8.RuneSelf || !asIs[c] {
				return false
			}
		}
		return true
	}
	for i := 0; ; i += 8 {
		if i > len(s)-8 { // the last ones, some of them again
			if i == len(s) {
				return true
			}
			i = len(s) - 8
		}
		t := s[i : i+8]
		w := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		quote, slash := w^'"'*ones, w^'\\'*ones
		// The high bit of a byte is set in w beyond ASCII, in w-' '*ones below ' ', in w+ones at DEL, and in
		// x-ones where x was 0. What is carried on reaches only bytes beside one that is found anyway.
		if (w|(w-' '*ones)|(w+ones)|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0 {
			return false
		}
	}
}

func appendU(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// hidden reports whether r acts on a terminal instead of showing.
func hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x200e || r == 0x200f || r == 0x2028 || r == 0x2029 ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}
