package reqctx

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"syscall"
)

// Body counts what a handler reads of a request's body, and notes whether it
// broke off. A nil Body is of a request that has none.
type Body struct {
	io.ReadCloser
	read   atomic.Int64
	broken atomic.Bool
}

// CountBody puts a Body in the place of r's; nil if r has none. r is a
// middleware's copy of the server's request, so the server keeps its own.
func CountBody(r *http.Request) *Body {
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	b := &Body{ReadCloser: r.Body}
	r.Body = b
	return b
}

// Read counts.
func (b *Body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.read.Add(int64(n))
	}
	if err != nil && err != io.EOF && brokenOff(err) {
		b.broken.Store(true)
	}
	return n, err
}

func brokenOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// Size is the number of bytes that were read.
func (b *Body) Size() int64 {
	if b == nil {
		return 0
	}
	return b.read.Load()
}

// Broken reports whether the client went away before the body's end.
func (b *Body) Broken() bool { return b != nil && b.broken.Load() }
