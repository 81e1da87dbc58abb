package logging

import (
	"encoding/binary"
	"log/slog"
	"math"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

// packed are attributes as bytes: kind, key, value, one after the other. What
// has no such form, a tree that redact has copied or a time, stands in trees.
type packed struct {
	b     []byte
	trees []any
}

func (p *packed) add(q packed) {
	if len(p.trees) == 0 || len(q.trees) == 0 {
		p.b = append(p.b, q.b...)
		p.trees = append(p.trees, q.trees...)
		return
	}
	for k, v := range unpack(q.b, q.trees) {
		p.attr("", slog.Any(k, v))
	}
}

// attr is p with a after it; groups become dots.
func (p packed) attr(prefix string, a slog.Attr) packed {
	switch kind := a.Value.Kind(); kind {
	case slog.KindString:
		s := a.Value.String()
		p.b = appendLen(packKey(p.b, kind, prefix, a.Key), len(s))
		p.b = append(p.b, s...)
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindBool:
		p.b = binary.LittleEndian.AppendUint64(packKey(p.b, kind, prefix, a.Key), bits(kind, a.Value))
	case slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range a.Value.Group() {
			p = p.attr(prefix, member)
		}
	default:
		v := a.Value.Any()
		if a.Key == "" && v == nil {
			return p
		}
		if err, ok := v.(error); ok {
			return p.attr(prefix, slog.String(a.Key, redact.ErrorText(err)))
		}
		p.b = appendLen(packKey(p.b, kind, prefix, a.Key), len(p.trees))
		p.trees = append(p.trees, v)
	}
	return p
}

func packKey(b []byte, kind slog.Kind, prefix, key string) []byte {
	b = appendLen(append(b, byte(kind)), len(prefix)+len(key))
	if prefix != "" {
		b = append(b, prefix...)
	}
	return append(b, key...)
}

func bits(kind slog.Kind, v slog.Value) uint64 {
	switch kind {
	case slog.KindInt64:
		return uint64(v.Int64())
	case slog.KindUint64:
		return v.Uint64()
	case slog.KindDuration:
		return uint64(v.Duration())
	case slog.KindFloat64:
		return math.Float64bits(v.Float64())
	default:
		if v.Bool() {
			return 1
		}
		return 0
	}
}

func appendLen(b []byte, n int) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	return binary.AppendUvarint(b, uint64(n))
}

// unpackPlain unpacks what has no trees.
func unpackPlain(b []byte) map[string]any { return unpack(b, nil) }

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
		case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindBool:
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
	case slog.KindBool:
		return bits == 1
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
