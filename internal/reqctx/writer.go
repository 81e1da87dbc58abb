package reqctx

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Writer notes what is answered through it. The handler sees it in the shape
// of the writer inside: Flusher, Hijacker and io.ReaderFrom only where that
// one has them, and Unwrap always, for http.ResponseController. An HTTP/2
// Pusher is reached through Unwrap.
//
// What was answered may be read at any time: behind http.TimeoutHandler the
// handler ends while the time-out is being answered.
type Writer struct {
	inner   http.ResponseWriter
	written atomic.Int64  // bytes of the body
	state   atomic.Uint64 // see below: in one word, as a request's size is its cost
}

// The state has, from below, the status, two flags, and the Clock at the first
// final header in ticks of 64 ns: as much as nine years.
const (
	statusMask = 1<<10 - 1
	hijacked   = 1 << 10
	stream     = 1 << 11
	firstShift = 12
	tick       = 6
	ticks      = 1<<(64-firstShift) - 1
)

// Status is that of the first final header: 0 while none was written, 101 for
// an upgrade.
func (w *Writer) Status() int { return int(w.state.Load() & statusMask) }

// FirstByte is how long after start, a [Clock], the answer began: its final
// header, or the first bytes or flush that imply one. false: not yet, or taken
// over. The server may hold small answers back until the handler ends.
func (w *Writer) FirstByte(start time.Duration) (after time.Duration, ok bool) {
	state := w.state.Load()
	if state&statusMask == 0 {
		return 0, false
	}
	passed := (state>>firstShift - uint64(start)>>tick) & ticks
	if passed > ticks/2 { // it began before start
		passed = 0
	}
	return time.Duration(passed << tick), true
}

// Written is the number of bytes of the body that the server took, as they
// were written: before a transfer coding, and to a HEAD too.
func (w *Writer) Written() int64 { return w.written.Load() }

// Hijacked reports whether the handler took the connection over.
func (w *Writer) Hijacked() bool { return w.state.Load()&hijacked != 0 }

// Stream reports whether the answer lasts as long as the client likes: events,
// an upgrade, a connection taken over, or what SetStream says.
func (w *Writer) Stream() bool { return w.state.Load()&stream != 0 }

// SetStream says that the answer lasts as long as the client likes.
func (w *Writer) SetStream() { w.state.Or(stream) }

// Header is the inner writer's.
func (w *Writer) Header() http.Header { return w.inner.Header() }

// Unwrap is for http.ResponseController.
func (w *Writer) Unwrap() http.ResponseWriter { return w.inner }

// WriteHeader passes every call on: what is superfluous is the server's to
// say. A code that the server panics at is not noted: nothing was answered.
func (w *Writer) WriteHeader(code int) {
	if code >= 200 && code <= 999 || code == http.StatusSwitchingProtocols {
		w.note(code)
	}
	w.inner.WriteHeader(code)
}

// Write answers 200 if no header was written.
func (w *Writer) Write(b []byte) (int, error) {
	w.note(http.StatusOK)
	n, err := w.inner.Write(b)
	w.wrote(int64(n))
	return n, err
}

// WriteString saves the copy where the inner writer can.
func (w *Writer) WriteString(s string) (int, error) {
	w.note(http.StatusOK)
	n, err := io.WriteString(w.inner, s)
	w.wrote(int64(n))
	return n, err
}

// note keeps the first final status, and when it was.
func (w *Writer) note(code int) {
	was := w.state.Load()
	if was&statusMask != 0 {
		return
	}
	for at := uint64(Clock()) >> tick << firstShift; !w.state.CompareAndSwap(was, was|uint64(code)|at); {
		if was = w.state.Load(); was&statusMask != 0 {
			return
		}
	}
	types := w.inner.Header()["Content-Type"]
	if code == http.StatusSwitchingProtocols || len(types) > 0 && endless(types[0]) {
		w.state.Or(stream)
	}
}

// endless are the types of an answer that has no end of its own.
func endless(contentType string) bool {
	return strings.HasPrefix(contentType, "text/event-stream") ||
		strings.HasPrefix(contentType, "multipart/x-mixed-replace") ||
		strings.HasPrefix(contentType, "application/grpc")
}

// wrote counts n bytes of the body.
func (w *Writer) wrote(n int64) {
	if n > 0 {
		w.written.Add(n)
	}
}

func (w *Writer) flush() {
	w.note(http.StatusOK)
	w.inner.(http.Flusher).Flush()
}

func (w *Writer) flushError() error {
	w.note(http.StatusOK)
	return http.NewResponseController(w.inner).Flush()
}

func (w *Writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.inner.(http.Hijacker).Hijack()
	if err == nil {
		w.state.Or(hijacked | stream)
	}
	return conn, rw, err
}

func (w *Writer) readFrom(r io.Reader) (int64, error) {
	w.note(http.StatusOK)
	n, err := w.inner.(io.ReaderFrom).ReadFrom(r)
	w.wrote(n)
	return n, err
}
