package reqctx

import (
	"strconv"
	"strings"
)

const sentryPrefix = "sentry-"

// SentryContext is Sentry's dynamic sampling context of r's trace: what its
// head said, without the prefix of its baggage. It is nil where no Sentry SDK
// stood at the head, or where nobody asks for one.
func (r *Request) SentryContext() Baggage {
	trace, tracing := r.Trace(), r.tracing.Load()
	if tracing == nil || !trace.Valid() {
		return nil
	}
	if tracing.Baggage != "" {
		var theirs Baggage
		for _, m := range ParseBaggage(tracing.Baggage) {
			if key, ok := strings.CutPrefix(m.Key, sentryPrefix); ok {
				theirs = append(theirs, Member{Key: key, Value: m.Value})
			}
		}
		if id, ok := theirs.Value("trace_id"); ok && id == trace.TraceIDString() {
			return theirs
		}
	}
	if tracing.Parent.Valid() || tracing.Sampler == nil {
		return nil
	}
	s := tracing.Sampler
	ours := make(Baggage, 0, len(s.Sentry)+5)
	ours = append(ours, Member{Key: "trace_id", Value: trace.TraceIDString()})
	ours = append(ours, s.Sentry...)
	ours = append(ours,
		Member{Key: "sample_rate", Value: strconv.FormatFloat(s.Rate, 'f', -1, 64)},
		Member{Key: "sample_rand", Value: strconv.FormatFloat(s.chance(trace, tracing), 'f', 6, 64)},
		Member{Key: "sampled", Value: strconv.FormatBool(trace.Sampled)},
	)
	if route := r.Route(); route != "" && r.HTTP != nil {
		ours = append(ours, Member{Key: "transaction", Value: r.HTTP.Method + " " + route})
	}
	return ours
}

// OutgoingBaggage is the header for a callee that is trusted: the members that
// came from others, and Sentry's. "": none.
func (r *Request) OutgoingBaggage() string {
	tracing := r.tracing.Load()
	if tracing == nil {
		return ""
	}
	sentry := r.SentryContext()
	out := make(Baggage, 0, len(sentry)+4)
	for _, m := range sentry {
		m.Key = sentryPrefix + m.Key
		out = append(out, m)
	}
	if tracing.Baggage != "" {
		for _, m := range ParseBaggage(tracing.Baggage) {
			if !strings.HasPrefix(m.Key, sentryPrefix) {
				out = append(out, m)
			}
		}
	}
	return out.String()
}
