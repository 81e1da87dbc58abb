package ledger

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuantilesEqualThoseOfSortedValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(-1<<40, 1<<40)), 1, 200).Draw(t, "values")
		sorted := slices.Sorted(slices.Values(values))
		k := rapid.IntRange(0, len(values)-1).Draw(t, "k")
		require.Equal(t, sorted[k], nth(slices.Clone(values), k))
		n := len(sorted)
		low, high := sorted[(n-1)/2], sorted[n/2]
		middle := low + (high-low+1)/2 // halves up
		require.Equal(t, middle, Median(slices.Clone(values)))
		rank := slices.IndexFunc(sorted, func(v int64) bool { // at least 95 % do not exceed it
			return 100*len(slices.DeleteFunc(slices.Clone(sorted), func(o int64) bool { return o > v })) >= 95*n
		})
		require.Equal(t, sorted[rank], NearestRank(slices.Clone(values), 95))

		parts := make(bags, 3)
		for i := range parts {
			parts[i] = &Values{}
		}
		for i, v := range values {
			parts[i%3].Add(v)
		}
		require.Equal(t, sorted[k], parts.at(int64(k)))
		require.Equal(t, middle, parts.median())
		require.Equal(t, sorted[rank], parts.nearestRank(95))
	})
}

func TestALargerValueIsNeverInALowerBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Min(0).Draw(t, "a"), rapid.Int64Min(0).Draw(t, "b")
		a, b = min(a, b), max(a, b)
		require.LessOrEqual(t, bucketOf(a), bucketOf(b))
		require.Less(t, bucketOf(b), 60<<subBits)
		if a > 64 && bucketOf(a) == bucketOf(b) {
			require.LessOrEqual(t, b-a, a/32)
		}
	})
}
