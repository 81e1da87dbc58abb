package reqctx

import (
	"net/http"
	"strconv"
	"strings"
)

const sentryPrefix = "sentry-"

// SentryContext is Sentry's dynamic sampling context of trace, which t belongs
// to: what its head said, without the prefix of its baggage. It is nil where no
// Sentry SDK stood at the head, or where nobody asks for one. The name of the
// transaction is told if the trace begins here.
func (t *Tracing) SentryContext(trace Trace, transaction string) Baggage {
	if t == nil || !trace.Valid() {
		return nil
	}
	if t.Baggage != "" {
		var theirs Baggage
		for _, m := range ParseBaggage(t.Baggage) {
			if key, ok := strings.CutPrefix(m.Key, sentryPrefix); ok {
				theirs = append(theirs, Member{Key: key, Value: m.Value})
			}
		}
		if id, ok := theirs.Value("trace_id"); ok && id == trace.TraceIDString() {
			return theirs
		}
	}
	if t.Parent.Valid() || t.Sampler == nil {
		return nil
	}
	s := t.Sampler
	ours := make(Baggage, 0, len(s.Sentry)+5)
	ours = append(ours, Member{Key: "trace_id", Value: trace.TraceIDString()})
	ours = append(ours, s.Sentry...)
	ours = append(ours,
		Member{Key: "sample_rate", Value: strconv.FormatFloat(s.Rate, 'f', -1, 64)},
		Member{Key: "sample_rand", Value: strconv.FormatFloat(s.chance(trace, t), 'f', 6, 64)},
		Member{Key: "sampled", Value: strconv.FormatBool(trace.Sampled)},
	)
	if transaction != "" {
		ours = append(ours, Member{Key: "transaction", Value: transaction})
	}
	return ours
}

// OutgoingBaggage is the header for a callee that is trusted: the members that
// came from others, and Sentry's. "": none.
func (r *Request) OutgoingBaggage() string {
	t := r.tracing.Load()
	if t == nil {
		return ""
	}
	transaction := ""
	if route := r.Route(); route != "" && r.HTTP != nil {
		transaction = Method(r.HTTP.Method) + " " + route
	}
	sentry := t.SentryContext(r.Trace(), transaction)
	out := make(Baggage, 0, len(sentry)+4)
	for _, m := range sentry {
		m.Key = sentryPrefix + m.Key
		out = append(out, m)
	}
	if t.Baggage != "" {
		for _, m := range ParseBaggage(t.Baggage) {
			if !strings.HasPrefix(m.Key, sentryPrefix) {
				out = append(out, m)
			}
		}
	}
	return out.String()
}

// Method bounds the methods of requests: what a client makes up is "_OTHER".
func Method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return m
	case "":
		return http.MethodGet
	default:
		return "_OTHER"
	}
}
