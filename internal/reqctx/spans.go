package reqctx

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// maxSpans a transaction: Sentry takes no more.
const maxSpans = 1000

// The statuses of a span, as Sentry and gRPC name them.
const (
	StatusOK              = "ok"
	StatusCanceled        = "cancelled"
	StatusDeadline        = "deadline_exceeded"
	StatusInternalError   = "internal_error"
	StatusUnavailable     = "unavailable"
	StatusInvalidArgument = "invalid_argument"
)

// ContextStatus is that of work which was given up because ctx is done.
func ContextStatus(ctx context.Context) string {
	if ctx.Err() == context.DeadlineExceeded {
		return StatusDeadline
	}
	return StatusCanceled
}

// HTTPStatus is the status of a call that was answered with code.
func HTTPStatus(code int) string {
	switch {
	case code < 400:
		return StatusOK
	case code == 401:
		return "unauthenticated"
	case code == 403:
		return "permission_denied"
	case code == 404:
		return "not_found"
	case code == 409:
		return "already_exists"
	case code == 429:
		return "resource_exhausted"
	case code == 499:
		return StatusCanceled
	case code < 500:
		return StatusInvalidArgument
	case code == 501:
		return "unimplemented"
	case code == 503:
		return StatusUnavailable
	case code == 504:
		return StatusDeadline
	default:
		return StatusInternalError
	}
}

// The operations of spans, by Sentry's names.
const (
	OpHTTPClient = "http.client"
	OpQuery      = "db.query"
	OpMark       = "mark"
	OpTask       = "task"
)

// Span is a finished stretch of work in a request that is recorded. Names and
// attributes are for Sentry, which gets them redacted; a query's name is never
// its text with literals.
type Span struct {
	ID, Parent SpanID // zero: AddSpan gives them
	Op         string
	Name       string
	Status     string // "": unknown
	Start      time.Time
	Took       time.Duration
	Attrs      []slog.Attr // by OpenTelemetry's names; not to be changed any more
}

// spans are those of one request or job.
type spans struct {
	closed atomic.Bool // the request has ended

	mu      sync.Mutex
	kept    []Span
	dropped int
}

func (s *spans) add(sp Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed.Load():
	case len(s.kept) == maxSpans:
		s.dropped++
	default:
		s.kept = append(s.kept, sp)
	}
}

// recorder is nil where nothing is recorded: one load tells.
func (r *Request) recorder() *spans {
	if t := r.tracing.Load(); t != nil && t.spans != nil && !t.spans.closed.Load() {
		return t.spans
	}
	return nil
}

// Recording reports whether spans of the scope are recorded. Where they are not
// it takes no lock and allocates nothing, so ask before a Span is made.
func (s *Scope) Recording() bool { return s != nil && s.Request.recorder() != nil }

// AddSpan records what is finished, under the innermost open span. At most
// 1,000 a request are kept; what comes after its end is dropped.
func (s *Scope) AddSpan(sp Span) {
	if s == nil {
		return
	}
	recorder := s.Request.recorder()
	if recorder == nil {
		return
	}
	if !sp.ID.Valid() {
		sp.ID = newSpanID()
	}
	if !sp.Parent.Valid() {
		sp.Parent = s.Trace().SpanID
	}
	recorder.add(sp)
}

// OpenSpan is work under way. A nil one is legal: nothing is recorded.
type OpenSpan struct {
	scope *Scope // around it
	span  Span
	ended atomic.Bool
}

// StartSpan opens a span; what is done with the returned context is inside it.
// Where nothing is recorded it gives ctx back, and nil.
func StartSpan(ctx context.Context, op, name string) (context.Context, *OpenSpan) {
	around := From(ctx)
	if !around.Recording() {
		return ctx, nil
	}
	open := &OpenSpan{scope: around, span: Span{
		ID: newSpanID(), Parent: around.Trace().SpanID, Op: op, Name: name, Start: time.Now(),
	}}
	inner := derive(ctx)
	inner.span = open
	return inner, open
}

// Trace is what a callee is told: the trace, with the span's ID.
func (o *OpenSpan) Trace() Trace {
	if o == nil {
		return Trace{}
	}
	t := o.scope.Request.Trace()
	t.SpanID = o.span.ID
	return t
}

// End records the span, on the first call.
func (o *OpenSpan) End(status string, attrs ...slog.Attr) {
	if o == nil || o.ended.Swap(true) {
		return
	}
	sp := o.span
	sp.Took, sp.Status, sp.Attrs = time.Since(sp.Start), status, attrs
	o.scope.AddSpan(sp)
}

// TakeSpans ends the recording of r and gives its spans, in the order in which
// they ended, and how many were too many. ok is false if nothing was recorded,
// or they were taken.
func (r *Request) TakeSpans() (kept []Span, dropped int, ok bool) {
	recorder := r.recorder()
	if recorder == nil {
		return nil, 0, false
	}
	recorder.mu.Lock()
	defer recorder.mu.Unlock()
	ok = !recorder.closed.Swap(true)
	kept, dropped = recorder.kept, recorder.dropped
	recorder.kept, recorder.dropped = nil, 0
	return kept, dropped, ok
}
