package logging

import (
	"encoding/binary"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/distri-night/monitoring/internal/redact"
)

// field is what the name of an attribute settles once and for all.
type field struct {
	name  string
	json  string // comma, name in quotes, colon
	plain bool   // nothing is masked for this name; values still are by pattern
	named idSet
}

// fieldCache remembers fields by a small hash of their names: names come from
// source code, so the same few hundred come again and again. It is bounded,
// and holds copies.
type fieldCache [512]atomic.Pointer[field]

const maxFieldName = 64 // longer ones are not remembered

// find is nil for a name that is empty or too long.
func (c *fieldCache) find(r *redact.Redactor, name string) *field {
	n := len(name)
	if n < 1 || n > maxFieldName {
		return nil
	}
	h := uint(n) + uint(name[0])*17 + uint(name[n-1])*61
	slot := &c[h%uint(len(c))]
	if f := slot.Load(); f != nil && f.name == name {
		return f
	}
	f := newField(r, name)
	slot.Store(f)
	return f
}

func newField(r *redact.Redactor, name string) *field {
	name = strings.Clone(name)
	return &field{
		name: name, json: string(appendKey(nil, name)), named: named(name),
		plain: !r.Allowed(name) && shows(r, nil, name),
	}
}

// shows reports whether values of any kind show under name inside groups, as
// far as the names go.
func shows(r *redact.Redactor, groups []string, name string) bool {
	for _, probe := range [...]slog.Value{slog.StringValue("Probe7"), slog.IntValue(7), slog.Float64Value(7.5)} {
		if !r.Attr(groups, slog.Attr{Key: name, Value: probe}).Value.Equal(probe) {
			return false
		}
	}
	return true
}

// maxPlain is less than any card number: no integer up to it is masked.
const maxPlain = 1e11

// scalar writes an attribute of a plain kind whose name is known: masked, as
// JSON to b and packed to p. Most attributes are such. It gives false, and has
// done nothing, where the long way has to be taken.
func (f *field) scalar(r *redact.Redactor, b, p []byte, prefix string, v slog.Value) (body, packed []byte, ok bool) {
	kind, bits := v.Kind(), uint64(0)
	switch kind {
	case slog.KindString:
		s := r.Text(v.String())
		b = append(appendEscaped(append(f.appendName(b), '"'), s), '"')
		p = appendLen(packKey(p, kind, prefix, f.name), len(s))
		return b, append(p, s...), true
	case slog.KindInt64:
		n := v.Int64()
		if n > maxPlain {
			return b, p, false
		}
		b, bits = strconv.AppendInt(f.appendName(b), n, 10), uint64(n)
	case slog.KindDuration:
		n := int64(v.Duration())
		b, bits = strconv.AppendInt(f.appendName(b), n, 10), uint64(n)
	case slog.KindBool:
		b = f.appendName(b)
		if v.Bool() {
			b, bits = append(b, "true"...), 1
		} else {
			b = append(b, "false"...)
		}
	default:
		return b, p, false
	}
	return b, binary.LittleEndian.AppendUint64(packKey(p, kind, prefix, f.name), bits), true
}

// appendName is appendKey of the name.
func (f *field) appendName(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '{' {
		return append(b, f.json[1:]...)
	}
	return append(b, f.json...)
}
