package dbmon

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Statement is a text that ran under a query's name, without its literals: the
// slowest one of those that were slow, else the first one that came.
type Statement struct {
	// Query is the name, as in the metrics.
	Query string
	// Text is normalised: comments are gone, and literals and parameters are
	// "?". It is at most 2 KiB long. "": it could not be told whether a value
	// is left in it, as of a text with backslashes.
	Text string
	// Fingerprint is that of the whole normalised text. It is the one of the
	// text that pg_stat_statements keeps, too.
	Fingerprint string
	// Parameters are the Go types of the arguments, never their values, at most
	// 32. nil: it was not seen running yet.
	Parameters []string
	// Slowest is how long it took at most, where that was slow; else 0.
	Slowest time.Duration
}

const (
	maxStatementText  = 2 << 10
	maxParameterTypes = 32
)

// Statements are those of the names that are counted, by name; at most one a
// name, and none of "other".
func (m *Monitor) Statements() []Statement {
	if !m.active() {
		return nil
	}
	known := m.queries.m.Load()
	if known == nil {
		return nil
	}
	var all []Statement
	for q := range maps.Values(*known) {
		if s := q.sample.Load(); s != nil && q.name != other {
			found := *s
			found.Parameters = slices.Clone(s.Parameters)
			all = append(all, found)
		}
	}
	slices.SortFunc(all, func(a, b Statement) int { return cmp.Compare(a.Query, b.Query) })
	return all
}

// statementOf is the statement of a text, which is not kept where it is in
// doubt, or was cut off in the middle of whatever was there.
func (q *query) statementOf(text string, n normal) *Statement {
	s := &Statement{Query: q.name, Fingerprint: n.fingerprint()}
	if !n.doubtful && len(text) <= maxLexed {
		s.Text = strings.ToValidUTF8(strings.Clone(n.text[:min(len(n.text), maxStatementText)]), "")
	}
	return s
}

// saw keeps the first text that is seen of the query.
func (q *query) saw(text string, n normal) {
	if n.text != "" && q.sample.Load() == nil {
		q.sample.CompareAndSwap(nil, q.statementOf(text, n))
	}
}

// ran completes the sample by what is known once the query runs: of one that
// the service named the text, and the types of the arguments.
func (q *query) ran(m *Monitor, state *connState, text string, args []any) {
	known := q.sample.Load()
	if known == nil {
		if state != nil && state.prepared(m, text) != nil {
			return
		}
		q.saw(text, normalise(text))
		if known = q.sample.Load(); known == nil {
			known = &Statement{Query: q.name} // nothing of it can be read: not to be tried again
		}
	}
	full := *known
	full.Parameters = make([]string, 0, min(len(args), maxParameterTypes))
	for _, arg := range args[:min(len(args), maxParameterTypes)] {
		full.Parameters = append(full.Parameters, fmt.Sprintf("%T", arg))
	}
	q.sample.Store(&full)
}

// ranSlowly keeps the text that ran on the connection, if it was the slowest.
func (q *query) ranSlowly(m *Monitor, state *connState, text string, took time.Duration) {
	known := q.sample.Load()
	if known != nil && known.Slowest >= took {
		return
	}
	slowest := &Statement{Query: q.name}
	if known != nil {
		*slowest = *known
	}
	if text != "" && state.prepared(m, text) == nil {
		if n := normalise(text); n.text != "" && n.fingerprint() != slowest.Fingerprint {
			slowest = q.statementOf(text, n)
			slowest.Parameters = []string{} // those of another text
		}
	}
	slowest.Slowest = took
	q.sample.Store(slowest)
}

// queryIDs are the identifiers by which the server knows statements, by the
// fingerprints of the texts that it has kept. Those of other roles are hidden
// from a role without pg_read_all_stats. A fingerprint may have several: the
// server tells statements apart by the objects that they mean.
func queryIDs(ctx context.Context, conn *pgx.Conn) (map[string][]int64, error) {
	rows, err := conn.Query(ctx, `select queryid, query from pg_stat_statements
		where queryid is not null and dbid = (select oid from pg_database where datname = current_database())
		order by total_exec_time desc limit 5000`)
	if err != nil {
		return nil, fmt.Errorf("read pg_stat_statements: %w", err)
	}
	ids := map[string][]int64{}
	var id int64
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error {
		if n := normalise(text); n.text != "" {
			ids[n.fingerprint()] = append(ids[n.fingerprint()], id)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read pg_stat_statements: %w", err)
	}
	return ids, nil
}
