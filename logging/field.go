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
	json  lead // comma, name in quotes, colon
	text  lead // the same with the quote of a string
	plain bool // nothing is masked for this name; values still are by pattern
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
	json := string(appendKey(nil, name))
	return &field{
		name: name, json: newLead(json), text: newLead(json + `"`), named: k.taken(name),
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
		b = append(appendEscaped(append(first(b, &f.json), '"'), s), '"')
	case slog.KindInt64:
		n := v.Int64()
		if n > maxPlain {
			return false
		}
		b = strconv.AppendInt(first(b, &f.json), n, 10)
	case slog.KindDuration:
		b = strconv.AppendInt(first(b, &f.json), int64(v.Duration()), 10)
	case slog.KindBool:
		b = strconv.AppendBool(first(b, &f.json), v.Bool())
	default:
		return false
	}
	to.body, to.marks = b, append(to.marks, byte(kind))
	return true
}

// first appends l, without its comma where it is the first in a group.
func first(b []byte, l *lead) []byte {
	if n := len(b); n > 0 && b[n-1] == '{' {
		return append(b, l.text[1:]...)
	}
	return l.append(b)
}
