package sqlstore

import (
	"strings"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// activeUsers answers for users of whole days from [UserCounts], by feature too.
func (a *answer) activeUsers() (bool, error) {
	var ok bool
	switch a.c.Q.Metric {
	case "active_users":
		ok = a.onlyAsked()
	case "feature_users":
		ok = a.onlyAsked("feature") && a.asked("feature")
	}
	if !ok {
		return false, nil
	}
	days, ok := inDays(a.cal, a.steps)
	if !ok {
		return false, nil
	}
	if err := a.features(); err != nil {
		return true, err
	}
	if singles := contiguous(days); singles != nil {
		return true, a.seenOn(*singles)
	}
	for i, d := range days {
		if err := a.seenIn(a.steps[i].from, d); err != nil {
			return true, err
		}
	}
	return true, nil
}

// features makes the groups of features that were used, also by nobody known.
func (a *answer) features() error {
	if a.c.Q.Metric != "feature_users" {
		return nil
	}
	for _, p := range cut(a.cal, a.steps, GrainMonth, GrainDay, false) {
		s := Select{
			From: Totals, Columns: []string{"method"}, Sum: []string{"n"},
			Where: append([]Cond{
				Eq("grain", p.grain), OneOf("kind", a.kinds()), AtLeast("start", p.first), Less("start", p.end), Not("n", int64(0)),
			}, a.filters()...),
		}
		err := a.r.Select(s, func(row []Value) error {
			a.c.AddUsers(a.userFact(a.steps[0].from, topicOf(row[0].Text)), 0, 0)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// contiguous is the stretch that steps of one unit each make up; nil: they are
// longer, or there is a gap.
func contiguous(steps []piece) *piece {
	all := steps[0]
	for i, s := range steps {
		if s.end-s.first != 1 || i > 0 && s.first != all.end {
			return nil
		}
		all.end = s.end
	}
	return &all
}

// topics are the conditions on what is asked for.
func (a *answer) topics() []Cond {
	conds := []Cond{Eq("scope", a.scope())}
	if a.c.Q.Metric == "active_users" {
		return append(conds, Eq("topic", ""))
	}
	if feature, filtered := a.c.Q.Filter["feature"]; filtered {
		return append(conds, Eq("topic", topicOf(feature)))
	}
	return append(conds, AtLeast("topic", topicOf("")))
}

// userFact is what the Collector groups by.
func (a *answer) userFact(at int64, topic string) ledger.Fact {
	f := ledger.Fact{Kind: ledger.KindActive, At: at, Tenant: a.scope()}
	if feature, of := strings.CutPrefix(topic, topicOf("")); of {
		f.Kind, f.Method = ledger.KindFeature, feature
	}
	return f
}

// seenOn counts the users of each day.
func (a *answer) seenOn(days piece) error {
	where := append(a.topics(), AtLeast("day", days.first), Less("day", days.end), Not("seen", int64(0)))
	return a.r.Select(Select{From: UserCounts, Columns: []string{"day", "topic", "seen"}, Where: where}, func(row []Value) error {
		a.c.AddUsers(a.userFact(begin(a.cal, GrainDay, row[0].Int), row[1].Text), row[2].Int, 0)
		return nil
	})
}

// seenIn counts the users of several days: those who were seen last in them,
// if nobody was seen later; else one by one.
func (a *answer) seenIn(at int64, days piece) error {
	counts, later := map[string]int64{}, false
	where := append(a.topics(), AtLeast("day", days.first), Not("last", int64(0)))
	err := a.r.Select(Select{From: UserCounts, Columns: []string{"day", "topic", "last"}, Where: where}, func(row []Value) error {
		if row[0].Int >= days.end {
			later = true
		} else {
			counts[row[1].Text] += row[2].Int
		}
		return nil
	})
	if err != nil {
		return err
	}
	if later {
		clear(counts)
		where := append(a.topics(), AtLeast("day", days.first), Less("day", days.end))
		err := a.r.Select(Select{From: UserDays, Columns: []string{"topic", "account"}, Sum: []string{"n"}, Where: where}, func(row []Value) error {
			counts[row[0].Text]++
			return nil
		})
		if err != nil {
			return err
		}
	}
	for topic, n := range counts {
		a.c.AddUsers(a.userFact(at, topic), n, 0)
	}
	return nil
}
