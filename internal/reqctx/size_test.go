package reqctx

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// The next class of the allocator is a tenth dearer, for each request.
func TestARequestFitsIntoItsSizeClass(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(started{}), uintptr(640))
}
