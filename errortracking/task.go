package errortracking

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// StartTransaction records work that no request is behind, such as a job taken
// from a queue, as a transaction of that name, with the queries and calls made
// with the returned context. Sampling is as for requests: the sender of a job
// whose headers logging.Extract has read has decided for it. Names are few and
// fixed, such as "send invoice".
//
// end is given what the work returned, and called once; later calls do
// nothing. Inside a request or job that is recorded the work is a span of it.
//
// Errors, records and queries of the returned context carry the same IDs; one
// is made where ctx has no correlation ID.
func (t *Tracker) StartTransaction(ctx context.Context, name string) (_ context.Context, end func(err error)) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil || t.config.Disabled {
		return ctx, func(error) {}
	}
	scope := reqctx.From(ctx)
	if scope.Recording() {
		inner, span := reqctx.StartSpan(ctx, reqctx.OpTask, name)
		return inner, func(err error) { span.End(t.taskStatus(err)) }
	}
	ctx, recorded := t.startJob(ctx, scope)
	if !recorded {
		return ctx, func(error) {}
	}
	shared, start := reqctx.From(ctx).Request, time.Now()
	return ctx, func(err error) {
		spans, dropped, ok := shared.TakeSpans()
		if !ok {
			return
		}
		scope := reqctx.From(ctx)
		t.finishRecording(&recording{
			op: reqctx.OpTask, name: name, source: "task", status: t.taskStatus(err),
			start: start, end: time.Now(), spans: spans, dropped: dropped,
		}, shared, User(scope.User()), scope.CorrelationID())
	}
}

// startJob gives a job its scope, and decides whether it is recorded. What was
// begun within a trace that is decided goes by that, also when its request has
// ended.
func (t *Tracker) startJob(ctx context.Context, scope *reqctx.Scope) (context.Context, bool) {
	trace, from := reqctx.TraceOf(ctx), (*reqctx.Tracing)(nil)
	if scope != nil {
		from = scope.Request.Tracing()
	}
	if scope == nil || !trace.Valid() || scope.Request.HTTP != nil || from != nil && from.Sampler != nil {
		if from != nil && from.Sampler != nil && !trace.Sampled {
			return ctx, false
		}
		if trace.Valid() {
			mine := &reqctx.Tracing{Parent: trace.SpanID, Decided: from != nil && (from.Decided || from.Sampler != nil)}
			if from != nil {
				mine.State, mine.Baggage = from.State, from.Baggage
			}
			from = mine
		}
		id := scope.CorrelationID()
		trace = trace.Child()
		if id == "" {
			id = trace.TraceIDString()
		}
		ctx = reqctx.NewJob(ctx, id, trace, from)
	}
	return ctx, t.sampler != nil && reqctx.From(ctx).Request.Sample(t.sampler)
}

// taskStatus is that of work which returned err.
func (t *Tracker) taskStatus(err error) string {
	if err == nil {
		return reqctx.StatusOK
	}
	switch t.Classify(err).Category {
	case Canceled:
		return reqctx.StatusCanceled
	case Timeout:
		return reqctx.StatusDeadline
	default:
		return reqctx.StatusInternalError
	}
}
