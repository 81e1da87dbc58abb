package errortracking

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestErrorsAreClassifiedAlsoWithoutADefault(t *testing.T) {
	assert.Nil(t, Default())
	assert.Equal(t, Timeout, Classify(context.DeadlineExceeded).Category)
	assert.True(t, Classify(context.Canceled).Expected)
}
