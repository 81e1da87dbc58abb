package bizmetrics

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode/utf8"
)

// LineError is a line of a file that is no event, or one that cannot be taken.
// Whoever reads on gets the lines after it.
type LineError struct {
	Line int // from 1; of a record of several lines, the first
	Err  error
}

// Error gives the line's number and what is wrong with it.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

const maxLine = 1 << 20 // bytes of one event; a line that is longer is passed over unread

var errLong = fmt.Errorf("longer than 1 MiB: %w", ErrInvalid)

// jsonLine is an event in a file. Names are part of the format: add, never
// rename.
type jsonLine struct {
	Key  string          `json:"key,omitempty"`
	Kind string          `json:"kind"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// WriteJSONLines writes events as JSON lines, one a line, and tells how many:
//
//	{"key":"order:placed:o-1","kind":"order","at":"2026-03-01T09:30:00Z","data":{"id":"o-1",...}}
//
// key, kind, at and data are those of [Event]. [ReadJSONLines] gives the same
// events back. It holds one event at a time, and stops at the first error of
// events or of w.
func WriteJSONLines(w io.Writer, events iter.Seq2[Event, error]) (n int64, err error) {
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for e, err := range events {
		if err != nil {
			return n, fmt.Errorf("read events: %w", errors.Join(err, out.Flush()))
		}
		if err := lines.Encode(jsonLine{Key: e.Key, Kind: e.Kind, At: e.At.UTC(), Data: e.Data}); err != nil {
			return n, fmt.Errorf("write event %q: %w", e.Key, err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("write events: %w", err)
	}
	return n, nil
}

// ReadJSONLines gives the events that [WriteJSONLines] has written. A line may
// leave its key out: it follows from kind and data. Empty lines are passed over.
// A line that is no event is a [*LineError]: the loop may go on. An error of r
// is any other error, and the last. It holds one line at a time, of 1 MiB at
// most.
func ReadJSONLines(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		in := lineReader{in: bufio.NewReader(r)}
		for {
			line, err := in.next()
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil && !errors.Is(err, errLong):
				yield(Event{}, fmt.Errorf("read events: %w", err))
				return
			}
			line = bytes.TrimSpace(line)
			if err == nil && len(line) == 0 {
				continue
			}
			var e Event
			if err == nil {
				e, err = parseLine(line)
			}
			if err != nil {
				err = &LineError{Line: in.line, Err: err}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func parseLine(line []byte) (Event, error) {
	if !utf8.Valid(line) {
		return Event{}, fmt.Errorf("not UTF-8: %w", ErrInvalid)
	}
	var l jsonLine
	if err := json.Unmarshal(line, &l); err != nil {
		return Event{}, fmt.Errorf("not an event in JSON: %w: %w", ErrInvalid, err)
	}
	e := Event(l)
	record, err := parse(e)
	if err != nil {
		return Event{}, err
	}
	e.Key, e.At = record.Kind.Key(record.ID), time.UnixMicro(record.At).UTC()
	return e, nil
}

// lineReader gives lines of a bounded length.
type lineReader struct {
	in   *bufio.Reader
	line int
	buf  []byte
}

// next is a line without its end. One that is too long is read to its end and
// is errLong.
func (r *lineReader) next() ([]byte, error) {
	r.buf = r.buf[:0]
	r.line++
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.buf) <= maxLine {
			r.buf = append(r.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(r.buf) > 0:
		case err != nil:
			return nil, err
		}
		if len(r.buf) > maxLine {
			return nil, errLong
		}
		return r.buf, nil
	}
}
