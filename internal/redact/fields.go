package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Field is a member of an object.
type Field struct {
	Key   string
	Value any
}

// Fields is an object whose members have an order: the declared one of a
// struct's fields, the written one of encoded JSON and of a group. Maps have
// none and stay maps. A key may come twice, as it may in JSON.
type Fields []Field

// MarshalJSON writes an object with the members in their order.
func (f Fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // whoever asked does, if he wants it
	b.WriteByte('{')
	for i, m := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(m.Key); err != nil {
			return nil, fmt.Errorf("encode the name of a field: %w", err)
		}
		b.WriteByte(':')
		if err := enc.Encode(m.Value); err != nil {
			return nil, fmt.Errorf("encode field %q: %w", m.Key, err)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// String writes the members as fmt does those of a struct.
func (f Fields) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range f {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s:%+v", m.Key, m.Value)
	}
	b.WriteByte('}')
	return b.String()
}

// decode reads one JSON value with its objects as Fields and its numbers as
// they are written. It reports false for what is not JSON.
func decode(b []byte) (v any, ok bool) {
	if !json.Valid(b) { // bounds the depth, too
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return decoded(dec)
}

func decoded(dec *json.Decoder) (any, bool) {
	t, err := dec.Token()
	if err != nil {
		return nil, false
	}
	switch t {
	case json.Delim('{'):
		f := Fields{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, false
			}
			name, _ := key.(string)
			v, ok := decoded(dec)
			if !ok {
				return nil, false
			}
			f = append(f, Field{name, v})
		}
		_, err = dec.Token()
		return f, err == nil
	case json.Delim('['):
		l := []any{}
		for dec.More() {
			v, ok := decoded(dec)
			if !ok {
				return nil, false
			}
			l = append(l, v)
		}
		_, err = dec.Token()
		return l, err == nil
	}
	return t, true
}
