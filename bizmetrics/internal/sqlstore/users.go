package sqlstore

// topicDay is the key of [UserCounts].
type topicDay struct {
	scope string
	date  int64
	topic string
}

// presence is the key of [Users].
type presence struct{ account, scope, topic string }

// userCounts are what changes in [UserCounts].
type userCounts map[topicDay]*[2]int64

const (
	countSeen = 0
	countLast = 1
)

func (c userCounts) add(k topicDay, which int, n int64) {
	of := c[k]
	if of == nil {
		of = &[2]int64{}
		c[k] = of
	}
	of[which] += n
}

// writeUsers adds what the batch's users did, and moves their last days.
func (d *deltas) writeUsers(tx Tx, cache *caches) error {
	keys := make([]userDay, 0, len(d.users))
	for k, n := range d.users {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	before, err := userDaysBefore(tx, cache, keys)
	if err != nil {
		return err
	}
	rows, gone := MakeColumns(UserDays.Columns(), len(keys)), MakeColumns(UserDays.Key, 0)
	counts, days := userCounts{}, map[presence]*dayChange{}
	for i, k := range keys {
		n := before[i] + d.users[k]
		cache.userDays.put(k, n)
		if n == 0 {
			putUserDay(gone, k)
		} else {
			putUserDay(rows, k)
			rows.add(4, d.users[k])
		}
		if (before[i] == 0) == (n == 0) {
			continue
		}
		who := presence{k.account, k.scope, k.topic}
		c := days[who]
		if c == nil {
			c = &dayChange{came: None, last: None}
			days[who] = c
		}
		seen := int64(1)
		if n == 0 {
			seen = -1
			c.left = append(c.left, k.date)
		} else {
			c.came = max(c.came, k.date)
		}
		counts.add(topicDay{k.scope, k.date, k.topic}, countSeen, seen)
	}
	if err := tx.Add(UserDays, rows); err != nil {
		return err
	}
	if err := tx.Delete(UserDays, gone); err != nil {
		return err
	}
	if err := moveLastDays(tx, cache, days, counts); err != nil {
		return err
	}
	return counts.write(tx)
}

func putUserDay(to Columns, k userDay) {
	to.text(0, k.scope)
	to.add(1, k.date)
	to.text(2, k.topic)
	to.text(3, k.account)
}

// userDaysBefore are the counts of the days as they are in the database.
func userDaysBefore(tx Tx, cache *caches, keys []userDay) ([]int64, error) {
	before := make([]int64, len(keys))
	ask, at := MakeColumns(UserDays.Key, len(keys)), make([]int, 0, len(keys))
	for i, k := range keys {
		if n, known := cache.userDays.get(k); known {
			before[i] = n
			continue
		}
		putUserDay(ask, k)
		at = append(at, i)
	}
	if len(at) == 0 {
		return before, nil
	}
	return before, tx.Find(UserDays, ask, func(i int, v []Value) { before[at[i]] = v[0].Int })
}

// dayChange is on which days somebody is seen who was not, or no longer.
type dayChange struct {
	came int64 // the latest; None: none
	left []int64
	last int64 // as in the database; None: never seen
}

// moveLastDays keeps Users, and UserCounts.last with it.
func moveLastDays(tx Tx, cache *caches, changes map[presence]*dayChange, counts userCounts) error {
	if err := lastDays(tx, cache, changes); err != nil {
		return err
	}
	rows, gone := MakeColumns(Users.Columns(), len(changes)), MakeColumns(Users.Key, 0)
	for who, c := range changes {
		last := max(c.last, c.came)
		for _, left := range c.left {
			if left == c.last && c.came <= c.last {
				found, err := lastDayBefore(tx, who, left)
				if err != nil {
					return err
				}
				last = max(found, c.came)
			}
		}
		if last == c.last {
			continue
		}
		if c.last != None {
			counts.add(topicDay{who.scope, c.last, who.topic}, countLast, -1)
		}
		cache.users.put(who, last)
		if last == None {
			putPresence(gone, who)
			continue
		}
		counts.add(topicDay{who.scope, last, who.topic}, countLast, 1)
		putPresence(rows, who)
		rows.add(3, last)
	}
	if err := tx.Put(Users, rows); err != nil {
		return err
	}
	return tx.Delete(Users, gone)
}

func putPresence(to Columns, k presence) {
	to.text(0, k.account)
	to.text(1, k.scope)
	to.text(2, k.topic)
}

func lastDays(tx Tx, cache *caches, changes map[presence]*dayChange) error {
	ask, at := MakeColumns(Users.Key, len(changes)), make([]presence, 0, len(changes))
	for who, c := range changes {
		if last, known := cache.users.get(who); known {
			c.last = last
			continue
		}
		putPresence(ask, who)
		at = append(at, who)
	}
	if len(at) == 0 {
		return nil
	}
	err := tx.Find(Users, ask, func(i int, v []Value) { changes[at[i]].last = v[0].Int })
	for _, who := range at {
		cache.users.put(who, changes[who].last)
	}
	return err
}

// lastDayBefore looks, from day to day, when somebody was last seen. It is
// needed only when an event turns out to be another's: when the order comes
// after its confirmation, and names another customer.
func lastDayBefore(tx Tx, who presence, date int64) (int64, error) {
	var dates []int64
	err := tx.Select(Select{
		From: UserCounts, Columns: []string{"day"}, OrderBy: []string{"day DESC"},
		Where: []Cond{Eq("scope", who.scope), Less("day", date), Eq("topic", who.topic), Not("seen", int64(0))},
	}, func(v []Value) error {
		dates = append(dates, v[0].Int)
		return nil
	})
	if err != nil {
		return None, err
	}
	const probe = 64
	for len(dates) > 0 {
		some := dates[:min(probe, len(dates))]
		dates = dates[len(some):]
		ask, last := MakeColumns(UserDays.Key, len(some)), int64(None)
		for _, d := range some {
			putUserDay(ask, userDay{who.scope, d, who.topic, who.account})
		}
		err := tx.Find(UserDays, ask, func(i int, _ []Value) { last = max(last, some[i]) })
		if err != nil || last != None {
			return last, err
		}
	}
	return None, nil
}

func (c userCounts) write(tx Tx) error {
	rows := MakeColumns(UserCounts.Columns(), len(c))
	for k, n := range c {
		if *n == ([2]int64{}) {
			continue
		}
		rows.text(0, k.scope)
		rows.add(1, k.date)
		rows.text(2, k.topic)
		rows.adds(3, n[countSeen], n[countLast])
	}
	return tx.Add(UserCounts, rows)
}
