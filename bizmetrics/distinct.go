package bizmetrics

import (
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// distinct counts different people over any span of whole days. Those of a span
// that reaches to the last day are counted by the day on which each was last
// seen, and those of one day are counted as they come: neither looks at single
// people. Of other spans it looks at those who were seen later too.
type distinct struct {
	days map[ledger.Date]*headcount
}

// headcount is what is known of a day.
type headcount struct {
	events int64     // with a person or without
	seen   int64     // people of the day
	last   int64     // people who were not seen after it
	first  *presence // of those, in a list: a set of all would cost more than all else
}

// presence is the days on which one person was seen.
type presence struct {
	in         *distinct
	days       []visit // in order
	prev, next *presence
}

// visit is a day, with how many events say so.
type visit struct {
	day int32
	n   int32
}

func newDistinct() *distinct { return &distinct{days: map[ledger.Date]*headcount{}} }

func (x *distinct) at(d ledger.Date) *headcount {
	of := x.days[d]
	if of == nil {
		of = &headcount{}
		x.days[d] = of
	}
	return of
}

// count takes in n events of a day, or takes them back if n is negative. p is
// whose they are; nil: nobody's.
func (x *distinct) count(p *presence, d ledger.Date, n int64) {
	of := x.at(d)
	of.events += n
	if p != nil {
		p.count(of, d, n)
	}
	if of.events == 0 {
		delete(x.days, d)
	}
}

func (p *presence) count(of *headcount, d ledger.Date, n int64) {
	day := int32(d)
	k := len(p.days)
	if k > 0 && p.days[k-1].day == day && p.days[k-1].n+int32(n) > 0 { // mostly
		p.days[k-1].n += int32(n)
		return
	}
	var old *headcount
	if k > 0 {
		old = p.in.at(ledger.Date(p.days[k-1].day))
	}
	i, known := slices.BinarySearchFunc(p.days, day, func(v visit, day int32) int { return int(v.day) - int(day) })
	switch {
	case !known:
		p.days = slices.Insert(p.days, i, visit{day: day, n: int32(n)})
		of.seen++
	case p.days[i].n+int32(n) == 0:
		p.days = slices.Delete(p.days, i, i+1)
		of.seen--
	default:
		p.days[i].n += int32(n)
	}
	var now *headcount
	if k = len(p.days); k > 0 {
		now = p.in.at(ledger.Date(p.days[k-1].day))
	}
	if old != now {
		p.move(old, now)
	}
}

// move takes p out of the list of the day on which it was last seen before, and
// into that of the day on which it is now.
func (p *presence) move(old, now *headcount) {
	if old != nil {
		old.last--
		if p.prev != nil {
			p.prev.next = p.next
		} else {
			old.first = p.next
		}
		if p.next != nil {
			p.next.prev = p.prev
		}
		p.prev, p.next = nil, nil
	}
	if now != nil {
		now.last++
		if p.next = now.first; p.next != nil {
			p.next.prev = p
		}
		now.first = p
	}
}

// between counts the people of the days from a until before b, and the events.
func (x *distinct) between(a, b ledger.Date) (people, events int64) {
	for d, of := range x.days {
		switch {
		case d >= b && b-a > 1:
			for p := of.first; p != nil; p = p.next {
				if p.within(a, b) {
					people++
				}
			}
		case d >= a && d < b:
			events += of.events
			if b-a > 1 {
				people += of.last
			} else {
				people += of.seen
			}
		}
	}
	return people, events
}

func (p *presence) within(a, b ledger.Date) bool {
	for _, v := range p.days {
		if v.day >= int32(a) {
			return v.day < int32(b)
		}
	}
	return false
}
