package dbmon

import (
	"cmp"
	"slices"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

const (
	// unclosedAfter is how long rows may stay open after their context has
	// ended: pgx closes them then, if anybody still reads them.
	unclosedAfter = 10 * time.Second
	// unclosedAtLast is how long a query may last before its rows count as
	// forgotten, although its context goes on.
	unclosedAtLast = 10 * time.Minute
)

// OpenQuery is a query whose rows are not closed yet: it runs, or its rows are
// being read, or they have been forgotten.
type OpenQuery struct {
	Name          string // as in the metrics: never the text
	CorrelationID string // of the request it runs for; "" outside of one
	Since         time.Time
	Open          time.Duration
}

// OpenQueries are those that have been open for longer than a slow query lasts,
// the longest first. There is at most one a connection. One that is open for 10
// s after its context has ended, or for 10 min, is counted in
// db.client.rows.unclosed by its name, and is no longer listed.
func (m *Monitor) OpenQueries() []OpenQuery {
	if !m.active() {
		return nil
	}
	now := m.since()
	var open []OpenQuery
	for _, s := range m.conns.living() {
		if t := s.query.Load(); t != nil && t.query.m == m && now-t.start > m.slowLimit(t.query) {
			open = append(open, OpenQuery{
				Name: t.query.name, CorrelationID: reqctx.From(t.Context).CorrelationID(),
				Since: m.epoch.Add(t.start), Open: now - t.start,
			})
		}
	}
	slices.SortFunc(open, func(a, b OpenQuery) int { return cmp.Compare(b.Open, a.Open) })
	return open
}

// expire counts the rows that nobody will close, and lets go of them: what they
// hold of a request is held no longer.
func (m *Monitor) expire(now time.Duration) {
	for _, s := range m.conns.living() {
		t := s.query.Load()
		if t == nil || t.query.m != m || !t.forgotten(now) {
			continue
		}
		if s.query.CompareAndSwap(t, nil) {
			m.unclosed.With(t.query.name).Add(1)
			m.logger.Warn("rows of a query are never closed", "query", t.query.name,
				"correlation_id", reqctx.From(t.Context).CorrelationID(), "open", (now - t.start).Round(time.Second).String())
		}
	}
}

// forgotten reports whether nobody will close the rows. When its context has
// ended is seen from one sample to the next.
func (t *trace) forgotten(now time.Duration) bool {
	if now-t.start > unclosedAtLast {
		return true
	}
	if t.Err() == nil {
		return false
	}
	if t.ended.CompareAndSwap(0, int64(now)) {
		return false
	}
	return now-time.Duration(t.ended.Load()) >= unclosedAfter
}
