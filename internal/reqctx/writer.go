package reqctx

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

// Writer notes what is answered through it. The handler sees it in the shape
// of the writer inside: Flusher, Hijacker and io.ReaderFrom only where that
// one has them, and Unwrap always, for http.ResponseController.
//
// What was answered may be read at any time: behind http.TimeoutHandler the
// handler ends while the time-out is being answered.
type Writer struct {
	inner    http.ResponseWriter
	status   atomic.Int32
	hijacked atomic.Bool
	stream   atomic.Bool
}

// Status is that of the first final header: 0 while none was written, 101 for
// an upgrade.
func (w *Writer) Status() int { return int(w.status.Load()) }

// Hijacked reports whether the handler took the connection over.
func (w *Writer) Hijacked() bool { return w.hijacked.Load() }

// Stream reports whether the answer lasts as long as the client likes: events,
// an upgrade, or a connection taken over.
func (w *Writer) Stream() bool { return w.stream.Load() }

// Header is the inner writer's.
func (w *Writer) Header() http.Header { return w.inner.Header() }

// Unwrap is for http.ResponseController.
func (w *Writer) Unwrap() http.ResponseWriter { return w.inner }

// WriteHeader passes every call on: what is superfluous is the server's to say.
func (w *Writer) WriteHeader(code int) {
	if code >= 200 || code == http.StatusSwitchingProtocols {
		w.note(code)
	}
	w.inner.WriteHeader(code)
}

// Write answers 200 if no header was written.
func (w *Writer) Write(b []byte) (int, error) {
	w.note(http.StatusOK)
	return w.inner.Write(b)
}

// WriteString saves the copy where the inner writer can.
func (w *Writer) WriteString(s string) (int, error) {
	w.note(http.StatusOK)
	return io.WriteString(w.inner, s)
}

// note keeps the first final status.
func (w *Writer) note(code int) {
	if w.status.Load() != 0 || !w.status.CompareAndSwap(0, int32(code)) {
		return
	}
	types := w.inner.Header()["Content-Type"]
	if code == http.StatusSwitchingProtocols || len(types) > 0 && strings.HasPrefix(types[0], "text/event-stream") {
		w.stream.Store(true)
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
		w.hijacked.Store(true)
		w.stream.Store(true)
	}
	return conn, rw, err
}

func (w *Writer) readFrom(r io.Reader) (int64, error) {
	w.note(http.StatusOK)
	return w.inner.(io.ReaderFrom).ReadFrom(r)
}
