package reqctx

import (
	"io"
	"net/http"
	"sync/atomic"
)

// Body counts what a handler reads of a request's body. A nil Body is of a
// request whose size is known.
type Body struct {
	io.ReadCloser
	read atomic.Int64
}

// CountBody puts a Body in the place of r's if its size is not known; else nil.
// r is a middleware's copy of the server's request: the server keeps its own.
func CountBody(r *http.Request) *Body {
	if r.ContentLength >= 0 || r.Body == nil || r.Body == http.NoBody {
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
	return n, err
}

// Size is the number of bytes that were read.
func (b *Body) Size() int64 {
	if b == nil {
		return 0
	}
	return b.read.Load()
}
