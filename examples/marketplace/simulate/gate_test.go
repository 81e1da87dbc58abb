package simulate

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAClosedGateHasNobodyInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(true)
		ctx, cancel := context.WithCancel(t.Context())
		var inside, passed atomic.Int32
		for range 20 {
			go func() {
				for g.enter(ctx) == nil {
					inside.Add(1)
					time.Sleep(10 * time.Millisecond)
					inside.Add(-1)
					passed.Add(1)
					g.leave()
					time.Sleep(time.Millisecond)
				}
			}()
		}
		for range 5 {
			time.Sleep(time.Second)
			require.NoError(t, g.close(t.Context()))
			assert.Zero(t, inside.Load())
			before := passed.Load()
			time.Sleep(time.Second)
			assert.Equal(t, before, passed.Load(), "nobody passes a closed gate")
			g.open()
		}
		assert.Positive(t, passed.Load())
		require.NoError(t, g.close(t.Context()))
		cancel() // also whoever waits outside goes home
		synctest.Wait()
	})
}

func TestClosingAGateGivesUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(true)
		require.NoError(t, g.enter(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, g.close(ctx), context.DeadlineExceeded)
		g.leave()
		assert.NoError(t, g.close(t.Context()))
	})
}
