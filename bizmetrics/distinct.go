package bizmetrics

import (
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// distinct counts different users over any span of whole days. Those of a span
// that reaches to the last day are counted by the day on which each was last
// seen, and those of one day are counted as they come: neither looks at single
// users. Of other spans it looks at those who were seen later too.
type distinct struct {
	users map[string]*visits
	facts map[ledger.Date]int64                // events of the day, with a user or without
	seen  map[ledger.Date]int64                // users of the day
	last  map[ledger.Date]map[*visits]struct{} // users by the last day they were seen
}

// visits are the days on which a user was seen, in order, with how many events
// say so.
type visits struct{ days []visit }

type visit struct {
	day ledger.Date
	n   int64
}

func newDistinct() *distinct {
	return &distinct{users: map[string]*visits{}, facts: map[ledger.Date]int64{}, seen: map[ledger.Date]int64{}, last: map[ledger.Date]map[*visits]struct{}{}}
}

func bump(m map[ledger.Date]int64, d ledger.Date, by int64) {
	if m[d] += by; m[d] == 0 {
		delete(m, d)
	}
}

// count takes in n events of a user on a day, or takes them back if n is
// negative. An event without a user is none's.
func (x *distinct) count(user string, d ledger.Date, n int64) {
	bump(x.facts, d, n)
	if user == "" {
		return
	}
	v := x.users[user]
	if v == nil {
		v = &visits{}
		x.users[user] = v
	}
	old, had := v.last()
	bump(x.seen, d, v.count(d, n))
	now, has := v.last()
	if had == has && old == now {
		return
	}
	if had {
		delete(x.last[old], v)
		if len(x.last[old]) == 0 {
			delete(x.last, old)
		}
	}
	if !has {
		delete(x.users, user)
		return
	}
	if x.last[now] == nil {
		x.last[now] = map[*visits]struct{}{}
	}
	x.last[now][v] = struct{}{}
}

// last is the last day; none: false.
func (v *visits) last() (ledger.Date, bool) {
	if len(v.days) == 0 {
		return 0, false
	}
	return v.days[len(v.days)-1].day, true
}

// count tells whether the day is one more, 1, or one less, -1.
func (v *visits) count(d ledger.Date, n int64) int64 {
	i := len(v.days)
	for i > 0 && v.days[i-1].day >= d {
		i--
	}
	if i == len(v.days) || v.days[i].day != d {
		v.days = slices.Insert(v.days, i, visit{day: d, n: n})
		return 1
	}
	if v.days[i].n += n; v.days[i].n == 0 {
		v.days = slices.Delete(v.days, i, i+1)
		return -1
	}
	return 0
}

// between counts the users of the days from a until before b.
func (x *distinct) between(a, b ledger.Date) (n int64) {
	if b-a == 1 {
		return x.seen[a]
	}
	for d, users := range x.last {
		switch {
		case d >= b:
			for v := range users {
				if v.within(a, b) {
					n++
				}
			}
		case d >= a:
			n += int64(len(users))
		}
	}
	return n
}

func (v *visits) within(a, b ledger.Date) bool {
	for _, day := range v.days {
		if day.day >= a {
			return day.day < b
		}
	}
	return false
}

// events counts those of the days from a until before b.
func (x *distinct) events(a, b ledger.Date) (n int64) {
	for d, of := range x.facts {
		if d >= a && d < b {
			n += of
		}
	}
	return n
}
