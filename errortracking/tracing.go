package errortracking

import (
	"net/http"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// newSampler is nil where traces have nowhere to go, or none is wanted: a
// request costs nothing then.
func (t *Tracker) newSampler() *reqctx.Sampler {
	rate := *t.config.TracesSampleRate
	if t.delivery == nil || rate == 0 {
		return nil
	}
	head := reqctx.Baggage{{Key: "public_key", Value: t.dsn.GetPublicKey()}}
	if id := t.dsn.GetOrgID(); id != 0 {
		head = append(head, reqctx.Member{Key: "org_id", Value: strconv.FormatUint(id, 10)})
	}
	head = append(head,
		reqctx.Member{Key: "release", Value: t.config.Release},
		reqctx.Member{Key: "environment", Value: t.config.Environment},
	)
	return reqctx.NewSampler(rate, head)
}

// startTrace decides, once, whether the request is recorded, and gives its
// start; zero: it is not.
func (t *Tracker) startTrace(shared *reqctx.Request, r *http.Request) time.Time {
	if t.sampler == nil {
		return time.Time{}
	}
	if !shared.Trace().Valid() { // no Middleware of logging outside
		shared.SetTrace(reqctx.Continue(r, t.config.TrustedCallers))
	}
	if !shared.Sample(t.sampler) {
		return time.Time{}
	}
	return time.Now()
}

// endTrace makes a transaction of a request that was recorded. What is not the
// service's work makes none, nor does a stream: it lasts as long as its client
// likes.
func (t *Tracker) endTrace(shared *reqctx.Request, r *http.Request, start time.Time) {
	end := time.Now()
	spans, dropped, ok := shared.TakeSpans()
	seen := shared.Measured()
	if !ok || seen.Excluded || shared.Writer.Stream() {
		return
	}
	status := shared.Writer.Status()
	if status == 0 {
		status = http.StatusOK
	}
	x := &recording{
		op: "http.server", start: start, end: end, spans: spans, dropped: dropped,
		method: reqctx.Method(r.Method), route: reqctx.PatternRoute(seen.Pattern), code: status, status: reqctx.HTTPStatus(status),
	}
	switch {
	case seen.Panicked:
		x.status = reqctx.StatusInternalError
	case r.Context().Err() != nil && !shared.Writer.Hijacked():
		x.status = reqctx.StatusCanceled
	}
	x.name, x.source = x.method, "custom" // a raw path is no name
	if x.route != "" {
		x.name, x.source = transactionName(r, x.route), "route"
	}
	t.finishRecording(x, shared, User(shared.User()), shared.CorrelationID())
}

// finishRecording hands x on; it is encoded when it is sent.
func (t *Tracker) finishRecording(x *recording, shared *reqctx.Request, u User, correlationID string) {
	x.trace, x.tracing = shared.Trace(), shared.Tracing()
	x.user, x.correlationID = u, correlationID
	if x.dropped > 0 {
		t.discard(discardProcessor, categorySpan, uint64(x.dropped))
	}
	t.sendRecording(x)
}

// transactionName is that of a request to a route.
func transactionName(r *http.Request, route string) string {
	return reqctx.Method(r.Method) + " " + route
}
