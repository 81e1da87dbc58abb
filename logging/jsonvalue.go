package logging

import (
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

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
