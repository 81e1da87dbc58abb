package bizmetrics

import (
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// distinct counts different users over any span of whole days. Those of a span
// that reaches to the last day are counted by the day on which each was last
// seen, and those of one day are counted as they come: neither looks at single
// users.
type distinct struct {
	users map[string]*visits
	facts map[ledger.Date]int64 // events of the day, with a user or without
	seen  map[ledger.Date]int64 // users of the day
	last  map[ledger.Date]int64 // users by the last day they were seen
}

// visits are the days on which a user was seen, in order, with how many events
// say so.
type visits struct{ days []visit }

type visit struct {
	day ledger.Date
	n   int64
}

func newDistinct() *distinct {
	return &distinct{users: map[string]*visits{}, facts: map[ledger.Date]int64{}, seen: map[ledger.Date]int64{}, last: map[ledger.Date]int64{}}
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
	if k := len(v.days); k > 0 {
		bump(x.last, v.days[k-1].day, -1)
	}
	bump(x.seen, d, v.count(d, n))
	if k := len(v.days); k > 0 {
		bump(x.last, v.days[k-1].day, 1)
	} else {
		delete(x.users, user)
	}
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
	later := false
	for d, users := range x.last {
		switch {
		case d >= b:
			later = true
		case d >= a:
			n += users
		}
	}
	if !later {
		return n
	}
	for _, v := range x.users {
		if v.days[len(v.days)-1].day >= b && v.within(a, b) {
			n++
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
