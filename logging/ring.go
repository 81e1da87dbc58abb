package logging

import (
	"encoding/binary"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

// Record is one record as it was logged, redacted. Attrs has groups flattened
// with dots, and the scope's user_id, route, trace_id and span_id.
type Record struct {
	Time          time.Time
	Level         slog.Level
	Message       string
	CorrelationID string
	Attrs         map[string]any
}

// ring keeps the last records, each packed into the bytes of a slot that is
// used again: keeping a record allocates nothing once the ring has gone round,
// and holds nothing of the caller's.
type ring struct {
	mu    sync.Mutex
	slots []slot // grows up to size, then is written over
	next  int
	size  int
}

type slot struct {
	time        time.Time
	level       slog.Level
	message     int // bytes of it at the start of packed
	correlation int // and of the ID after it
	packed
}

// maxSlot is how large the bytes of a slot may stay when they are used again.
const maxSlot = 16 << 10

func newRing(size int) *ring {
	if size <= 0 {
		return nil
	}
	return &ring{size: size}
}

// add packs a record: message and ID, then the pieces of attributes.
func (r *ring) add(at time.Time, level slog.Level, message, correlation string, pack func(*packed)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.slots) < r.size {
		r.slots = append(r.slots, slot{})
	}
	s := &r.slots[r.next]
	r.next = (r.next + 1) % r.size
	if cap(s.b) > maxSlot {
		s.b = nil
	}
	clear(s.trees)
	s.time, s.level, s.message, s.correlation = at, level, len(message), len(correlation)
	s.b, s.trees = append(append(s.b[:0], message...), correlation...), s.trees[:0]
	pack(&s.packed)
}

// find unpacks the records of id, "" for all, oldest first.
func (r *ring) find(id string) []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Record
	first := 0
	if len(r.slots) == r.size {
		first = r.next
	}
	for i := range r.slots {
		s := &r.slots[(first+i)%len(r.slots)]
		message, rest := s.b[:s.message], s.b[s.message:]
		correlation, rest := rest[:s.correlation], rest[s.correlation:]
		if id == "" || string(correlation) == id {
			found = append(found, Record{
				Time: s.time, Level: s.level, Message: string(message), CorrelationID: string(correlation),
				Attrs: unpack(rest, s.trees),
			})
		}
	}
	return found
}

// packed are attributes as bytes: kind, key, value, one after the other. What
// has no such form, a tree that redact has copied or a time, stands in trees.
type packed struct {
	b     []byte
	trees []any
}

func (p *packed) add(q packed) {
	if len(q.trees) == 0 {
		p.b = append(p.b, q.b...)
		return
	}
	for k, v := range unpack(q.b, q.trees) {
		p.attr("", slog.Any(k, v))
	}
}

// id packs an ID of the scope, if it is known.
func (p *packed) id(d *ids, i int) {
	switch {
	case !d.has(i):
	case i < idTrace:
		p.attr("", slog.String(idNames[i], d.text(i)))
	default:
		var hex [32]byte
		text := d.hex(hex[:0], i)
		p.b = append(p.b, byte(slog.KindString), byte(len(idNames[i])))
		p.b = append(append(p.b, idNames[i]...), byte(len(text)))
		p.b = append(p.b, text...)
	}
}

// attr packs a; groups become dots.
func (p *packed) attr(prefix string, a slog.Attr) {
	kind := a.Value.Kind()
	if kind == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range a.Value.Group() {
			p.attr(prefix, member)
		}
		return
	}
	if kind == slog.KindAny {
		if a.Key == "" && a.Value.Any() == nil {
			return
		}
		if err, ok := a.Value.Any().(error); ok {
			a.Value, kind = slog.StringValue(redact.ErrorText(err)), slog.KindString
		}
	}
	p.b = append(p.b, byte(kind))
	p.b = binary.AppendUvarint(p.b, uint64(len(prefix)+len(a.Key)))
	p.b = append(append(p.b, prefix...), a.Key...)
	switch kind {
	case slog.KindString:
		s := a.Value.String()
		p.b = append(binary.AppendUvarint(p.b, uint64(len(s))), s...)
	case slog.KindInt64:
		p.b = binary.LittleEndian.AppendUint64(p.b, uint64(a.Value.Int64()))
	case slog.KindUint64:
		p.b = binary.LittleEndian.AppendUint64(p.b, a.Value.Uint64())
	case slog.KindFloat64:
		p.b = binary.LittleEndian.AppendUint64(p.b, math.Float64bits(a.Value.Float64()))
	case slog.KindDuration:
		p.b = binary.LittleEndian.AppendUint64(p.b, uint64(a.Value.Duration()))
	case slog.KindBool:
		b := byte(0)
		if a.Value.Bool() {
			b = 1
		}
		p.b = append(p.b, b)
	default:
		p.b = binary.AppendUvarint(p.b, uint64(len(p.trees)))
		p.trees = append(p.trees, a.Value.Any())
	}
}

// unpack gives the attributes as a new map. Trees are copied.
func unpack(b []byte, trees []any) map[string]any {
	attrs := map[string]any{}
	for len(b) > 0 {
		kind := slog.Kind(b[0])
		n, size := binary.Uvarint(b[1:])
		b = b[1+size:]
		key := string(b[:n])
		b = b[n:]
		switch kind {
		case slog.KindString:
			n, size := binary.Uvarint(b)
			b = b[size:]
			attrs[key] = string(b[:n])
			b = b[n:]
		case slog.KindBool:
			attrs[key] = b[0] == 1
			b = b[1:]
		case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration:
			attrs[key] = number(kind, binary.LittleEndian.Uint64(b))
			b = b[8:]
		default:
			i, size := binary.Uvarint(b)
			b = b[size:]
			attrs[key] = copyTree(trees[i])
		}
	}
	return attrs
}

func number(kind slog.Kind, bits uint64) any {
	switch kind {
	case slog.KindInt64:
		return int64(bits)
	case slog.KindFloat64:
		return math.Float64frombits(bits)
	case slog.KindDuration:
		return time.Duration(bits)
	default:
		return bits
	}
}

// copyTree copies what redact made of a value: maps, lists and plain values.
// Objects with an order become maps, as the reader knows no other.
func copyTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, m := range v {
			c[k] = copyTree(m)
		}
		return c
	case redact.Fields:
		c := make(map[string]any, len(v))
		for _, m := range v {
			c[m.Key] = copyTree(m.Value)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, m := range v {
			c[i] = copyTree(m)
		}
		return c
	default:
		return v
	}
}
