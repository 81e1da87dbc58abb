package reqctx

import (
	"context"
	"log/slog"
)

// User is who a request or job acts for.
type User struct{ ID, Email, Role string }

// Scope is a context with what is bound to it. Use [From] to find the nearest
// one. A nil Scope is legal: it has nothing. Safe for concurrent use, as a
// Scope never changes after it was made; what changes is its Request.
type Scope struct {
	context.Context
	Request *Request // shared by all scopes of a request or job; never nil

	user          *User
	otel          *Trace    // the span of OpenTelemetry under the scope; noTrace: none; nil: ask
	span          *OpenSpan // the innermost open one; nil: the request's own
	correlationID string
	level         *slog.Level
	attrs         []slog.Attr
}

type scopeKey struct{}

// Value answers the scope's own key, else asks the parent.
func (s *Scope) Value(key any) any {
	if key == (scopeKey{}) {
		return s
	}
	if s.otel == noTrace && key == spanKey {
		return nil
	}
	return s.Context.Value(key)
}

// From finds the nearest scope of ctx; nil if there is none.
func From(ctx context.Context) *Scope {
	if ctx == nil {
		return nil
	}
	if s, ok := ctx.(*Scope); ok {
		return s
	}
	s, _ := ctx.Value(scopeKey{}).(*Scope)
	return s
}

// derive copies the nearest scope under ctx, or starts one with a Request of
// its own where ctx has none (a job, a test, a command).
func derive(ctx context.Context) *Scope {
	if ctx == nil {
		ctx = context.Background()
	}
	s := &Scope{}
	if parent := From(ctx); parent != nil {
		*s = *parent
	} else {
		s.Request = &Request{}
	}
	s.Context = ctx
	s.findOTel()
	return s
}

// NewJob gives a job a Request of its own, with its IDs, whatever request ctx
// is of. Attributes, level and user that are bound to ctx stay.
func NewJob(ctx context.Context, correlationID string, t Trace, tracing *Tracing) context.Context {
	s := derive(ctx)
	s.Request, s.span, s.correlationID = &Request{}, nil, correlationID
	s.Request.SetTrace(t, tracing)
	return s
}

// WithUser binds u to the returned context. Inside an HTTP request it becomes
// the request's user too, for the middlewares outside.
func WithUser(ctx context.Context, u User) context.Context {
	s := derive(ctx)
	s.user = &u
	if s.Request.HTTP != nil {
		s.Request.SetUser(u)
	}
	return s
}

// WithCorrelationID binds id to the returned context only. The caller has
// checked it.
func WithCorrelationID(ctx context.Context, id string) context.Context {
	s := derive(ctx)
	s.correlationID = id
	return s
}

// WithLevel binds the level at which errors of this context are captured.
func WithLevel(ctx context.Context, level slog.Level) context.Context {
	s := derive(ctx)
	s.level = &level
	return s
}

// WithAttrs binds log attributes, after those that ctx has already.
func WithAttrs(ctx context.Context, attrs []slog.Attr) context.Context {
	s := derive(ctx)
	s.attrs = append(s.attrs[:len(s.attrs):len(s.attrs)], attrs...)
	return s
}

// User is the one bound to the context, else the request's.
func (s *Scope) User() User {
	switch {
	case s == nil:
		return User{}
	case s.user != nil:
		return *s.user
	default:
		return s.Request.User()
	}
}

// CorrelationID is the one bound to the context, else the request's, else "".
func (s *Scope) CorrelationID() string {
	switch {
	case s == nil:
		return ""
	case s.correlationID != "":
		return s.correlationID
	default:
		return s.Request.CorrelationID()
	}
}

// Level is the one bound to the context, if any.
func (s *Scope) Level() (slog.Level, bool) {
	if s == nil || s.level == nil {
		return 0, false
	}
	return *s.level, true
}

// Attrs are the log attributes bound to the context. Not to be changed.
func (s *Scope) Attrs() []slog.Attr {
	if s == nil {
		return nil
	}
	return s.attrs
}

// Route is the request's route pattern, "" if unknown.
func (s *Scope) Route() string {
	if s == nil {
		return ""
	}
	return s.Request.Route()
}

// Trace is the request's trace context, with the innermost open span; the zero
// Trace if it has none.
func (s *Scope) Trace() Trace {
	if s == nil {
		return Trace{}
	}
	t := s.Request.Trace()
	if s.span != nil {
		t.SpanID = s.span.span.ID
	}
	return t
}

type noEventKey struct{}

// NoEvent marks ctx: a log record written with it is no error of the service,
// whatever its level, and makes no error event. It is for what the library
// itself writes about an error that is an event already, or about an alert.
func NoEvent(ctx context.Context) context.Context {
	return context.WithValue(ctx, noEventKey{}, true)
}

// IsNoEvent reports whether NoEvent has marked ctx.
func IsNoEvent(ctx context.Context) bool {
	return ctx != nil && ctx.Value(noEventKey{}) != nil
}
