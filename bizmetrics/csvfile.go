package bizmetrics

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The rows of RFC 4180, byte for byte: a reader that takes CR LF in a cell for
// LF, as encoding/csv does, would make an ID with one another, and one without
// a bound would hold all of a file that opens a quote and never closes it.

type csvWriter struct {
	out *bufio.Writer
	err error // the first
}

func (w *csvWriter) row(cells []string) {
	for i, cell := range cells {
		if i > 0 {
			w.write(",")
		}
		if strings.ContainsAny(cell, "\",\r\n") || cell != strings.TrimSpace(cell) {
			w.write(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		} else {
			w.write(cell)
		}
	}
	w.write("\r\n")
}

func (w *csvWriter) write(s string) {
	if _, err := w.out.WriteString(s); err != nil && w.err == nil {
		w.err = err
	}
}

type csvReader struct {
	in    *bufio.Reader
	line  int // of the next byte
	begin int // of the last row
	buf   []byte
	ends  []int // of the cells, in buf
}

func newCSVReader(r io.Reader) *csvReader {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
		_, _ = in.Discard(3)
	}
	return &csvReader{in: in, line: 1}
}

var (
	errQuote  = fmt.Errorf("a quote within a cell that does not begin with one, or text after its end: %w", ErrInvalid)
	errOpen   = fmt.Errorf("a quote that is not closed: %w", ErrInvalid)
	errCells  = fmt.Errorf("more cells than there are columns: %w", ErrInvalid)
	errNoUTF8 = fmt.Errorf("not UTF-8: %w", ErrInvalid)
)

// row is the next row that is not an empty line. A row that is malformed is a
// *LineError; the next call goes on with the line after the one in which that
// was found.
func (r *csvReader) row() ([]string, error) {
	for {
		r.buf, r.ends, r.begin = r.buf[:0], r.ends[:0], r.line
		more, err := r.cells()
		switch {
		case err != nil && (errors.Is(err, ErrInvalid)):
			return nil, &LineError{Line: r.begin, Err: err}
		case err != nil:
			return nil, fmt.Errorf("read events: %w", err)
		case !more && len(r.buf) == 0 && len(r.ends) == 1:
			return nil, io.EOF
		case len(r.buf) == 0 && len(r.ends) == 1:
			continue // an empty line
		case !utf8.Valid(r.buf):
			return nil, &LineError{Line: r.begin, Err: errNoUTF8}
		}
		all, cells := string(r.buf), make([]string, len(r.ends))
		begin := 0
		for i, end := range r.ends {
			cells[i], begin = all[begin:end], end
		}
		return cells, nil
	}
}

// cells reads a row into buf; more is false at the end of the file.
func (r *csvReader) cells() (more bool, err error) {
	for {
		end, err := r.cell()
		if err != nil {
			return false, err
		}
		r.ends = append(r.ends, len(r.buf))
		if end != ',' {
			return end == '\n', nil
		}
		if len(r.ends) > len(csvColumns) {
			return false, errors.Join(errCells, r.skip())
		}
	}
}

// cell reads a cell and tells what ended it: a comma, a line end, or 0 at the
// end of the file.
func (r *csvReader) cell() (end byte, err error) {
	start, quoted := len(r.buf), false
	for {
		b, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 0, err
		case b == '"' && len(r.buf) == start && !quoted:
			if err := r.quoted(); err != nil {
				return 0, err
			}
			quoted = true
			continue
		case b == ',':
			return b, nil
		case b == '\n':
			r.line++
			return b, nil
		case b == '\r' && r.follows('\n'):
			continue
		case b == '"' || quoted:
			return 0, errors.Join(errQuote, r.skip())
		}
		if err := r.keep(b); err != nil {
			return 0, err
		}
	}
}

// quoted reads to the quote that closes the cell.
func (r *csvReader) quoted() error {
	for {
		b, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return errOpen
		case err != nil:
			return err
		case b == '"' && !r.follows('"'):
			return nil
		case b == '"':
			_, _ = r.in.Discard(1)
		case b == '\n':
			r.line++
		}
		if err := r.keep(b); err != nil {
			return err
		}
	}
}

func (r *csvReader) follows(b byte) bool {
	next, err := r.in.Peek(1)
	return err == nil && next[0] == b
}

// keep adds a byte to the row, which is bounded.
func (r *csvReader) keep(b byte) error {
	if len(r.buf) >= maxLine {
		return errors.Join(errLong, r.skip())
	}
	r.buf = append(r.buf, b)
	return nil
}

// skip passes over the rest of the line.
func (r *csvReader) skip() error {
	for {
		part, err := r.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if len(part) > 0 {
			r.line++
		}
		return nil
	}
}
