package reqctx

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Breadcrumb is one thing that happened on the way to an error.
type Breadcrumb struct {
	Category, Message string
	Level             slog.Level
	Data              map[string]any
	Fill              func() map[string]any // makes Data once the breadcrumb is read; nil: Data is complete
	At                time.Time

	packed []byte // what unpack makes Data of
	unpack func([]byte) map[string]any
}

const (
	maxBreadcrumbs = 100 // a request; the oldest go first
	maxOwners      = 5   // middlewares of ours around one handler: two instances, and logging's that they share
)

// Request is what all contexts of one HTTP request, or of one job, share. The
// zero value is a job's. Safe for concurrent use.
type Request struct {
	// HTTP is the request as the outermost middleware saw it; nil in a job.
	HTTP *http.Request
	// Writer notes what was answered; nil in a job.
	Writer *Writer

	owners  [maxOwners]atomic.Pointer[Owner]
	tracing atomic.Pointer[Tracing] // nil: the trace began here, and nobody records it

	// What most requests do not have is behind a pointer: a request is made
	// anew each time, and its size is what the middleware costs.
	mu            sync.Mutex
	inner         *http.Request // the copy handed inwards: the mux sets its Pattern
	correlationID string
	route         string
	rare          *rare
	idHeader      [1]string
	idText        [32]byte // of a correlation ID that was made here
	trace         Trace
	excluded      bool
	panicked      bool
	calls         atomic.Uint32 // of other services
}

// rare is what some requests have.
type rare struct {
	user    User
	crumbs  *breadcrumbs
	reports *Reports
	parts   []part
}

// more is r's rare part. The caller holds the lock.
func (r *Request) more() *rare {
	if r.rare == nil {
		r.rare = &rare{}
	}
	return r.rare
}

// Owner is the identity of one middleware of one instance; use its address.
type Owner struct{ _ byte } // not empty: each has an address of its own

// Claim reports whether owner is the first to ask: each middleware does its
// effect once a request, however often it is in the chain.
func (r *Request) Claim(owner *Owner) bool {
	for i := range r.owners {
		if r.owners[i].CompareAndSwap(nil, owner) {
			return true
		}
		if r.owners[i].Load() == owner {
			return false
		}
	}
	return false
}

// Reports are the errors that went out as events.
func (r *Request) Reports() *Reports {
	r.mu.Lock()
	defer r.mu.Unlock()
	more := r.more()
	if more.reports == nil {
		more.reports = &Reports{}
	}
	return more.reports
}

// Identify sets the correlation ID ("": the trace's own, 32 hexadecimal digits)
// and the trace, unless r has one, and puts the ID in the answer's h as
// X-Request-ID, all without an allocation. It is called once a request.
func (r *Request) Identify(correlationID string, t Trace, h http.Header) {
	r.mu.Lock()
	if !r.trace.Valid() {
		r.trace = t
	}
	if correlationID == "" {
		hex.Encode(r.idText[:], r.trace.TraceID[:])
		// The bytes are written here only, before anybody has the string.
		correlationID = unsafe.String(&r.idText[0], len(r.idText))
	}
	r.correlationID = correlationID
	r.idHeader[0] = correlationID
	r.mu.Unlock()
	h["X-Request-Id"] = r.idHeader[:1:1]
}

// SetTrace gives r its trace and what there is besides (nil: nothing), unless
// it has one. It is called before r is shared.
func (r *Request) SetTrace(t Trace, tracing *Tracing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.trace.Valid() {
		return
	}
	r.trace = t
	if tracing != nil {
		r.tracing.Store(tracing)
	}
}

// Sample lets s decide, once, whether r is recorded. It allocates only if it
// is, or if the trace came from elsewhere. The trace is there already.
func (r *Request) Sample(s *Sampler) (recorded bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := r.tracing.Load()
	if from != nil && from.Sampler != nil {
		return false // another instance has decided, and records
	}
	r.trace.Sampled = s.decide(r.trace, from)
	switch {
	case from == nil && !r.trace.Sampled:
		r.tracing.Store(&s.off)
		return false
	case from == nil:
		from = &Tracing{}
	}
	mine := *from
	mine.Sampler = s
	if r.trace.Sampled {
		mine.spans = &spans{}
	}
	r.tracing.Store(&mine)
	return r.trace.Sampled
}

// Tracing is what r's trace has besides its IDs; nil if nothing.
func (r *Request) Tracing() *Tracing { return r.tracing.Load() }

// CorrelationID is "" until a middleware has set it.
func (r *Request) CorrelationID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.correlationID
}

// Trace is the zero Trace until a middleware has set it.
func (r *Request) Trace() Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trace
}

// SetUser sets whom the request acts for.
func (r *Request) SetUser(u User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.more().user = u
}

// User is whom the request acts for.
func (r *Request) User() User {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.userLocked()
}

func (r *Request) userLocked() User {
	if r.rare == nil {
		return User{}
	}
	return r.rare.user
}

// SetRoute overrides the pattern that the mux found.
func (r *Request) SetRoute(pattern string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.route = pattern
}

// Route is what SetRoute was given, else the path of the pattern that
// http.ServeMux matched, as far as it is known yet: never the raw path.
// "" if neither.
func (r *Request) Route() string { return PatternRoute(r.RoutePattern()) }

// RoutePattern is Route with the method and host that the mux's pattern has.
func (r *Request) RoutePattern() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.route != "" || r.inner == nil {
		return r.route
	}
	return r.inner.Pattern
}

// PatternRoute takes method and host off a ServeMux pattern:
// "GET /orders/{id}" is "/orders/{id}".
func PatternRoute(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i > 0 {
		return pattern[i:]
	}
	return pattern
}

// Exclude takes the request out of the service's figures: our own endpoints
// are not the service's work.
func (r *Request) Exclude() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.excluded = true
}

// Panicked says that a panic was recovered: who measures further out sees only
// what was made of it.
func (r *Request) Panicked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.panicked = true
}

// Measured is what the figures of a request go by.
type Measured struct {
	UserID, Pattern    string
	Excluded, Panicked bool
}

// Measured is User().ID, RoutePattern, and whether Exclude and Panicked were
// called, under one lock.
func (r *Request) Measured() Measured {
	r.mu.Lock()
	defer r.mu.Unlock()
	pattern := r.route
	if pattern == "" && r.inner != nil {
		pattern = r.inner.Pattern
	}
	return Measured{r.userLocked().ID, pattern, r.excluded, r.panicked}
}
