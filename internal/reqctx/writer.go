package reqctx

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Writer notes what is answered through it. The handler sees it in the shape
// of the writer inside: Flusher, Hijacker and io.ReaderFrom only where that
// one has them, and Unwrap always, for http.ResponseController.
type Writer struct {
	inner    http.ResponseWriter
	status   int
	bytes    int64
	hijacked bool
}

// Status is that of the first final header: 0 while none was written, 101 for
// an upgrade.
func (w *Writer) Status() int { return w.status }

// Bytes counts the body as far as it was taken by the connection.
func (w *Writer) Bytes() int64 { return w.bytes }

// Hijacked reports whether the handler took the connection over.
func (w *Writer) Hijacked() bool { return w.hijacked }

// Header is the inner writer's.
func (w *Writer) Header() http.Header { return w.inner.Header() }

// Unwrap is for http.ResponseController.
func (w *Writer) Unwrap() http.ResponseWriter { return w.inner }

// WriteHeader passes every call on: what is superfluous is the server's to say.
func (w *Writer) WriteHeader(code int) {
	if w.status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
		w.status = code
	}
	w.inner.WriteHeader(code)
}

// Write answers 200 if no header was written.
func (w *Writer) Write(b []byte) (int, error) {
	w.implicit()
	n, err := w.inner.Write(b)
	w.bytes += int64(n)
	return n, err
}

// WriteString saves the copy where the inner writer can.
func (w *Writer) WriteString(s string) (int, error) {
	w.implicit()
	n, err := io.WriteString(w.inner, s)
	w.bytes += int64(n)
	return n, err
}

func (w *Writer) implicit() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
}

func (w *Writer) flush() {
	w.implicit()
	w.inner.(http.Flusher).Flush()
}

func (w *Writer) flushError() error {
	w.implicit()
	return http.NewResponseController(w.inner).Flush()
}

func (w *Writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.inner.(http.Hijacker).Hijack()
	w.hijacked = w.hijacked || err == nil
	return conn, rw, err
}

func (w *Writer) readFrom(r io.Reader) (int64, error) {
	w.implicit()
	n, err := w.inner.(io.ReaderFrom).ReadFrom(r)
	w.bytes += n
	return n, err
}
