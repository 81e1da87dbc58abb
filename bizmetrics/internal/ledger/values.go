package ledger

import (
	"math/bits"
	"slices"
)

// Values are amounts of which exact quantiles are asked: a bag, kept in buckets
// by size. A quantile counts buckets and looks at the values of one only, so it
// costs the same for a thousand amounts and for a million.
type Values struct {
	n       int64
	buckets map[int][]int64
}

// subBits sets the width of a bucket: amounts in one differ by 1/32 at most,
// and below 64 not at all.
const subBits = 5

// bucketOf is monotonic: a larger value is never in a lower bucket.
func bucketOf(v int64) int {
	if v < 0 {
		return -1 - bucketOf(^v)
	}
	shift := max(bits.Len64(uint64(v))-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// Add puts a value in.
func (v *Values) Add(value int64) {
	if v.buckets == nil {
		v.buckets = map[int][]int64{}
	}
	b := bucketOf(value)
	v.buckets[b] = append(v.buckets[b], value)
	v.n++
}

// bags are many bags that are asked as one.
type bags []*Values

func (all bags) len() (n int64) {
	for _, v := range all {
		n += v.n
	}
	return n
}

// median is the middle value, or the mean of the two in the middle, halves up.
// There must be one.
func (all bags) median() int64 {
	n := all.len()
	high := all.at(n / 2)
	if n%2 == 1 {
		return high
	}
	low := all.at(n/2 - 1)
	return low + (high-low)/2 + (high-low)%2
}

// nearestRank is the smallest value that at least percent of all do not exceed.
// There must be one.
func (all bags) nearestRank(percent int64) int64 {
	n := all.len()
	return all.at(n/100*percent + (n%100*percent+99)/100 - 1)
}

// at is the value at index k of all values sorted.
func (all bags) at(k int64) int64 {
	counts := map[int]int{}
	for _, v := range all {
		for b, values := range v.buckets {
			counts[b] += len(values)
		}
	}
	order := make([]int, 0, len(counts))
	for b := range counts {
		order = append(order, b)
	}
	slices.Sort(order)
	for _, b := range order {
		if k >= int64(counts[b]) {
			k -= int64(counts[b])
			continue
		}
		candidates := make([]int64, 0, counts[b])
		for _, v := range all {
			candidates = append(candidates, v.buckets[b]...)
		}
		return nth(candidates, int(k))
	}
	return 0
}
