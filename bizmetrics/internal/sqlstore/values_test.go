package sqlstore

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBucketsFollowEachOtherWithoutAGap(t *testing.T) {
	next := int64(0)
	for b := int64(0); next >= 0 && next < math.MaxInt64; b++ {
		least, most := bucketBounds(b)
		require.Equal(t, next, least, "bucket %d", b)
		require.Equal(t, b, bucketOf(least))
		require.Equal(t, b, bucketOf(most))
		next = most + 1 // wraps behind the last
	}
	require.Equal(t, int64(math.MinInt64), next, "the last bucket ends with the last value")
}

func TestAValueLiesInItsBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Min(0).Draw(t, "value")
		least, most := bucketBounds(bucketOf(v))
		require.LessOrEqual(t, least, v)
		require.GreaterOrEqual(t, most, v)
		require.LessOrEqual(t, most-least, v/32, "a bucket is at most a 32nd of its values wide")
	})
}
