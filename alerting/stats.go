package alerting

import (
	"maps"
	"slices"
	"time"
)

// Stats are figures over the alerts that the Manager knows: since its state
// folder was made, at most the last 30 days before its start; without one
// since its start.
type Stats struct {
	Active      map[Severity]int // as they are now
	Total       map[Severity]int // all, each at the worst severity that it had
	MTTA        time.Duration    // mean time to acknowledge, of those that were; 0: none
	MTTR        time.Duration    // mean time to resolve, of those that are; 0: none
	Undelivered int              // messages that are due
}

// Stats are computed at once, without I/O.
func (m *Manager) Stats() Stats {
	s := Stats{Active: map[Severity]int{}, Total: map[Severity]int{}}
	if m == nil {
		return s
	}
	m.mu.Lock()
	for _, t := range m.byID {
		s.Active[t.alert.Severity]++
	}
	maps.Copy(s.Total, m.stats.total)
	s.MTTA, s.MTTR = m.stats.ack.mean(), m.stats.end.mean()
	m.mu.Unlock()
	if m.out != nil {
		s.Undelivered = m.keep.waiting() + m.out.q.Len()
	}
	return s
}

// Failing names the routes whose receiver did not take the last try, sorted.
func (m *Manager) Failing() []string {
	if m == nil || m.out == nil {
		return nil
	}
	return m.out.failing()
}

// tally is what Stats is made from.
type tally struct {
	total    map[Severity]int
	ack, end mean
}

type mean struct {
	sum time.Duration
	n   int
}

func (m *mean) add(d time.Duration) { m.sum += d; m.n++ }

func (m mean) mean() time.Duration {
	if m.n == 0 {
		return 0
	}
	return m.sum / time.Duration(m.n)
}

func (t *tally) fired(a Alert) {
	if t.total == nil {
		t.total = map[Severity]int{}
	}
	t.total[a.Worst]++
}

// worsened moves the alert from the worst severity that it had to its new one.
func (t *tally) worsened(a Alert) {
	if t.total[a.Worst]--; t.total[a.Worst] == 0 {
		delete(t.total, a.Worst)
	}
	t.total[a.Severity]++
}

func (t *tally) acknowledged(a Alert) { t.ack.add(a.AcknowledgedAt.Sub(a.StartedAt)) }

// reopened forgets an acknowledgement that was taken back.
func (t *tally) reopened(a Alert) {
	t.ack.sum -= a.AcknowledgedAt.Sub(a.StartedAt)
	t.ack.n--
}

func (t *tally) resolved(a Alert) { t.end.add(a.ResolvedAt.Sub(a.StartedAt)) }

// history is the last resolved alerts, in the order of their end.
type history []Alert

const maxHistory = 1000

func (h *history) add(a Alert) {
	if len(*h) >= maxHistory {
		*h = slices.Delete(*h, 0, len(*h)-maxHistory+1)
	}
	*h = append(*h, a)
}

func (h history) since(t time.Time) []Alert {
	var list []Alert
	for _, a := range h {
		if !a.ResolvedAt.Before(t) {
			list = append(list, a.clone())
		}
	}
	return list
}
