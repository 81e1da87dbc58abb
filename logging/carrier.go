package logging

import (
	"context"
	"strings"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// Inject puts what ties work together into carrier, the headers of a job or
// message: the correlation ID ("x-request-id"), the trace ("traceparent",
// "tracestate"), the baggage that came with the request, and what Sentry's SDKs
// look for ("sentry-trace"). A queue is taken for the service's own, so
// nothing is held back, but the user stays out of it. What carrier has already
// stays. A nil carrier gets nothing.
func Inject(ctx context.Context, carrier map[string]string) {
	if carrier == nil {
		return
	}
	propagate(ctx, nil, true, func(header, value string) {
		name := strings.ToLower(header)
		if _, ok := reqctx.Carried(carrier, name); !ok {
			carrier[name] = value
		}
	})
}

// Extract gives the context of a job what [Inject] put into carrier, whatever
// case a broker has made of its keys: logs, errors and queries of the job carry
// the same IDs, and what it calls is told them. The job has a scope of its own,
// also inside a request. Without an ID in carrier, or with one outside of
// [A-Za-z0-9._-]{1,128}, the job's is that of its trace; a trace that is
// malformed or missing begins anew.
func Extract(ctx context.Context, carrier map[string]string) context.Context {
	trace, tracing := reqctx.ContinueCarrier(carrier)
	id, _ := reqctx.Carried(carrier, "x-request-id")
	if !validID(id) {
		id = traceID(trace)
	}
	return reqctx.NewJob(ctx, id, trace, tracing)
}
