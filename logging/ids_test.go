package logging

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestEachRecordHasTheIDsOfItsOwnRequest(t *testing.T) {
	out := &bytes.Buffer{}
	l, _ := open(t, Config{Output: out})
	other, otherOut := open(t, Config{Format: "ecs"})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := fmt.Sprint("req-", i)
			ctx := reqctx.WithCorrelationID(context.Background(), id)
			trace := reqctx.NewTrace()
			reqctx.From(ctx).Request.Identify(id, trace, http.Header{})
			for n := range 100 {
				user := fmt.Sprintf("u%d-%d", i, n/10)
				ctx := reqctx.WithUser(ctx, reqctx.User{ID: user})
				reqctx.From(ctx).Request.SetRoute("/" + user)
				want := fmt.Sprintf(`"correlation_id":"%s","user_id":"%s","route":"/%s","trace_id":"%s","span_id":"%s","want":1}`,
					id, user, user, trace.TraceIDString(), trace.SpanIDString())
				l.InfoContext(ctx, want, "want", 1)
				l.InfoContext(ctx, "own", "user_id", "mine")
				l.Named("n").InfoContext(ctx, "named")
				other.InfoContext(ctx, "other")
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 8*300)
	for _, text := range lines {
		m := parse(t, "json", text)
		switch m["msg"] {
		case "own":
			assert.Equal(t, 1, strings.Count(text, `"user_id"`), text)
			assert.Equal(t, "mine", m["user_id"])
		case "named":
			assert.Equal(t, "n", m["logger"], text)
		default:
			assert.True(t, strings.HasSuffix(text, m["msg"].(string)), text)
		}
	}
	assert.Equal(t, 800, strings.Count(otherOut.String(), `"trace.id"`))
	assert.NotContains(t, otherOut.String(), "trace_id")
}

func TestTheUserOfARecordIsMaskedEachTime(t *testing.T) {
	l, out := open(t, Config{})
	ctx := reqctx.WithUser(context.Background(), reqctx.User{ID: "ada@example.com"})
	for range 3 {
		l.InfoContext(ctx, "hi")
	}
	assert.NotContains(t, out.String(), "ada@")
	assert.Equal(t, 3, strings.Count(out.String(), `"user_id":"[redacted]"`))
}
