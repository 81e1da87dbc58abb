package reqctx_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// The grammars of W3C Trace Context (level 2) and W3C Baggage, as regular
// expressions of one member: what goes out is held against them.
var (
	w3cTraceparent = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$`)
	w3cState       = regexp.MustCompile(`^([a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=` +
		`[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$`)
	w3cMember = regexp.MustCompile("^" + token + "=" + octets + "(;" + token + "(=" + octets + ")?)*$")
)

const (
	token  = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
	octets = `([\x21\x23-\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]|%[0-9A-F]{2})*`
)

// byGrammar reports whether header is a list of 1 to most members.
func byGrammar(header string, member *regexp.Regexp, most int) bool {
	members := strings.Split(header, ",")
	for _, m := range members {
		if !member.MatchString(m) {
			return false
		}
	}
	return len(members) <= most
}

func FuzzTraceparent(f *testing.F) {
	f.Add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Add("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-future")
	f.Fuzz(func(t *testing.T, s string) {
		tr, ok := reqctx.ParseTraceparent(s)
		if !ok {
			return
		}
		out := tr.String()
		again, ok := reqctx.ParseTraceparent(out)
		if !ok || again != tr || s[3:52] != out[3:52] || !w3cTraceparent.MatchString(out) {
			t.Fatalf("%q became %q", s, out)
		}
	})
}

func FuzzSentryTrace(f *testing.F) {
	f.Add("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")
	f.Add(" 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7\t")
	f.Fuzz(func(t *testing.T, s string) {
		tr, decided, ok := reqctx.ParseSentryTrace(s)
		if !ok {
			return
		}
		again, _, ok := reqctx.ParseSentryTrace(tr.SentryTrace())
		if !ok || again != tr || !decided && tr.Sampled || !strings.HasPrefix(strings.TrimLeft(s, " \t"), tr.TraceIDString()) {
			t.Fatalf("%q became %+v", s, tr)
		}
	})
}

func FuzzTracestate(f *testing.F) {
	f.Add("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
	f.Add("0tenant@vendor=a b , ,k=v")
	f.Add("a=1,a=2")
	f.Fuzz(func(t *testing.T, s string) {
		out := reqctx.ParseTracestate([]string{s})
		if out == "" {
			return
		}
		if reqctx.ParseTracestate([]string{out}) != out {
			t.Fatalf("%q became %q", s, out)
		}
		if !byGrammar(out, w3cState, 32) {
			t.Fatalf("%q gave %q, which is not by W3C", s, out)
		}
		if _, err := trace.ParseTraceState(out); err != nil {
			t.Fatalf("%q gave %q, which OpenTelemetry does not take: %v", s, out, err)
		}
	})
}

func FuzzBaggage(f *testing.F) {
	f.Add("userId=alice,serverNode=DF%2028,isProduction=false")
	f.Add("key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue")
	f.Add("sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736,sentry-sample_rand=0.4")
	f.Add("a=%,b=%f0%28%8c%28,=c,d,e=\"x\",f=" + strings.Repeat("%00", 100))
	f.Fuzz(func(t *testing.T, s string) {
		b := reqctx.ParseBaggage(s)
		out := b.String()
		if out == "" {
			if len(b) > 0 {
				t.Fatalf("%q gave %v, and nothing goes out", s, b)
			}
			return
		}
		if len(out) > 8192 || !byGrammar(out, w3cMember, 64) {
			t.Fatalf("%q became %q, which is not by W3C", s, out)
		}
		if again := reqctx.ParseBaggage(out); fmt.Sprintf("%#v", again) != fmt.Sprintf("%#v", b) {
			t.Fatalf("%q became %q: %#v, not %#v", s, out, again, b)
		}
		for _, m := range b {
			if !utf8.ValidString(m.Value) {
				t.Fatalf("%q gave %q, which is not UTF-8", s, m.Value)
			}
		}
	})
}

func TestBaggageSurvivesItsHeader(t *testing.T) {
	member := rapid.Custom(func(t *rapid.T) reqctx.Member {
		return reqctx.Member{Key: rapid.StringMatching("[a-z][a-zA-Z0-9._-]{0,20}").Draw(t, "key"), Value: rapid.String().Draw(t, "value")}
	})
	rapid.Check(t, func(t *rapid.T) {
		b := reqctx.Baggage(rapid.SliceOfN(member, 0, 20).Draw(t, "members"))
		out := b.String()
		if len(out) > 8000 {
			t.Skip("past the bound")
		}
		again := reqctx.ParseBaggage(out)
		if len(b) != len(again) {
			t.Fatalf("%v became %v by %q", b, again, out)
		}
		for i := range b {
			if b[i] != again[i] {
				t.Fatalf("%v became %v by %q", b, again, out)
			}
		}
	})
}

func TestBaggageIsReadByTheRules(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"a=1,b=2":                            "a=1,b=2",
		" a = 1 ;p ; q = 2 ,\tb=":            "a=1;p;q=2,b=",
		"a=%41%2C%20":                        "a=A%2C%20",
		"a=1,b c=2,=3,d,e=x y,f=\"q\",g=ok":  "a=1,g=ok",
		"a=1;bad property,b=2;=x,c=3":        "c=3",
		"a=%zz,b=%4":                         "a=%25zz,b=%254",
		"a=%ff%fe":                           "a=%EF%BF%BD",
		"a=1,a=2":                            "a=1,a=2",
		"naïve=1,b=é,c=3":                    "c=3",
		strings.Repeat("x", 8200) + "=1,b=2": "",
		strings.TrimSuffix(strings.Repeat("k=v,", 70), ","): strings.TrimSuffix(strings.Repeat("k=v,", 64), ","),
	} {
		assert.Equal(t, want, reqctx.ParseBaggage(in).String(), "%.40q", in)
	}
	assert.Equal(t, "a=1,b=2", reqctx.ParseBaggage("a=1", "b=2").String(), "several headers are one")
	v, ok := reqctx.ParseBaggage("a=1%20x;p").Value("a")
	assert.True(t, ok)
	assert.Equal(t, "1 x", v)
	exact := "k=" + strings.Repeat("v", 8190)
	assert.Equal(t, exact, reqctx.ParseBaggage(exact).String(), "8,192 bytes are allowed")
	assert.Empty(t, reqctx.ParseBaggage(exact+"v").String())
	assert.Empty(t, reqctx.Baggage{{Key: "not a token", Value: "1"}}.String())
}

func TestTracestateIsReadByTheRules(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"a=1, b=2":                      "a=1,b=2",
		"a=1,,\t,b=2":                   "a=1,b=2",
		"a=1,a=2":                       "",
		"A=1":                           "",
		"a=1,b":                         "",
		"a=":                            "",
		"0a=1":                          "",
		"0a@b=1":                        "0a@b=1",
		"a@0b=1":                        "",
		"a=x=y":                         "",
		"a=é":                           "",
		"a=" + strings.Repeat("x", 257): "",
	} {
		assert.Equal(t, want, reqctx.ParseTracestate([]string{in}), "%.40q", in)
	}
	var many []string
	for i := range 33 {
		many = append(many, fmt.Sprintf("k%d=v", i))
	}
	assert.Empty(t, reqctx.ParseTracestate(many))
	assert.NotEmpty(t, reqctx.ParseTracestate(many[:32]))
	assert.Empty(t, reqctx.ParseTracestate(nil))
}

func TestRawBaggageIsBounded(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Baggage"] = []string{"a=1," + strings.Repeat("x", 9000) + "=2", "b=3"}
	_, tracing := reqctx.Continue(r, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")})
	require.NotNil(t, tracing)
	assert.Equal(t, "a=1", tracing.Baggage)
}

func TestWhoIsTrusted(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for remote, want := range map[string]bool{
		"10.1.2.3:80": true, "11.1.2.3:80": false, "[::ffff:10.1.2.3]:80": true, "[fd00::1%eth0]:80": true, "[fe80::1]:80": false,
		"": false, "@": false, "10.1.2.3": false, "pipe": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = remote
		r.Header["Traceparent"] = []string{"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
		r.Header["X-Forwarded-For"] = []string{"10.0.0.1"} // says nothing about the peer
		tr, _ := reqctx.Continue(r, trusted)
		assert.Equal(t, want, tr.TraceIDString() == "4bf92f3577b34da6a3ce929d0e0e4736", remote)
	}
}

func TestTwoTraceparentsAreNone(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	const one = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	r.Header["Traceparent"], r.Header["Tracestate"] = []string{one, one}, []string{"a=1"}
	tr, tracing := reqctx.Continue(r, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")})
	assert.NotEqual(t, "4bf92f3577b34da6a3ce929d0e0e4736", tr.TraceIDString())
	assert.Nil(t, tracing)
}

func TestATraceIsGivenOnce(t *testing.T) {
	var r reqctx.Request
	first := reqctx.NewTrace()
	r.SetTrace(first, nil)
	r.SetTrace(reqctx.NewTrace(), &reqctx.Tracing{State: "a=1"})
	r.Identify("", reqctx.NewTrace(), http.Header{})
	assert.Equal(t, first, r.Trace())
	assert.Nil(t, r.Tracing())
	assert.Equal(t, first.TraceIDString(), r.CorrelationID())

	a, b := reqctx.NewSampler(1, nil), reqctx.NewSampler(1, nil)
	assert.True(t, r.Sample(a))
	assert.False(t, r.Sample(b), "one instance records")
	assert.Same(t, a, r.Tracing().Sampler)
}

func TestOurBaggageIsAlwaysInAndForeignAsFarAsThereIsRoom(t *testing.T) {
	var foreign []string
	for i := range 64 {
		foreign = append(foreign, fmt.Sprintf("k%d=v", i))
	}
	ctx := reqctx.NewJob(context.Background(), "j", reqctx.NewTrace(), &reqctx.Tracing{Baggage: strings.Join(foreign, ",")})
	r := reqctx.From(ctx).Request
	r.Sample(reqctx.NewSampler(1, reqctx.Baggage{{Key: "release", Value: "v1 é,;"}}))
	out := r.OutgoingBaggage()
	assert.True(t, byGrammar(out, w3cMember, 64), out)
	b := reqctx.ParseBaggage(out)
	assert.Len(t, b, 64)
	release, ok := b.Value("sentry-release")
	assert.True(t, ok)
	assert.Equal(t, "v1 é,;", release)
	sampled, _ := b.Value("sentry-sampled")
	assert.Equal(t, "true", sampled)
	_, ok = b.Value("k0")
	assert.True(t, ok)
	_, ok = b.Value("k63")
	assert.False(t, ok, "the last ones go")
}

func TestAScopeKnowsOfTheSpanUnderIt(t *testing.T) {
	ids := func(b byte) trace.SpanContext {
		return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{b}, SpanID: trace.SpanID{b}})
	}
	outer := trace.ContextWithSpanContext(context.Background(), ids(1))
	invalid := trace.ContextWithSpanContext(context.Background(), trace.SpanContext{})
	for name, tc := range map[string]struct {
		ctx  context.Context
		want trace.SpanID
	}{
		"none":                   {reqctx.WithCorrelationID(context.Background(), "x"), trace.SpanID{}},
		"outside":                {reqctx.WithCorrelationID(outer, "x"), trace.SpanID{1}},
		"outside, two scopes":    {reqctx.WithCorrelationID(reqctx.WithCorrelationID(outer, "x"), "y"), trace.SpanID{1}},
		"inside":                 {trace.ContextWithSpanContext(reqctx.WithCorrelationID(outer, "x"), ids(2)), trace.SpanID{2}},
		"inside, a scope inside": {reqctx.WithCorrelationID(trace.ContextWithSpanContext(reqctx.WithCorrelationID(context.Background(), "x"), ids(2)), "y"), trace.SpanID{2}},
		"one that is none":       {reqctx.WithCorrelationID(invalid, "x"), trace.SpanID{}},
		"valid inside of none":   {trace.ContextWithSpanContext(reqctx.WithCorrelationID(invalid, "x"), ids(3)), trace.SpanID{3}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, ctx := range []context.Context{tc.ctx, context.WithValue(tc.ctx, "k", "v")} { //nolint:staticcheck // a key of the test
				assert.Equal(t, reqctx.SpanID(tc.want), reqctx.TraceOf(ctx).SpanID)
				assert.Equal(t, tc.want, trace.SpanContextFromContext(ctx).SpanID(), "nor do we hide anything from its users")
			}
		})
	}
	assert.NotEqual(t, trace.SpanFromContext(context.Background()), trace.SpanFromContext(reqctx.WithCorrelationID(invalid, "x")))
}
