package ledger

import "math/bits"

// Values are amounts of which exact quantiles are asked: a bag, kept in buckets
// by size. A quantile counts buckets and looks at the values of one only, so it
// costs the same for a thousand amounts and for a million.
type Values struct {
	n     int64
	above [][]int64 // from 0 on, by bucket
	below [][]int64 // less than 0: by the bucket of what is as far below -1 as they are
}

// subBits sets the width of a bucket: amounts in one differ by 1/32 at most,
// and below 64 not at all.
const subBits = 5

// bucketOf is monotonic: a larger value is never in a lower bucket. v must not
// be negative.
func bucketOf(v int64) int {
	shift := max(bits.Len64(uint64(v))-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// Add puts a value in.
func (v *Values) Add(value int64) {
	v.n++
	if value < 0 {
		v.below = put(v.below, bucketOf(^value), value)
		return
	}
	v.above = put(v.above, bucketOf(value), value)
}

func put(buckets [][]int64, i int, value int64) [][]int64 {
	if i >= len(buckets) {
		buckets = append(buckets, make([][]int64, i+1-len(buckets))...)
	}
	buckets[i] = append(buckets[i], value)
	return buckets
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
	below := func(v *Values) [][]int64 { return v.below }
	for i := all.most(below) - 1; i >= 0; i-- {
		if value, found := all.in(below, i, &k); found {
			return value
		}
	}
	above := func(v *Values) [][]int64 { return v.above }
	for i := range all.most(above) {
		if value, found := all.in(above, i, &k); found {
			return value
		}
	}
	return 0
}

// most is how many buckets the largest bag has.
func (all bags) most(buckets func(*Values) [][]int64) (n int) {
	for _, v := range all {
		n = max(n, len(buckets(v)))
	}
	return n
}

// in is the value at index k of those in bucket i and after it, if it is in
// that; else k leaves the bucket behind.
func (all bags) in(buckets func(*Values) [][]int64, i int, k *int64) (value int64, found bool) {
	n := 0
	for _, v := range all {
		if b := buckets(v); i < len(b) {
			n += len(b[i])
		}
	}
	if *k >= int64(n) {
		*k -= int64(n)
		return 0, false
	}
	candidates := make([]int64, 0, n)
	for _, v := range all {
		if b := buckets(v); i < len(b) {
			candidates = append(candidates, b[i]...)
		}
	}
	return nth(candidates, int(*k)), true
}
