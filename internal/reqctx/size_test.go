package reqctx

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// The next class of the allocator is a tenth dearer, for each request.
func TestARequestFitsIntoItsSizeClass(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(started{}), uintptr(640-8)) // the allocator adds a header
}

func TestTheFirstByteIsCountedFromAnyStart(t *testing.T) {
	w := &Writer{inner: httptest.NewRecorder()}
	start := Clock()
	_, ok := w.FirstByte(start)
	assert.False(t, ok)
	time.Sleep(time.Millisecond)
	w.WriteHeader(http.StatusNoContent)
	after, ok := w.FirstByte(start)
	assert.True(t, ok)
	assert.InDelta(t, float64(Clock()-start), float64(after), float64(50*time.Millisecond))
	assert.GreaterOrEqual(t, after, time.Millisecond-2<<tick)
	after, ok = w.FirstByte(Clock() + time.Hour)
	assert.True(t, ok)
	assert.Zero(t, after, "an answer that began earlier")
	assert.Equal(t, http.StatusNoContent, w.Status())
}
