package logging

import (
	"log/slog"
	"time"
)

// encoder writes records in one format. Bound attributes are encoded once and
// copied into each record, so it works on pieces: attributes first, one by
// one, then the head in front of them, then the end. Values are plain ones, as
// redact gives them, or errors.
type encoder interface {
	// head writes time, level, message and IDs.
	head(b []byte, c *clock, at stamp, msg message, ids *ids) []byte
	// open opens groups, in which attributes follow.
	open(b []byte, groups []string) []byte
	// attr writes one attribute; prefix is the open groups with dots, "" at
	// the root. first: so far all attributes of the record were plain.
	attr(b []byte, prefix string, a slog.Attr, first bool) []byte
	// plain reports whether attr writes what appendAttr does, and no more.
	plain(prefix string, a slog.Attr) bool
	// end closes what is open, and ends the line.
	end(b []byte, t time.Time, level slog.Level, opened int) []byte
}

// stamp is when, at which level and where a record was logged.
type stamp struct {
	time  time.Time
	level slog.Level
	pc    uintptr
}

// clock writes times as RFC 3339 with nanoseconds. It remembers the text of a
// second: records come by the thousand in one. Not for concurrent use.
type clock struct {
	unix int64
	in   *time.Location
	head []byte // "2006-01-02T15:04:05"
	zone []byte // "Z", "+01:00"
}

func (c *clock) append(b []byte, t time.Time) []byte {
	if unix, in := t.Unix(), t.Location(); unix != c.unix || in != c.in {
		c.unix, c.in = unix, in
		c.head = t.AppendFormat(c.head[:0], "2006-01-02T15:04:05")
		c.zone = t.AppendFormat(c.zone[:0], "Z07:00")
	}
	b = append(b, c.head...)
	if n := t.Nanosecond(); n != 0 {
		b = appendNanos(b, uint32(n))
	}
	return append(b, c.zone...)
}

// appendNanos writes a fraction of a second, without the zeros at its end.
func appendNanos(b []byte, n uint32) []byte {
	low, high := n%100_000, n/100_000
	b = append(b, '.', byte('0'+high/1000), byte('0'+high/100%10), byte('0'+high/10%10), byte('0'+high%10),
		byte('0'+low/10_000), byte('0'+low/1000%10), byte('0'+low/100%10), byte('0'+low/10%10), byte('0'+low%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}
