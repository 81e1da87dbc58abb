package perfmon_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/distri-night/monitoring/perfmon"
)

func TestMarksNestAtOnceAndEachEndCounts(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	outer := b.Start(t.Context(), "import")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			row := b.Start(outer.Context(), "row")
			b.Start(row.Context(), "check").End()
			row.End()
			row.End()
		})
	}
	wg.Wait()
	outer.End()
	b.Start(nil, "no context").End() //nolint:staticcheck // a caller's mistake does no harm
	assert.Equal(t, map[string]uint64{
		"import server": 1, "import/row server": 16, "import/row/check server": 8, "no context server": 1,
	}, b.histograms("service.mark.duration"))
}

// The names of marks that nest without end are bounded, in number and length.
func TestMarksOfARecursionAreBounded(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	ctx := t.Context()
	for range 300 {
		m := b.Start(ctx, "walk")
		ctx = m.Context()
		m.End()
	}
	marks := b.histograms("service.mark.duration")
	total := uint64(0)
	for name, n := range marks {
		total += n
		assert.Less(t, len(name), 300)
	}
	assert.EqualValues(t, 300, total)
	assert.LessOrEqual(t, len(marks), 201)
}
