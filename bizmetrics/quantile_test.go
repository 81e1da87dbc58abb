package bizmetrics

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuantilesEqualThoseOfSortedValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, 1<<40)), 1, 200).Draw(t, "values")
		sorted := slices.Sorted(slices.Values(values))
		k := rapid.IntRange(0, len(values)-1).Draw(t, "k")
		require.Equal(t, sorted[k], nth(slices.Clone(values), k))
		require.Equal(t, naiveMedian(sorted), median(slices.Clone(values)))
		require.Equal(t, naiveP95(sorted), nearestRank(slices.Clone(values), 95))
	})
}
