package dbmon

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
	"weak"

	"github.com/jackc/pgx/v5"
)

// connState is what is known of one connection. It is kept with the connection,
// which one goroutine uses at a time; what has a lock or is atomic is read by
// others too.
type connState struct {
	statements map[statement]*query // that the service prepared
	taken      time.Duration        // when it was acquired
	held       bool
	tx         transaction
	recent     [8]recentText

	query  atomic.Pointer[trace]   // under way: its rows are not closed
	holder atomic.Pointer[holding] // who has taken it from its pool, where that is watched
}

// statement is a prepared one, as a Monitor knows it.
type statement struct {
	m    *Monitor
	name string
}

const (
	connStateKey  = "monitoring/dbmon" // short: it is looked up at each query
	maxStatements = 1000
	// maxStatementName is the longest name that PostgreSQL keeps, in bytes.
	maxStatementName = 63
)

func connStateOf(conn *pgx.Conn) *connState {
	if conn == nil || conn.PgConn() == nil {
		return nil
	}
	s, _ := conn.PgConn().CustomData()[connStateKey].(*connState)
	return s
}

// conn is the connection's state, which m watches from now on.
func (m *Monitor) conn(conn *pgx.Conn) *connState {
	if s := connStateOf(conn); s != nil {
		return s
	}
	if conn == nil || conn.PgConn() == nil || conn.PgConn().CustomData() == nil {
		return nil
	}
	s := &connState{}
	conn.PgConn().CustomData()[connStateKey] = s
	m.conns.add(s)
	return s
}

// conns are the connections that were seen. pgx does not say when one is
// closed, so they are held weakly: the collector says it.
type conns struct {
	mu  sync.Mutex
	all []weak.Pointer[connState]
}

func (c *conns) add(s *connState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, weak.Make(s))
}

// living are those whose connections are still there.
func (c *conns) living() []*connState {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := make([]*connState, 0, len(c.all))
	kept := c.all[:0]
	for _, p := range c.all {
		if s := p.Value(); s != nil {
			found, kept = append(found, s), append(kept, p)
		}
	}
	clear(c.all[len(kept):])
	c.all = kept
	return found
}

// recentText is a text that ran on the connection. A constant in the service's
// code is the same string each time: to see that takes no hash of it.
type recentText struct {
	m     *Monitor
	text  string // kept, so that its place in memory is nobody else's
	query *query
}

// maxRecent bounds the texts that a connection keeps, in bytes.
const maxRecent = 2 << 10

// queryOf is the query of a text that runs on the connection.
func (s *connState) queryOf(m *Monitor, text string) *query {
	if s == nil || len(text) > maxRecent || text == "" {
		return m.ofText(text)
	}
	at := unsafe.StringData(text)
	r := &s.recent[uintptr(unsafe.Pointer(at))>>4%uintptr(len(s.recent))] //nolint:gosec // only compared
	if len(r.text) == len(text) && unsafe.StringData(r.text) == at && r.m == m {
		return r.query
	}
	if q := s.prepared(m, text); q != nil { // not to be kept: a name may come to mean another text
		return q
	}
	q := m.ofText(text)
	*r = recentText{m: m, text: text, query: q}
	return q
}
