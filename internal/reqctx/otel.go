package reqctx

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// OpenTelemetry is the span of OpenTelemetry that is active in ctx. Only its
// API is known here, so whoever has no SDK pays for one look-up.
func OpenTelemetry(ctx context.Context) (Trace, bool) {
	switch s, ok := ctx.(*Scope); {
	case ctx == nil || ok && s.otel == nil:
		return Trace{}, false
	case ok:
		return *s.otel, true
	}
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return Trace{}, false
	}
	return Trace{TraceID: sc.TraceID(), SpanID: SpanID(sc.SpanID()), Sampled: sc.IsSampled(), Random: sc.TraceFlags()&2 != 0}, true
}

// openTelemetryState is the tracestate of that span.
func openTelemetryState(ctx context.Context) string {
	return trace.SpanContextFromContext(ctx).TraceState().String()
}

// Find is the nearest scope of ctx, nil if there is none, and the trace that
// what happens in ctx belongs to: the active span of OpenTelemetry, else the
// innermost of ours; the zero Trace if there is neither.
func Find(ctx context.Context) (*Scope, Trace) {
	s := From(ctx)
	if t, ok := OpenTelemetry(ctx); ok {
		return s, t
	}
	return s, s.Trace()
}

// TraceOf is Find's trace.
func TraceOf(ctx context.Context) Trace {
	_, t := Find(ctx)
	return t
}
