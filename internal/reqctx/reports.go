package reqctx

import (
	"errors"
	"reflect"
	"sync"
	"time"
)

const (
	maxReports = 8  // remembered at once; the oldest go first
	maxWraps   = 16 // looked through for an error that was reported
)

// Reports remembers the errors that were reported lately, so that one which is
// captured and logged is one event. The zero value is ready. Safe for
// concurrent use.
type Reports struct {
	mu   sync.Mutex
	last []Report
	next int // where the ring is written next, once it is full
}

// Report is one error that was reported.
type Report struct {
	Owner  any // whose event it is: two instances do not see each other
	Err    error
	ID     string // of the event; "": none was sent
	Logged bool   // reported by a log record, not by a capture
	At     time.Time
}

// Add remembers r. An error that cannot be compared is not known again.
func (rs *Reports) Add(r Report) {
	if r.Err == nil || !comparable(r.Err) {
		return
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if len(rs.last) < maxReports {
		rs.last = append(rs.last, r)
		return
	}
	rs.last[rs.next] = r
	rs.next = (rs.next + 1) % maxReports
}

// Find is the ID under which owner reported err, or what err wraps, since
// the given time.
func (rs *Reports) Find(owner any, err error, since time.Time) (id string, ok bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r := rs.find(owner, err, since, func(*Report) bool { return true }); r != nil {
		return r.ID, true
	}
	return "", false
}

// TakeOther is Find for where nothing but time ties two reports together: it
// answers only a capture that was logged, or a record that was captured, and
// each report once.
func (rs *Reports) TakeOther(owner any, err error, logged bool, since time.Time) (id string, ok bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.find(owner, err, since, func(r *Report) bool { return r.Logged != logged })
	if r == nil {
		return "", false
	}
	id = r.ID
	*r = Report{}
	return id, true
}

func (rs *Reports) find(owner any, err error, since time.Time, fits func(*Report) bool) *Report {
	// Mostly nothing fits, and then err need not be looked through.
	var candidates [maxReports]*Report
	n := 0
	for i := range rs.last {
		if r := &rs.last[i]; r.Err != nil && fits(r) && !r.At.Before(since) && r.Owner == owner {
			candidates[n] = r
			n++
		}
	}
	if n == 0 {
		return nil
	}
	for range maxWraps {
		if err == nil {
			return nil
		}
		if comparable(err) {
			for _, r := range candidates[:n] {
				if r.Err == err { //nolint:errorlint // the very same value, not its kind
					return r
				}
			}
		}
		err = errors.Unwrap(err)
	}
	return nil
}

// comparable reports whether err can be compared without a panic. Asking
// reflect for it allocates, so that is for the kinds that need it.
func comparable(err error) bool {
	switch reflect.TypeOf(err).Kind() {
	case reflect.Struct, reflect.Array, reflect.Slice, reflect.Map, reflect.Func, reflect.Interface:
		return reflect.ValueOf(err).Comparable()
	}
	return true
}
