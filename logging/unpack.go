package logging

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"
)

// unpack gives the attributes that pieces.pack made bytes of as a new map, in
// which groups are flattened with dots. Of a name that is there twice the last
// one stands.
func unpack(b []byte) map[string]any {
	u := unpacker{attrs: map[string]any{}}
	if n := len(b) - 4; n >= 0 {
		if marks := n - int(binary.LittleEndian.Uint32(b[n:])); marks >= 0 {
			u.b, u.marks = b[:marks], b[marks:n]
		}
	}
	u.members("")
	return u.attrs
}

// unpacker reads what this package wrote, and nothing else. What it does not
// understand ends it.
type unpacker struct {
	b, marks []byte
	attrs    map[string]any
}

// members reads ,"key":value again and again, to the end of the group. The
// last groups are open: they end with the bytes.
func (u *unpacker) members(prefix string) {
	for len(u.marks) > 0 && len(u.b) > 0 {
		switch u.b[0] {
		case '}':
			u.b = u.b[1:]
			return
		case ',':
			u.b = u.b[1:]
		}
		key := prefix + u.text()
		if len(u.b) == 0 || u.b[0] != ':' || len(u.marks) == 0 {
			u.b = nil
			return
		}
		u.b = u.b[1:]
		kind := slog.Kind(u.marks[0])
		u.marks = u.marks[1:]
		switch {
		case kind == slog.KindGroup:
			u.b = bytes.TrimPrefix(u.b, []byte("{"))
			u.members(key + ".")
		case kind == slog.KindAny:
			u.attrs[key] = u.tree()
		case len(u.b) > 0 && u.b[0] == '"':
			u.attrs[key] = scalar(kind, u.text())
		default:
			n := bytes.IndexAny(u.b, ",}")
			if n < 0 {
				n = len(u.b)
			}
			u.attrs[key] = scalar(kind, string(u.b[:n]))
			u.b = u.b[n:]
		}
	}
	if len(u.b) > 0 && u.b[0] == '}' {
		u.b = u.b[1:]
	}
}

// text reads a string.
func (u *unpacker) text() string {
	if len(u.b) == 0 || u.b[0] != '"' {
		u.b = nil
		return ""
	}
	plain := true
	for i := 1; i < len(u.b); i++ {
		switch u.b[i] {
		case '\\':
			plain = false
			i++
		case '"':
			text := string(u.b[1:i])
			if !plain {
				text, _ = strconv.Unquote(string(u.b[:i+1])) // what is escaped in both is escaped alike
			}
			u.b = u.b[i+1:]
			return text
		}
	}
	u.b = nil
	return ""
}

// tree reads any value.
func (u *unpacker) tree() any {
	dec := json.NewDecoder(bytes.NewReader(u.b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		u.b = nil
		return nil
	}
	u.b = u.b[dec.InputOffset():]
	return numbers(v)
}

// numbers makes int64 or float64 of the numbers in v.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case map[string]any:
		for k, m := range v {
			v[k] = numbers(m)
		}
	case []any:
		for i, m := range v {
			v[i] = numbers(m)
		}
	}
	return v
}

// scalar reads a value; a number that JSON lacks was written as a string.
func scalar(kind slog.Kind, text string) any {
	switch kind {
	case slog.KindInt64:
		n, _ := strconv.ParseInt(text, 10, 64)
		return n
	case slog.KindUint64:
		n, _ := strconv.ParseUint(text, 10, 64)
		return n
	case slog.KindFloat64:
		f, _ := strconv.ParseFloat(text, 64)
		return f
	case slog.KindDuration:
		n, _ := strconv.ParseInt(text, 10, 64)
		return time.Duration(n)
	case slog.KindBool:
		return text == "true"
	case slog.KindTime:
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t
		}
		return text
	default:
		return text
	}
}
