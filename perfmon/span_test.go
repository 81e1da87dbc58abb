package perfmon

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestMarksAreNestedSpansOfARecordedRequest(t *testing.T) {
	ctx := reqctx.NewJob(context.Background(), "job-1", reqctx.NewTrace(), nil)
	request := reqctx.From(ctx).Request
	request.Sample(reqctx.NewSampler(1, nil))

	outer := Start(ctx, "checkout")
	inner := Start(outer.Context(), "pay")
	inner.End()
	inner.End()
	outer.End()
	spans, _, ok := request.TakeSpans()
	require.True(t, ok)
	require.Len(t, spans, 2, "each mark once")
	assert.Equal(t, []string{"pay", "checkout"}, []string{spans[0].Name, spans[1].Name})
	assert.Equal(t, spans[1].ID, spans[0].Parent)
	assert.Equal(t, request.Trace().SpanID, spans[1].Parent)
}
