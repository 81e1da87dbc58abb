package reqctx

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// Tracing is what a trace has besides the IDs of [Trace]: where it came from,
// and its spans. Most requests have none. It never changes, but for the spans.
type Tracing struct {
	Parent  SpanID // the caller's span; zero: the trace begins here
	Decided bool   // a caller said whether the trace is sampled
	State   string // tracestate, valid by W3C
	Baggage string // baggage as it came

	// Sampler is whose traces these are; nil: nobody's.
	Sampler *Sampler

	spans *spans // nil: not sampled
}

// Continue takes over the trace that r belongs to: that of the OpenTelemetry
// span that is active in its context, or of the headers traceparent,
// tracestate, baggage and sentry-trace if the peer is in trusted. Else a new
// one begins, and Tracing is nil. The Trace has a span of its own.
func Continue(r *http.Request, trusted []netip.Prefix) (Trace, *Tracing) {
	var active Trace
	traced := OpenTelemetry(r.Context(), &active)
	if !traced && !carriesTrace(r.Header) {
		return NewTrace(), nil
	}
	believed := isTrusted(r.RemoteAddr, trusted)
	if !traced {
		if !believed {
			return NewTrace(), nil
		}
		return continueHeaders(r.Header.Values)
	}
	// What OpenTelemetry samples says nothing about what we record: its share
	// may be all.
	tracing := &Tracing{Parent: active.SpanID}
	if believed {
		tracing.Baggage = joinBaggage(r.Header["Baggage"])
	}
	return active.Child(), tracing
}

// ContinueCarrier is [Continue] for a job whose headers are in a map, and
// believed.
func ContinueCarrier(carrier map[string]string) (Trace, *Tracing) {
	return continueHeaders(func(name string) []string {
		if v, ok := Carried(carrier, name); ok {
			return []string{v}
		}
		return nil
	})
}

// Carried finds name in carrier, whatever case a broker has made of it.
func Carried(carrier map[string]string, name string) (string, bool) {
	if v, ok := carrier[name]; ok {
		return v, true
	}
	for k, v := range carrier {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

func carriesTrace(h http.Header) bool {
	return len(h["Traceparent"]) > 0 || len(h["Baggage"]) > 0 || len(h["Sentry-Trace"]) > 0
}

// continueHeaders believes what values finds.
func continueHeaders(values func(name string) []string) (Trace, *Tracing) {
	tracing := &Tracing{Baggage: joinBaggage(values("baggage"))}
	var caller Trace
	ok := false
	if v := values("traceparent"); len(v) == 1 {
		if caller, ok = ParseTraceparent(v[0]); ok {
			tracing.Decided, tracing.State = true, ParseTracestate(values("tracestate"))
		}
	}
	if v := values("sentry-trace"); !ok && len(v) == 1 {
		caller, tracing.Decided, ok = ParseSentryTrace(v[0])
	}
	if !ok {
		if tracing.Baggage == "" {
			return NewTrace(), nil
		}
		return NewTrace(), tracing
	}
	tracing.Parent = caller.SpanID
	return caller.Child(), tracing
}

// joinBaggage keeps raw headers, as most are never looked at. Past the bound it
// keeps what is whole.
func joinBaggage(headers []string) string {
	raw := ""
	switch len(headers) {
	case 0:
	case 1:
		raw = headers[0]
	default:
		raw = strings.Join(headers, ",")
	}
	if len(raw) <= maxBaggage {
		return raw
	}
	end := strings.LastIndexByte(raw[:maxBaggage+1], ',')
	return raw[:max(end, 0)]
}

func isTrusted(remote string, trusted []netip.Prefix) bool {
	if len(trusted) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// ParseSentryTrace reads a sentry-trace header: trace ID, span ID, and "1" or
// "0" if the sender has decided about sampling.
func ParseSentryTrace(s string) (t Trace, decided, ok bool) {
	s = strings.Trim(s, " \t")
	if len(s) != 49 && len(s) != 51 || s[32] != '-' {
		return Trace{}, false, false
	}
	if !decodeHex(t.TraceID[:], s[:32]) || !decodeHex(t.SpanID[:], s[33:49]) || !t.Valid() {
		return Trace{}, false, false
	}
	if len(s) == 51 {
		if s[49] != '-' || s[50] != '0' && s[50] != '1' {
			return Trace{}, false, false
		}
		t.Sampled, decided = s[50] == '1', true
	}
	return t, decided, true
}

// SentryTrace is the sentry-trace header.
func (t Trace) SentryTrace() string {
	s := t.TraceIDString() + "-" + t.SpanIDString()
	if t.Sampled {
		return s + "-1"
	}
	return s + "-0"
}

// Sampler decides which requests are recorded, and names whose they are.
type Sampler struct {
	Rate float64 // 0..1, of the traces that begin here, or whose caller has not decided
	// Sentry is what each trace that begins here says of its service, as
	// members of Sentry's dynamic sampling context without their prefix.
	Sentry Baggage

	off Tracing // of requests that are not sampled and came from nowhere
}

// NewSampler makes a Sampler.
func NewSampler(rate float64, sentry Baggage) *Sampler {
	s := &Sampler{Rate: rate, Sentry: sentry}
	s.off.Sampler = s
	return s
}

// decide says whether t is recorded. A caller that has decided is followed.
func (s *Sampler) decide(t Trace, from *Tracing) bool {
	if from != nil && from.Decided {
		return t.Sampled
	}
	return s.chance(t, from) < s.Rate
}

// chance is the number that decides: Sentry hands its own on.
func (s *Sampler) chance(t Trace, from *Tracing) float64 {
	if from != nil && from.Baggage != "" {
		if text, ok := ParseBaggage(from.Baggage).Value(sentryPrefix + "sample_rand"); ok {
			if f, err := strconv.ParseFloat(text, 64); err == nil && f >= 0 && f < 1 {
				return f
			}
		}
	}
	return t.chance()
}
