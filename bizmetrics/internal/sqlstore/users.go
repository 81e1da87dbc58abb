package sqlstore

// topicDay is the key of [UserCounts].
type topicDay struct {
	place
	date int64
}

// userCounts are what changes in [UserCounts].
type userCounts map[topicDay]*[2]int64

const (
	countSeen = 0
	countLast = 1
)

func (c userCounts) add(p place, date int64, which int, n int64) {
	k := topicDay{p, date}
	of := c[k]
	if of == nil {
		of = &[2]int64{}
		c[k] = of
	}
	of[which] += n
}

// userChange is one place at which an account is seen on a day on which it was
// not, or no longer.
type userChange struct {
	userDay
	before, now int64
}

// writeUsers adds what the batch's users did, and moves their last days.
func (d *deltas) writeUsers(tx Tx, cache *caches) error {
	changes := make([]userChange, 0, len(d.users))
	for k, n := range d.users {
		if n != 0 {
			changes = append(changes, userChange{userDay: k, now: n}) // before is added below
		}
	}
	accounts, err := readAccounts(tx, cache, changes)
	if err != nil {
		return err
	}
	if err := readUserDays(tx, accounts, changes); err != nil {
		return err
	}
	rows, gone := MakeColumns(UserDays.Columns(), len(changes)), MakeColumns(UserDays.Key, 0)
	for i := range changes {
		c := &changes[i]
		if c.before+c.now == 0 {
			putUserDay(gone, c.userDay)
		} else {
			putUserDay(rows, c.userDay)
			rows.add(4, c.now)
		}
		c.now += c.before
	}
	if err := tx.Add(UserDays, rows); err != nil {
		return err
	}
	if err := tx.Delete(UserDays, gone); err != nil {
		return err
	}
	counts := userCounts{}
	if err := moveLastDays(tx, cache, accounts, changes, counts); err != nil {
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

// readAccounts reads the last days of the accounts.
func readAccounts(tx Tx, cache *caches, changes []userChange) (map[string]lasts, error) {
	accounts := make(map[string]lasts, len(changes))
	var asked []string
	for i := range changes {
		account := changes[i].account
		if _, done := accounts[account]; done {
			continue
		}
		known, cached := cache.users.get(account)
		if !cached {
			asked = append(asked, account)
		}
		accounts[account] = known
	}
	if len(asked) == 0 {
		return accounts, nil
	}
	var broken error
	err := tx.Find(Users, Columns{{Type: Text, Texts: asked}}, func(i int, v []Value) {
		l, err := decodeLasts(v[0].Bytes)
		if err != nil {
			broken = err
		}
		accounts[asked[i]] = l
	})
	if err == nil {
		err = broken
	}
	return accounts, err
}

// readUserDays reads how often the accounts were seen on the days, where that
// is not plain from their last days: nobody was seen on a later day, and whoever
// is not taken away from his last day stays there, however often he was seen.
func readUserDays(tx Tx, accounts map[string]lasts, changes []userChange) error {
	ask := MakeColumns(UserDays.Key, 0)
	var asked []int
	for i := range changes {
		c := &changes[i]
		last := accounts[c.account].at(place{c.scope, c.topic})
		switch {
		case c.date > last:
		case c.date == last && c.now > 0:
			c.before = 1
		default:
			putUserDay(ask, c.userDay)
			asked = append(asked, i)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	return tx.Find(UserDays, ask, func(i int, v []Value) { changes[asked[i]].before = v[0].Int })
}

// moveLastDays keeps Users, and UserCounts with it.
func moveLastDays(tx Tx, cache *caches, accounts map[string]lasts, changes []userChange, counts userCounts) error {
	changed := map[string]struct{}{}
	var left []*userChange
	for i := range changes {
		c := &changes[i]
		p := place{c.scope, c.topic}
		switch {
		case c.before == 0 && c.now != 0:
			counts.add(p, c.date, countSeen, 1)
			if l := accounts[c.account]; c.date > l.at(p) {
				accounts[c.account] = moveLast(l, p, c.date, counts)
				changed[c.account] = struct{}{}
			}
		case c.before != 0 && c.now == 0:
			counts.add(p, c.date, countSeen, -1)
			left = append(left, c)
		}
	}
	came := daysCame(left, changes)
	for _, c := range left { // now it is known who came to later days
		p := place{c.scope, c.topic}
		l := accounts[c.account]
		if l.at(p) != c.date {
			continue
		}
		before, err := lastDayBefore(tx, c.userDay)
		if err != nil {
			return err
		}
		before = max(before, came[presence{c.account, p}])
		accounts[c.account] = moveLast(l, p, before, counts)
		changed[c.account] = struct{}{}
	}
	rows, gone := MakeColumns(Users.Columns(), len(changed)), MakeColumns(Users.Key, 0)
	for account, l := range accounts {
		cache.users.put(account, l)
		if _, is := changed[account]; !is {
			continue
		}
		if len(l) == 0 {
			gone.text(0, account)
			continue
		}
		rows.text(0, account)
		rows.bytes(1, l.encode())
	}
	if err := tx.Put(Users, rows); err != nil {
		return err
	}
	return tx.Delete(Users, gone)
}

// presence is an account at a place.
type presence struct {
	account string
	place
}

// daysCame are the last days on which those who left a day are seen by the
// batch. Days that nobody was seen on before are not in [UserCounts] yet.
func daysCame(left []*userChange, changes []userChange) map[presence]int64 {
	came := make(map[presence]int64, len(left))
	for _, c := range left {
		came[presence{c.account, place{c.scope, c.topic}}] = None
	}
	if len(left) == 0 {
		return came
	}
	for _, c := range changes {
		k := presence{c.account, place{c.scope, c.topic}}
		if at, is := came[k]; is && c.now != 0 {
			came[k] = max(at, c.date)
		}
	}
	return came
}

func moveLast(l lasts, p place, to int64, counts userCounts) lasts {
	if from := l.at(p); from != None {
		counts.add(p, from, countLast, -1)
	}
	if to != None {
		counts.add(p, to, countLast, 1)
	}
	l.set(p, to)
	return l
}

// lastDayBefore looks, from day to day, when somebody was seen before. It is
// needed only when an event turns out to be another's: when the order comes
// after its confirmation, and names another customer. [UserDays] has the batch
// already, [UserCounts] not.
func lastDayBefore(tx Tx, who userDay) (int64, error) {
	var dates []int64
	err := tx.Select(Select{
		From: UserCounts, Columns: []string{"day"}, OrderBy: []string{"day DESC"},
		Where: []Cond{Eq("scope", who.scope), Less("day", who.date), Eq("topic", who.topic)},
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
			who.date = d
			putUserDay(ask, who)
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
