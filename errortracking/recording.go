package errortracking

import (
	"strings"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// origin says who made the spans: this library, by itself.
const origin = "auto.distri-night-monitoring"

// recording is a request or job that was recorded. Nobody changes it any more.
type recording struct {
	op, name, source, status string

	trace      reqctx.Trace
	tracing    *reqctx.Tracing
	start, end time.Time
	spans      []reqctx.Span
	dropped    int

	method, route string // of a request
	code          int
	user          User
	correlationID string
}

// event is x as Sentry takes it, redacted.
func (t *Tracker) transactionEvent(x *recording) *sentry.Event {
	e := &sentry.Event{
		Type: "transaction", EventID: sentry.EventID(newID()), Platform: "go",
		Transaction:     text(t.redactor, x.name, maxTag),
		TransactionInfo: &sentry.TransactionInfo{Source: sentry.TransactionSource(x.source)},
		StartTime:       x.start, Timestamp: x.end,
		Environment: t.config.Environment, Release: t.config.Release, ServerName: t.server,
		Sdk:      sentry.SdkInfo{Name: sdkName, Version: sentry.SDKVersion},
		Contexts: map[string]sentry.Context{"runtime": {"name": "go", "version": goVersion}, "trace": t.traceContext(x)},
		User:     sentry.User{ID: x.user.ID, Email: x.user.Email},
	}
	if !t.redactor.Allowed("User.ID") {
		e.User.ID = t.redactor.Text(x.user.ID)
	}
	if !t.redactor.Allowed("User.Email") {
		e.User.Email = ""
	}
	if x.correlationID != "" {
		e.Tags = map[string]string{"correlation_id": tag(x.correlationID)}
	}
	e.Spans = make([]*sentry.Span, len(x.spans))
	for i := range x.spans {
		e.Spans[i] = t.span(x, &x.spans[i])
	}
	return e
}

// traceContext is the span of the request itself.
func (t *Tracker) traceContext(x *recording) sentry.Context {
	c := sentry.Context{
		"trace_id": x.trace.TraceIDString(), "span_id": x.trace.SpanIDString(),
		"op": x.op, "status": x.status, "origin": origin,
	}
	if x.tracing != nil && x.tracing.Parent.Valid() {
		c["parent_span_id"] = x.tracing.Parent.String()
	}
	data := map[string]any{}
	if x.method != "" {
		data["http.request.method"], data["http.response.status_code"] = x.method, x.code
	}
	if x.route != "" {
		data["http.route"] = text(t.redactor, x.route, maxTag)
	}
	if x.dropped > 0 {
		data["spans.dropped"] = x.dropped
	}
	if len(data) > 0 {
		c["data"] = data
	}
	return c
}

func (t *Tracker) span(x *recording, sp *reqctx.Span) *sentry.Span {
	out := &sentry.Span{
		TraceID: sentry.TraceID(x.trace.TraceID), SpanID: sentry.SpanID(sp.ID), ParentSpanID: sentry.SpanID(sp.Parent),
		Op: sp.Op, Description: t.spanName(sp), Status: spanStatuses[sp.Status], Origin: origin,
		StartTime: sp.Start, EndTime: sp.Start.Add(sp.Took),
	}
	if len(sp.Attrs) > 0 {
		out.Data = make(map[string]any, len(sp.Attrs))
		for _, a := range sp.Attrs {
			out.Data[a.Key] = jsonable(t.redactor.Plain(a.Key, plain(a.Value)), 0)
		}
	}
	return out
}

// spanName redacts by what the name is.
func (t *Tracker) spanName(sp *reqctx.Span) string {
	if method, url, ok := strings.Cut(sp.Name, " "); ok && sp.Op == reqctx.OpHTTPClient {
		return cut(method+" "+t.redactor.URL(url), maxValue)
	}
	return text(t.redactor, sp.Name, maxValue)
}

// spanStatuses are Sentry's, by the names that reqctx gives.
var spanStatuses = func() map[string]sentry.SpanStatus {
	m := map[string]sentry.SpanStatus{}
	for s := sentry.SpanStatusOK; s.String() != ""; s++ {
		m[s.String()] = s
	}
	return m
}()

// samplingOf is Sentry's dynamic sampling context of a trace, for the header of
// an envelope; nil: there is none.
func samplingOf(tracing *reqctx.Tracing, trace reqctx.Trace, transaction string) map[string]string {
	members := tracing.SentryContext(trace, transaction)
	if len(members) == 0 {
		return nil
	}
	m := make(map[string]string, len(members))
	for _, b := range members {
		m[b.Key] = b.Value
	}
	return m
}
