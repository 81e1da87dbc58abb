package logging

import (
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
// source code, so the same few hundred come again and again. It is bounded and
// holds copies. What is in it stays, so that names made of data neither cost
// memory for each record nor drive others out.
type fieldCache [1024]atomic.Pointer[field]

const maxFieldName = 64 // longer ones are not remembered

// find gives the field of a name, or nil for one that is not remembered.
func (c *fieldCache) find(k *core, name string) *field {
	n := len(name)
	if n == 0 || n > maxFieldName {
		return nil
	}
	h := n + int(name[0])*17 + int(name[n-1])*61 + int(name[n/2])*257
	for i := range 4 {
		slot := &c[(h+i)%len(c)]
		f := slot.Load()
		if f == nil {
			f = newField(k, name)
			slot.CompareAndSwap(nil, f)
			return f
		}
		if f.name == name {
			return f
		}
	}
	return nil
}

func newField(k *core, name string) *field {
	name = strings.Clone(name)
	return &field{
		name: name, json: string(appendKey(nil, name)), named: k.taken(name),
		plain: k.redact.PlainName(name),
	}
}

// maxPlain is less than any card number: no integer up to it is masked.
const maxPlain = 1e11

// scalar writes an attribute of a plain kind whose name is known, masked. Most
// attributes are such. It gives false, and has done nothing, where the long way
// has to be taken.
func (f *field) scalar(r *redact.Redactor, to *pieces, v slog.Value) bool {
	kind := v.Kind()
	b := to.body
	switch kind {
	case slog.KindString:
		if len(v.String()) > maxText {
			return false
		}
		s := r.Text(v.String())
		b = append(appendEscaped(append(f.appendName(b), '"'), s), '"')
	case slog.KindInt64:
		n := v.Int64()
		if n > maxPlain {
			return false
		}
		b = strconv.AppendInt(f.appendName(b), n, 10)
	case slog.KindDuration:
		b = strconv.AppendInt(f.appendName(b), int64(v.Duration()), 10)
	case slog.KindBool:
		b = strconv.AppendBool(f.appendName(b), v.Bool())
	default:
		return false
	}
	to.body, to.marks = b, append(to.marks, byte(kind))
	return true
}

// appendName is appendKey of the name.
func (f *field) appendName(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '{' {
		return append(b, f.json[1:]...)
	}
	return append(b, f.json...)
}
