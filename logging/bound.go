package logging

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/distri-night/monitoring/internal/redact"
)

// A record is bounded, after redaction: half a secret matches no pattern. What
// is cut says so, with its whole length; attributes past the bound are counted
// in its place.
const (
	maxText   = 64 << 10  // bytes of a message, or of the texts of one attribute
	maxKey    = 1 << 10   // bytes of the name of an attribute or group
	maxRecord = 256 << 10 // bytes of attributes after which no more are written: of a context, bound, of a record

	// Of what ring and breadcrumbs keep of one record.
	maxKept     = 16 << 10
	maxKeptText = 8 << 10

	leftOut = "attributes_left_out"
)

// cut shortens s to about most bytes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s [cut: %d bytes]", s[:end], len(s))
}

// bounded is a redacted attribute with its texts cut.
func bounded(a slog.Attr) slog.Attr {
	if len(a.Key) > maxKey {
		a.Key = cut(a.Key, maxKey)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if s := a.Value.String(); len(s) > maxText {
			a.Value = slog.StringValue(cut(s, maxText))
		}
	case slog.KindGroup:
		room := maxText
		if sizeGroup(a.Value.Group(), &room); room < 0 {
			a.Value = cutGroup(a.Value.Group(), &budget{maxText})
		}
	case slog.KindAny:
		v := a.Value.Any()
		if err, ok := v.(error); ok {
			if text := redact.ErrorText(err); len(text) > maxText {
				a.Value = slog.AnyValue(&cutError{cut(text, maxText), err})
			}
			break
		}
		room := maxText
		if size(v, &room); room < 0 {
			a.Value = slog.AnyValue((&budget{maxText}).tree(v))
		}
	}
	return a
}

// cutError is an error whose text is too long, for handlers that look into it.
type cutError struct {
	text string
	err  error
}

func (e *cutError) Error() string { return e.text }
func (e *cutError) Unwrap() error { return e.err }

// size takes the bytes of v's texts from room, and ends where there is none.
func size(v any, room *int) {
	if *room < 0 {
		return
	}
	switch v := v.(type) {
	case string:
		*room -= len(v)
	case json.Number:
		*room -= len(v)
	case error:
		*room -= len(redact.ErrorText(v))
	case []any:
		for _, m := range v {
			size(m, room)
		}
	case map[string]any:
		for k, m := range v {
			*room -= len(k)
			size(m, room)
		}
	case redact.Fields:
		for _, f := range v {
			*room -= len(f.Key)
			size(f.Value, room)
		}
	}
}

// sizeGroup is size for the members of a group; it allocates nothing.
func sizeGroup(members []slog.Attr, room *int) {
	for _, a := range members {
		*room -= len(a.Key)
		switch a.Value.Kind() {
		case slog.KindString:
			*room -= len(a.Value.String())
		case slog.KindGroup:
			sizeGroup(a.Value.Group(), room)
		case slog.KindAny:
			size(a.Value.Any(), room)
		}
	}
}

// budget is what is left of the bytes that the texts of one attribute may have.
type budget struct{ left int }

func (b *budget) text(s string) string {
	s, b.left = cut(s, max(b.left, 0)), b.left-len(s)
	return s
}

// tree is a copy of v with its texts cut.
func (b *budget) tree(v any) any {
	switch v := v.(type) {
	case string:
		return b.text(v)
	case json.Number:
		return b.text(string(v))
	case error:
		return b.text(redact.ErrorText(v))
	case []any:
		out := make([]any, 0, len(v))
		for _, m := range v {
			if b.left < 0 {
				return append(out, b.rest(len(v)-len(out)))
			}
			out = append(out, b.tree(m))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, m := range v {
			if b.left < 0 {
				out[leftOut] = len(v) - len(out)
				return out
			}
			out[b.text(k)] = b.tree(m)
		}
		return out
	case redact.Fields:
		out := make(redact.Fields, 0, len(v))
		for _, f := range v {
			if b.left < 0 {
				return append(out, redact.Field{Key: leftOut, Value: len(v) - len(out)})
			}
			out = append(out, redact.Field{Key: b.text(f.Key), Value: b.tree(f.Value)})
		}
		return out
	default:
		return v
	}
}

func (b *budget) rest(n int) string { return fmt.Sprintf("[cut: %d more]", n) }

func cutGroup(members []slog.Attr, b *budget) slog.Value {
	out := make([]slog.Attr, 0, len(members))
	for _, a := range members {
		if b.left < 0 {
			out = append(out, slog.Int(leftOut, len(members)-len(out)))
			break
		}
		key := b.text(a.Key)
		if a.Value.Kind() == slog.KindGroup {
			out = append(out, slog.Attr{Key: key, Value: cutGroup(a.Value.Group(), b)})
			continue
		}
		out = append(out, slog.Any(key, b.tree(a.Value.Any())))
	}
	return slog.GroupValue(out...)
}

// full reports whether there is room for no more attributes after from.
func (p *pieces) full(from int) bool { return len(p.body)-from >= maxRecord }

// leaveOut says how many attributes found no room.
func (p *pieces) leaveOut(e encoder, prefix string, n int) {
	p.attr(e, prefix, slog.Int(leftOut, n))
}

// kept is what ring and breadcrumbs keep of packed attributes.
func kept(packed []byte) []byte {
	if len(packed) <= maxKept {
		return packed
	}
	var p pieces
	p.attr(&jsonEncoder{}, "", slog.String(leftOut, fmt.Sprintf("they have %d bytes", len(packed))))
	return p.pack()
}
