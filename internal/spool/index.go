package spool

import (
	"slices"
	"sort"
)

// index holds the records that wait, by sequence number. Not safe for
// concurrent use.
type index struct {
	entries []entry // ascending; one that is done has n < 0
	n       int     // that wait
	last    uint64
}

func (x *index) add(e entry) uint64 {
	x.last++
	e.seq = x.last
	x.entries = append(x.entries, e)
	x.n++
	return e.seq
}

func (x *index) search(seq uint64) int {
	return sort.Search(len(x.entries), func(i int) bool { return x.entries[i].seq >= seq })
}

// after finds the first that waits and is after seq; nil if there is none.
func (x *index) after(seq uint64) *entry {
	for i := x.search(seq + 1); i < len(x.entries); i++ {
		if x.entries[i].n >= 0 {
			return &x.entries[i]
		}
	}
	return nil
}

// take removes and returns one; nil if it does not wait.
func (x *index) take(seq uint64) *entry {
	i := x.search(seq)
	if i == len(x.entries) || x.entries[i].seq != seq || x.entries[i].n < 0 {
		return nil
	}
	e := x.entries[i]
	x.entries[i] = entry{seq: seq, n: -1}
	x.n--
	for len(x.entries) > 0 && x.entries[0].n < 0 {
		x.entries = x.entries[1:]
	}
	if len(x.entries) > 64 && x.n < len(x.entries)/2 {
		x.entries = slices.DeleteFunc(x.entries, func(e entry) bool { return e.n < 0 })
	}
	return &e
}

// of gives those of one segment, in order. Valid until the next change.
func (x *index) of(seg *segment) []*entry {
	var all []*entry
	for i := range x.entries {
		if x.entries[i].seg == seg {
			all = append(all, &x.entries[i])
		}
	}
	return all
}
