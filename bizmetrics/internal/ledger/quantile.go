package ledger

// Quantiles of money are amounts that occur, or the mean of two that do:
// exact, and without sorting what may be a million orders.

// Median is the middle value, or the mean of the two in the middle, halves up.
// It moves values about. There must be one.
func Median(values []int64) int64 {
	n := len(values)
	high := nth(values, n/2)
	if n%2 == 1 {
		return high
	}
	low := values[0]
	for _, v := range values[1 : n/2] { // nth has put the smaller ones in front
		low = max(low, v)
	}
	return low + (high-low)/2 + (high-low)%2
}

// NearestRank is the smallest value that at least percent of all do not
// exceed. It moves values about. There must be one.
func NearestRank(values []int64, percent int) int64 {
	return nth(values, (len(values)*percent+99)/100-1)
}

// nth is the value at index k of the sorted values: quickselect (C. A. R.
// Hoare, Algorithm 65) with the median of three as pivot and three parts, so
// that sorted and equal values cost no more. What is before k is not larger
// afterwards, what is behind not smaller.
func nth(values []int64, k int) int64 {
	low, high := 0, len(values)
	for high-low > 1 {
		pivot := middle(values[low], values[low+(high-low)/2], values[high-1])
		less, more := low, high
		for i := low; i < more; {
			switch v := values[i]; {
			case v < pivot:
				values[i], values[less] = values[less], v
				less++
				i++
			case v > pivot:
				more--
				values[i], values[more] = values[more], v
			default:
				i++
			}
		}
		switch {
		case k < less:
			high = less
		case k >= more:
			low = more
		default:
			return pivot
		}
	}
	return values[low]
}

func middle(a, b, c int64) int64 {
	return max(min(a, b), min(max(a, b), c))
}
