package redact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/redact"
)

type account struct {
	Name   string
	Secret string
	Hidden string `redact:"true"`
	Gone   string `log:"-"`
	inner  string
}

type node struct {
	Name string
	Next *node
}

type valuer struct{}

func (valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", "ada"), slog.String("password", "x"))
}

type endless struct{}

func (endless) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("", endless{}), slog.Any("", endless{}))
}

type panicking struct{}

func (panicking) Error() string { panic("no text") }

type marshaler struct{}

func (marshaler) MarshalJSON() ([]byte, error) { return []byte(`{"token":"x","n":1}`), nil }

// Case 18: at any depth, and the input is not changed.
func TestSecretsAreMaskedAtAnyDepth(t *testing.T) {
	const m = redact.Mask
	for name, tc := range map[string]struct {
		in, want any
	}{
		"map":            {map[string]any{"password": "x", "a": map[string]string{"token": "y", "b": "c"}}, map[string]any{"password": m, "a": map[string]any{"token": m, "b": "c"}}},
		"slice":          {[]any{"mail a@b.de", []string{"ok"}}, []any{"mail " + m, []any{"ok"}}},
		"struct":         {account{"ada", "s", "h", "g", "i"}, redact.Fields{{"Name", "ada"}, {"Secret", m}, {"Hidden", m}}},
		"pointer":        {&account{Name: "ada", Secret: "s"}, redact.Fields{{"Name", "ada"}, {"Secret", m}, {"Hidden", m}}},
		"error":          {errors.New("dial postgres://u:p@db/x"), "dial postgres://" + m + "@db/x"},
		"wrapped error":  {fmt.Errorf("charge: %w", errors.New("card 4111111111111111")), "charge: card " + m},
		"JSON":           {json.RawMessage(`{"a":{"password":"x"},"n":1}`), redact.Fields{{"a", redact.Fields{{"password", m}}}, {"n", json.Number("1")}}},
		"JSON text":      {`{"a":{"password":"x"}}`, `{"a":{"password":"` + m + `"}}`},
		"bytes":          {[]byte("token=abc"), "token=" + m},
		"marshaler":      {marshaler{}, redact.Fields{{"token", m}, {"n", json.Number("1")}}},
		"valuer":         {valuer{}, redact.Fields{{"name", "ada"}, {"password", m}}},
		"valuer, nested": {[]any{valuer{}}, []any{redact.Fields{{"name", "ada"}, {"password", m}}}},
		"header":         {http.Header{"Cookie": {"a=b"}, "Accept": {"x"}}, map[string]any{"Cookie": m, "Accept": "x"}},
		"URL":            {&url.URL{Scheme: "https", User: url.UserPassword("u", "p"), Host: "h.example"}, "https://" + m + "@h.example"},
		"card as number": {int64(4111111111111111), m},
		"key of a map":   {map[string]int{"ada@example.com": 1}, map[string]any{m: 1}},
		"attrs":          {[]slog.Attr{slog.Group("g", slog.String("pwd", "x"))}, redact.Fields{{"g", redact.Fields{{"pwd", m}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprintf("%#v", tc.in)
			assert.Equal(t, tc.want, (*redact.Redactor)(nil).Value("k", tc.in))
			assert.Equal(t, before, fmt.Sprintf("%#v", tc.in), "the input is not changed")
		})
	}
}

func TestDeepestSecretNeverShows(t *testing.T) {
	var v any = map[string]any{"password": "hunter2"}
	for range 100 {
		v = []any{map[string]any{"a": v}}
	}
	shown, err := json.Marshal((*redact.Redactor)(nil).Value("k", v))
	require.NoError(t, err)
	assert.NotContains(t, string(shown), "hunter2")
}

func TestPlainValuesComeBackAsTheyWere(t *testing.T) {
	at := time.Now()
	list := []int{1, 2}
	for _, v := range []any{nil, true, 1, int64(1732527989123), 1.5, "text", at, time.Second, &at, *big.NewInt(7)} {
		assert.Equal(t, v, (*redact.Redactor)(nil).Value("k", v))
	}
	got := (*redact.Redactor)(nil).Value("k", list)
	assert.Same(t, &list[0], &got.([]int)[0])
}

func TestCyclesAndPanicsAreHarmless(t *testing.T) {
	loop := &node{Name: "a"}
	loop.Next = loop
	self := map[string]any{}
	self["self"] = self
	var r *redact.Redactor
	assert.Equal(t, redact.Fields{{"Name", "a"}, {"Next", "[cycle]"}}, r.Value("k", loop))
	assert.Equal(t, map[string]any{"self": "[cycle]"}, r.Value("k", self))
	assert.Equal(t, "!PANIC: no text", r.Value("k", panicking{}))
	assert.Nil(t, r.Plain("k", (*node)(nil)))
	assert.Nil(t, r.Plain("k", (*panicking)(nil)))
	assert.Equal(t, "func()", r.Value("k", func() {}))
	assert.NotPanics(t, func() { r.Value("k", endless{}); r.Attr(nil, slog.Any("k", endless{})) })
	wide := make([]any, 100_000)
	assert.Less(t, len(r.Value("k", wide).([]any)), 20_000)
}

func TestAttributesAreMaskedInsideGroups(t *testing.T) {
	const m = redact.Mask
	var r *redact.Redactor
	for _, tc := range []struct {
		groups []string
		in     slog.Attr
		want   string
	}{
		{nil, slog.String("password", "x"), "password=" + m},
		{nil, slog.String("a", "b"), "a=b"},
		{nil, slog.Int("pin", 1234), "pin=" + m},
		{nil, slog.Int("a", 4111111111111111), "a=" + m},
		{nil, slog.Int64("ms", 1732527989123), "ms=1732527989123"},
		{nil, slog.Group("g", slog.String("token", "x"), slog.Group("h", slog.String("m", "a@b.de"))), "g=[token=" + m + " h=[m=" + m + "]]"},
		{nil, slog.Group("card", slog.String("number", "1")), "card=" + m},
		{[]string{"card"}, slog.String("a", "x"), "a=" + m},
		{nil, slog.Any("v", valuer{}), "v=[name=ada password=" + m + "]"},
		{nil, slog.Any("err", errors.New("pwd=x")), "err=pwd=" + m},
		{nil, slog.Any("token", nil), "token=<nil>"},
	} {
		assert.Equal(t, tc.want, r.Attr(tc.groups, tc.in).String())
	}
}

func TestAnErrorStaysOneForHandlersThatLookIntoIt(t *testing.T) {
	var r *redact.Redactor
	clean, dirty := errors.New("refused"), fmt.Errorf("dial: %w", &url.Error{Op: "Get", URL: "https://u:p@h.example", Err: errors.New("eof")})
	assert.Same(t, clean, r.Error(clean))
	masked := r.Error(dirty)
	assert.NotContains(t, fmt.Sprintf("%+v %#v", masked.Error(), masked.Error()), "u:p@")
	var as *url.Error
	assert.ErrorAs(t, masked, &as)
	assert.Same(t, dirty, redact.Original(masked))
	assert.Same(t, masked, r.Error(masked), "masking twice changes nothing")
	assert.Equal(t, "!PANIC: no text", r.Error(panicking{}).Error())
	assert.NoError(t, r.Error(nil))
}

func TestAttrWithNothingToMaskAllocatesNothing(t *testing.T) {
	var r *redact.Redactor
	attrs := []slog.Attr{slog.String("order_id", "456"), slog.Int("status", 200), slog.Duration("took", time.Second), slog.Bool("ok", true), slog.Time("at", time.Now())}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, a := range attrs {
			r.Attr(nil, a)
		}
	}))
}

func BenchmarkFivePlainAttributes(b *testing.B) {
	var r *redact.Redactor
	attrs := []slog.Attr{slog.String("order_id", "456"), slog.String("method", "GET"), slog.Int("status", 200), slog.Duration("took", time.Second), slog.Bool("ok", true)}
	b.ReportAllocs()
	for b.Loop() {
		r.Text("request handled")
		for _, a := range attrs {
			r.Attr(nil, a)
		}
	}
}

func FuzzValueOfJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"password":"hunter2","a":[{"b":{"token":1}}]}`, `[[["a@b.de"]]]`, `"x"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v any
		if json.Unmarshal([]byte(s), &v) != nil {
			t.Skip()
		}
		before, _ := json.Marshal(v)
		var r *redact.Redactor
		once := r.Value("k", v)
		after, _ := json.Marshal(v)
		if string(before) != string(after) {
			t.Fatal("input changed")
		}
		a, errA := json.Marshal(once)
		b, errB := json.Marshal(r.Value("k", once))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatalf("not idempotent: %s, %s, %v %v", a, b, errA, errB)
		}
	})
}
