package dbmon

import (
	"strings"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

const (
	manyCalls    = 10     // of one query in a request
	manyFailures = 5      // of one query in a request
	manyRows     = 10_000 // of one query
	maxSeen      = 32     // queries of a request that are told apart
)

// requestQueries is what one request has asked so far.
type requestQueries struct {
	mu    sync.Mutex
	seen  []seenQuery
	found map[foundOf]struct{}
}

// foundOf is a finding that the request has made already.
type foundOf struct {
	kind  FindingKind
	query string
}

type seenQuery struct {
	query           *query
	statement       string
	calls, failures uint64
}

// watch looks at one query of a request. Only requests are watched: a job may
// well run the same query a thousand times. One name may stand for several
// statements, as those of a transaction: what is repeated is a statement. "" is
// none that may be: a word that controls a transaction, or a part of a batch,
// which goes to the server in one.
func (m *Monitor) watch(scope *reqctx.Scope, q *query, statement string, rows int64, failed bool) {
	r := scope.Request
	asked := m.askedBy(r)
	calls, failures := asked.add(q, statement, failed)
	if statement != "" {
		m.repeated(scope, NPlusOne, q, calls, manyCalls)
	}
	if failed {
		m.repeated(scope, Retries, q, failures, manyFailures)
	}
	if rows > manyRows {
		m.find(scope, LargeResult, q.name, uint64(rows))
	}
}

func (m *Monitor) askedBy(r *reqctx.Request) *requestQueries {
	return r.Part(&m.owner, func() any { return &requestQueries{} }).(*requestQueries)
}

// first reports whether the request has not made this finding yet.
func (a *requestQueries) first(kind FindingKind, query string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := foundOf{kind, query}
	_, known := a.found[key]
	if !known {
		if a.found == nil {
			a.found = map[foundOf]struct{}{}
		}
		a.found[key] = struct{}{}
	}
	return !known
}

func (a *requestQueries) add(q *query, statement string, failed bool) (calls, failures uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.seen {
		if s := &a.seen[i]; s.query == q && s.statement == statement {
			s.calls++
			if failed {
				s.failures++
			}
			return s.calls, s.failures
		}
	}
	if len(a.seen) < maxSeen {
		s := seenQuery{query: q, statement: statement, calls: 1}
		if failed {
			s.failures = 1
		}
		a.seen = append(a.seen, s)
		return s.calls, s.failures
	}
	return 0, 0
}

// repeated is a finding once a request has come to many; after that only the
// number grows, as a walk of the stack for each query would cost more than the
// query's hooks.
func (m *Monitor) repeated(scope *reqctx.Scope, kind FindingKind, q *query, n, many uint64) {
	switch {
	case n == many:
		m.find(scope, kind, q.name, n)
	case n > many:
		m.found.grow(kind, q.name, scope.Route(), n)
	}
}

// find notes a finding of one more request; what a request does again only
// raises the most that one did.
func (m *Monitor) find(scope *reqctx.Scope, kind FindingKind, query string, most uint64) {
	if !m.askedBy(scope.Request).first(kind, query) {
		m.found.grow(kind, query, scope.Route(), most)
		return
	}
	m.findingsOf.With(string(kind)).Add(1)
	m.found.note(Finding{
		Kind: kind, Query: query, Route: scope.Route(), Caller: caller(), CorrelationID: scope.CorrelationID(),
		Requests: 1, Most: most, Last: time.Now(),
	})
}

// transaction is what is known of a connection's transaction.
type transaction struct {
	request *reqctx.Request // in which it was begun; nil: none, or not in a request
	calls   uint32          // of others by then
	query   *query          // the first in it
}

// observe takes note of a transaction by the statements that pgx sends for it,
// which are short words of their own. It reports whether this is one.
func (tx *transaction) observe(t *trace, text string) bool {
	word, ok := control(text)
	switch {
	case ok && word == "begin":
		*tx = transaction{}
		if scope := reqctx.From(t.Context); scope != nil && scope.Request.HTTP != nil {
			tx.request, tx.calls = scope.Request, scope.Request.Calls()
		}
	case ok:
		t.query.m.judge(t, tx)
		*tx = transaction{}
	case tx.request != nil && tx.query == nil:
		tx.query = t.query
	}
	return ok
}

// judge looks at a transaction that is about to end.
func (m *Monitor) judge(t *trace, tx *transaction) {
	if tx.request == nil || tx.query == nil {
		return
	}
	scope := reqctx.From(t.Context)
	if scope == nil || scope.Request != tx.request {
		return
	}
	if calls := tx.request.Calls() - tx.calls; calls > 0 {
		m.find(scope, HeldTransaction, tx.query.name, uint64(calls))
	}
}

// control tells the statements that begin or end a transaction.
func control(text string) (word string, ok bool) {
	const longest = 64 // "begin isolation level serializable read only deferrable"
	if len(text) < 3 || len(text) > longest {
		return "", false
	}
	switch [2]byte{text[0] | 0x20, text[1] | 0x20} { // most texts end here
	case [2]byte{'b', 'e'}, [2]byte{'s', 't'}, [2]byte{'c', 'o'}, [2]byte{'r', 'o'}, [2]byte{'e', 'n'}:
	default:
		return "", false
	}
	first, rest, _ := strings.Cut(text, " ")
	switch strings.ToLower(first) {
	case "begin":
		return "begin", true
	case "start":
		return "begin", strings.HasPrefix(strings.ToLower(rest), "transaction")
	case "commit", "end":
		return "end", true
	case "rollback":
		return "end", !strings.HasPrefix(strings.ToLower(strings.TrimSpace(rest)), "to ")
	}
	return "", false
}
