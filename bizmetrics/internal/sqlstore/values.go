package sqlstore

import (
	"math/bits"
)

// The levels of [OrderValues].
const (
	levelValue  = 0
	levelBucket = 1
)

const bucketBits = 5 // 32 buckets an octave

// bucketOf is the number of a value's bucket: the value itself if it is small,
// else its leading bits and how many follow. Values grow with buckets.
func bucketOf(v int64) int64 {
	shift := bits.Len64(uint64(v)) - bucketBits - 1
	if shift <= 0 {
		return v
	}
	return int64(shift)<<bucketBits + v>>shift
}

// bucketBounds are the least value of a bucket and its greatest.
func bucketBounds(b int64) (least, most int64) {
	shift := b>>bucketBits - 1
	if shift <= 0 {
		return b, b
	}
	least = (b - shift<<bucketBits) << shift
	return least, least + (1<<shift - 1)
}
