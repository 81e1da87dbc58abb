package dbmon

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxSlow bounds the slow queries kept.
const maxSlow = 256

// SlowQuery is one query that took longer than Config.SlowQuery.
type SlowQuery struct {
	Name          string        // as in the metrics: never the text
	CorrelationID string        // of the request it ran for; "" outside of one
	Caller        string        // folder/file.go:line of the service that ran it, or closed its rows
	Duration      time.Duration // until its rows were closed
	Rows          int64         // returned or changed
	At            time.Time     // when it ended
}

// slowRing keeps the last maxSlow.
type slowRing struct {
	mu   sync.Mutex
	kept []SlowQuery
	next int
}

func (r *slowRing) add(q SlowQuery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) < maxSlow {
		r.kept = append(r.kept, q)
		return
	}
	r.kept[r.next] = q
	r.next = (r.next + 1) % maxSlow
}

// all are copied, newest first.
func (r *slowRing) all() []SlowQuery {
	r.mu.Lock()
	all := append(slices.Clone(r.kept[r.next:]), r.kept[:r.next]...)
	r.mu.Unlock()
	slices.Reverse(all)
	return all
}

// SlowQueries are the last 256 queries that took longer than Config.SlowQuery,
// newest first.
func (m *Monitor) SlowQueries() []SlowQuery {
	if m == nil {
		return nil
	}
	return m.slowest.all()
}

// slowSince counts the slow queries kept that ended after t.
func (m *Monitor) slowSince(t time.Time) (n uint64) {
	for _, q := range m.slowest.all() {
		if q.At.After(t) {
			n++
		}
	}
	return n
}

// packagePath is this package's, as function names have it.
const packagePath = "github.com/distri-night/monitoring/dbmon"

// caller is the first place outside of pgx, database/sql and this package: the
// line of the service that ran the query. It walks the stack, so it is for slow
// queries only.
func caller() string {
	var pcs [48]uintptr
	return callerOf(pcs[:runtime.Callers(3, pcs[:])])
}

// callerOf is that place in a stack.
func callerOf(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	for {
		frame, more := frames.Next()
		if frame.Function != "" && !foreign(frame.Function, frame.File) {
			return fmt.Sprintf("%s/%s:%d", filepath.Base(filepath.Dir(frame.File)), filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

func foreign(function, file string) bool {
	if strings.HasPrefix(function, packagePath+".") { // not packagePath/..., and not its tests
		return !strings.HasSuffix(file, "_test.go")
	}
	for _, p := range []string{"github.com/jackc/", "database/sql.", "runtime."} {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}
