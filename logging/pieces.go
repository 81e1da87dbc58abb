package logging

import (
	"encoding/binary"
	"log/slog"
	"slices"
)

// pieces are attributes as they are written, and as ring and breadcrumbs keep
// them: as JSON, with a mark for each value, because JSON does not tell a
// duration from a number. In most formats that is the same JSON, written once.
type pieces struct {
	body  []byte // as the format writes them
	plain []byte // as JSON, if apart
	apart bool   // body is not that JSON
	marks []byte // kinds of the values in order; slog.KindGroup opens a group
}

func (p pieces) clone() pieces {
	return pieces{slices.Clone(p.body), slices.Clone(p.plain), p.apart, slices.Clone(p.marks)}
}

func (p *pieces) reset() {
	p.body, p.plain, p.apart, p.marks = p.body[:0], p.plain[:0], false, p.marks[:0]
}

// add appends q.
func (p *pieces) add(q *pieces) {
	if len(q.marks) == 0 {
		return
	}
	if q.apart && !p.apart {
		p.part()
	}
	if p.apart {
		plain := q.body
		if q.apart {
			plain = q.plain
		}
		p.plain = append(p.plain, plain...)
	}
	p.body = append(p.body, q.body...)
	p.marks = append(p.marks, q.marks...)
}

// part begins to write plain apart from body.
func (p *pieces) part() {
	p.plain, p.apart = append(p.plain[:0], p.body...), true
}

// attr writes an attribute.
func (p *pieces) attr(e encoder, prefix string, a slog.Attr) {
	first := !p.apart
	if first && !e.plain(prefix, a) {
		p.part()
	}
	p.body = e.attr(p.body, prefix, a, first)
	if p.apart {
		p.plain = appendAttr(p.plain, a.Key, a.Value)
	}
	p.marks = appendMarks(p.marks, a)
}

// opening is where groups were opened.
type opening struct{ body, plain, marks, inside int }

// open opens groups, which closed undoes where nothing follows.
func (p *pieces) open(e encoder, groups []string) opening {
	if len(groups) > 0 && !p.apart && !e.plain("", slog.Attr{}) {
		p.part()
	}
	o := opening{body: len(p.body), plain: len(p.plain), marks: len(p.marks)}
	if len(groups) > 0 {
		p.body = e.open(p.body, groups)
		if p.apart {
			p.plain = appendGroups(p.plain, groups)
		}
		for range groups {
			p.marks = append(p.marks, byte(slog.KindGroup))
		}
	}
	o.inside = len(p.marks)
	return o
}

// closed reports whether nothing followed, and undoes open then.
func (p *pieces) closed(o opening) bool {
	if len(p.marks) > o.inside {
		return false
	}
	p.body, p.marks = p.body[:o.body], p.marks[:o.marks]
	if p.apart {
		p.plain = p.plain[:o.plain]
	}
	return true
}

// appendMarks writes the marks of an attribute, none where appendAttr writes
// nothing.
func appendMarks(m []byte, a slog.Attr) []byte {
	kind := a.Value.Kind()
	switch kind {
	case slog.KindGroup:
		before := len(m)
		if a.Key != "" {
			m = append(m, byte(kind))
		}
		inside := len(m)
		for _, member := range a.Value.Group() {
			m = appendMarks(m, member)
		}
		if len(m) == inside {
			return m[:before]
		}
		return m
	case slog.KindAny:
		if empty(a) {
			return m
		}
		if _, ok := a.Value.Any().(error); ok {
			kind = slog.KindString
		}
	}
	return append(m, byte(kind))
}

// pack ends the pieces, which are written by now, and gives JSON and marks as
// one: marks and their number stand at the end. nil: there are no attributes.
func (p *pieces) pack() []byte {
	if len(p.marks) == 0 {
		return nil
	}
	to := &p.body
	if p.apart {
		to = &p.plain
	}
	*to = binary.LittleEndian.AppendUint32(append(*to, p.marks...), uint32(len(p.marks))) //nolint:gosec // under 4 GiB
	return *to
}
