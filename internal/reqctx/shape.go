package reqctx

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// One type a mix of Flusher, Hijacker and ReaderFrom. Each is one pointer, so
// that it becomes an interface without an allocation.
type (
	shapeF   struct{ *Writer }
	shapeH   struct{ *Writer }
	shapeR   struct{ *Writer }
	shapeFH  struct{ *Writer }
	shapeFR  struct{ *Writer }
	shapeHR  struct{ *Writer }
	shapeFHR struct{ *Writer }
)

// shaped is w with just the optional interfaces of the inner writer.
func (w *Writer) shaped() http.ResponseWriter {
	_, f := w.inner.(http.Flusher)
	_, h := w.inner.(http.Hijacker)
	_, r := w.inner.(io.ReaderFrom)
	switch {
	case f && h && r:
		return shapeFHR{w}
	case f && h:
		return shapeFH{w}
	case f && r:
		return shapeFR{w}
	case h && r:
		return shapeHR{w}
	case f:
		return shapeF{w}
	case h:
		return shapeH{w}
	case r:
		return shapeR{w}
	default:
		return w
	}
}

func (s shapeF) Flush()              { s.flush() }
func (s shapeF) FlushError() error   { return s.flushError() }
func (s shapeFH) Flush()             { s.flush() }
func (s shapeFH) FlushError() error  { return s.flushError() }
func (s shapeFR) Flush()             { s.flush() }
func (s shapeFR) FlushError() error  { return s.flushError() }
func (s shapeFHR) Flush()            { s.flush() }
func (s shapeFHR) FlushError() error { return s.flushError() }

func (s shapeH) Hijack() (net.Conn, *bufio.ReadWriter, error)   { return s.hijack() }
func (s shapeFH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return s.hijack() }
func (s shapeHR) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return s.hijack() }
func (s shapeFHR) Hijack() (net.Conn, *bufio.ReadWriter, error) { return s.hijack() }

func (s shapeR) ReadFrom(r io.Reader) (int64, error)   { return s.readFrom(r) }
func (s shapeFR) ReadFrom(r io.Reader) (int64, error)  { return s.readFrom(r) }
func (s shapeHR) ReadFrom(r io.Reader) (int64, error)  { return s.readFrom(r) }
func (s shapeFHR) ReadFrom(r io.Reader) (int64, error) { return s.readFrom(r) }
