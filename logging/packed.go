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

// attr packs a; groups become dots.
func (p *packed) attr(prefix string, a slog.Attr) {
	kind := a.Value.Kind()
	switch kind {
	case slog.KindString:
		s := a.Value.String()
		p.key(kind, prefix, a.Key)
		p.b = append(appendLen(p.b, len(s)), s...)
	case slog.KindInt64:
		p.key(kind, prefix, a.Key)
		p.b = binary.LittleEndian.AppendUint64(p.b, uint64(a.Value.Int64()))
	case slog.KindUint64:
		p.key(kind, prefix, a.Key)
		p.b = binary.LittleEndian.AppendUint64(p.b, a.Value.Uint64())
	case slog.KindFloat64:
		p.key(kind, prefix, a.Key)
		p.b = binary.LittleEndian.AppendUint64(p.b, math.Float64bits(a.Value.Float64()))
	case slog.KindDuration:
		p.key(kind, prefix, a.Key)
		p.b = binary.LittleEndian.AppendUint64(p.b, uint64(a.Value.Duration()))
	case slog.KindBool:
		b := byte(0)
		if a.Value.Bool() {
			b = 1
		}
		p.key(kind, prefix, a.Key)
		p.b = append(p.b, b)
	case slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range a.Value.Group() {
			p.attr(prefix, member)
		}
	default:
		v := a.Value.Any()
		if a.Key == "" && v == nil {
			return
		}
		if err, ok := v.(error); ok {
			p.attr(prefix, slog.String(a.Key, redact.ErrorText(err)))
			return
		}
		p.key(kind, prefix, a.Key)
		p.b = appendLen(p.b, len(p.trees))
		p.trees = append(p.trees, v)
	}
}

func (p *packed) key(kind slog.Kind, prefix, key string) {
	p.b = appendLen(append(p.b, byte(kind)), len(prefix)+len(key))
	p.b = append(append(p.b, prefix...), key...)
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
func copyTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, m := range v {
			c[k] = copyTree(m)
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
