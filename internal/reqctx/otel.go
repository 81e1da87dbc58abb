package reqctx

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

var (
	// noTrace marks a Scope under which there is none.
	noTrace = new(Trace)
	// spanKey is the key under which contexts have their span, learnt once from
	// what the API asks a context for: so a Scope which knows that there is none
	// ends the search.
	spanKey = func() any {
		var p probe
		trace.SpanFromContext(&p)
		return p.key
	}()
)

// probe is a context that notes what it is asked for.
type probe struct {
	context.Context
	key any
}

func (p *probe) Value(key any) any {
	p.key = key
	return nil
}

// OpenTelemetry sets t to the span of OpenTelemetry that is active in ctx, if
// there is one. Only its API is known here, so whoever has no SDK pays for one
// look-up, and for none where ctx is a Scope, which has looked already.
func OpenTelemetry(ctx context.Context, t *Trace) bool {
	s, ok := ctx.(*Scope)
	switch {
	case !ok || s.otel == nil:
		return lookUpOpenTelemetry(ctx, t)
	case s.otel == noTrace:
		return false
	}
	*t = *s.otel
	return true
}

func lookUpOpenTelemetry(ctx context.Context, t *Trace) bool {
	span := spanOf(ctx)
	if span == nil {
		return false
	}
	sc := span.SpanContext()
	if !sc.IsValid() {
		return false
	}
	*t = Trace{TraceID: sc.TraceID(), SpanID: SpanID(sc.SpanID()), Sampled: sc.IsSampled(), Random: sc.TraceFlags()&2 != 0}
	return true
}

// spanOf is trace.SpanFromContext, but nil where there is none.
func spanOf(ctx context.Context) trace.Span {
	if ctx == nil {
		return nil
	}
	span, _ := ctx.Value(spanKey).(trace.Span)
	return span
}

// findOTel looks once for what is asked often: a context never changes.
func (s *Scope) findOTel() {
	if outer, ok := s.Context.(*Scope); ok {
		s.otel = outer.otel
		return
	}
	s.otel = nil
	var t Trace
	switch {
	case spanOf(s.Context) == nil:
		s.otel = noTrace
	case lookUpOpenTelemetry(s.Context, &t):
		s.otel = &Trace{}
		*s.otel = t // so that nothing is allocated where there is none
	}
}

// Outgoing is what a callee is told who is called in ctx: as traceparent and
// tracestate the span of OpenTelemetry that is active, else our own; and our
// own. open is the span of the call, if there is one.
func Outgoing(ctx context.Context, open *OpenSpan) (w3c, ours Trace, state string) {
	scope := From(ctx)
	if ours = scope.Trace(); open != nil {
		ours = open.Trace()
	}
	if span := spanOf(ctx); span != nil && span.SpanContext().IsValid() {
		OpenTelemetry(ctx, &w3c)
		return w3c, ours, span.SpanContext().TraceState().String()
	}
	if scope != nil {
		if t := scope.Request.tracing.Load(); t != nil {
			state = t.State
		}
	}
	return ours, ours, state
}

// Find is the nearest scope of ctx, nil if there is none, and the trace that
// what happens in ctx belongs to: the active span of OpenTelemetry, else the
// innermost of ours; the zero Trace if there is neither.
func Find(ctx context.Context) (*Scope, Trace) {
	s := From(ctx)
	t := s.Trace()
	OpenTelemetry(ctx, &t)
	return s, t
}

// TraceOf is Find's trace.
func TraceOf(ctx context.Context) Trace {
	_, t := Find(ctx)
	return t
}
