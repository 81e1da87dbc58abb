package errortracking

import (
	"time"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// How long an error is known again. In a request the very same value is the
// same failure. Elsewhere a value such as io.EOF may be many, so that only a
// capture and a record right after each other are taken for one.
const (
	knownInRequest = time.Minute
	knownElsewhere = time.Second
)

// reported is the event that o's error, or one that it wraps, went out as.
func (t *Tracker) reported(scope *reqctx.Scope, o *occurrence, now time.Time) (id string, ok bool) {
	if o.err == nil {
		return "", false
	}
	defer func() {
		if recover() != nil { // the error's own Unwrap
			id, ok = "", false
		}
	}()
	reports, inRequest := t.reports(scope)
	err := redact.Original(o.err)
	if inRequest {
		id, ok = reports.Find(t, err, now.Add(-knownInRequest))
	} else {
		id, ok = reports.TakeOther(t, err, o.logged, now.Add(-knownElsewhere))
	}
	return id, ok
}

// remember notes that o was judged. id is "" if no event came of it: what was
// held back or sampled out is not to get a second chance as a log record.
func (t *Tracker) remember(scope *reqctx.Scope, o *occurrence, id string, now time.Time) {
	reports, _ := t.reports(scope)
	reports.Add(reqctx.Report{Owner: t, Err: redact.Original(o.err), ID: id, Logged: o.logged, At: now})
}

// reports are the request's, else the Tracker's own, as a job may run for
// days and repeat itself.
func (t *Tracker) reports(scope *reqctx.Scope) (reports *reqctx.Reports, inRequest bool) {
	if scope != nil && scope.Request.HTTP != nil {
		return scope.Request.Reports(), true
	}
	return &t.others, false
}
