package redact

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/redact/redacttest"
)

// without is a Redactor with one rule switched off.
func without(rule string) *Redactor { return &Redactor{e: compile(rule)} }

// leaks reports whether anything that gives the secret away is in text: all of
// it, or its first or last dozen of bytes.
func leaks(text, secret string) bool {
	if strings.Contains(text, secret) {
		return true
	}
	return len(secret) >= 20 && (strings.Contains(text, secret[:12]) || strings.Contains(text, secret[len(secret)-12:]))
}

func TestNoSecretSurvivesInText(t *testing.T) {
	require.GreaterOrEqual(t, len(redacttest.Own()), 60)
	for _, v := range redacttest.Secrets() {
		for _, text := range []string{
			v.Text, "failed: " + v.Text, v.Text + " was refused", "(" + v.Text + ")", "got " + v.Text + ", want none.",
			"line one\n" + v.Text + "\nline three", `{"n":1} ` + v.Text,
		} {
			out := (*Redactor)(nil).Text(text)
			if leaks(out, v.Secret) {
				t.Errorf("%s: %q gives %q", v.Name, text, out)
			}
			if again := (*Redactor)(nil).Text(out); again != out {
				t.Errorf("%s: masking twice changes it: %q, %q", v.Name, out, again)
			}
		}
	}
}

// In JSON, and in JSON inside JSON, text is escaped; it is decoded where it is
// a value, and read as it is where it is in a text.
func TestNoSecretSurvivesInEncodedJSON(t *testing.T) {
	for _, v := range redacttest.Secrets() {
		once, err := json.Marshal(map[string]any{"note": v.Text, "lines": "one\n" + v.Text + "\nthree", "tab": "a\t" + v.Text, "esc": "\x1b" + v.Text, "n": 1})
		require.NoError(t, err)
		twice, err := json.Marshal(map[string]any{"body": string(once)})
		require.NoError(t, err)
		for _, b := range [][]byte{once, twice} {
			out := (*Redactor)(nil).Text(string(b))
			assert.True(t, json.Valid([]byte(out)), "%s: still JSON: %s", v.Name, out)
			secret, _ := json.Marshal(v.Secret)
			if leaks(out, v.Secret) || leaks(out, strings.Trim(string(secret), `"`)) {
				t.Errorf("%s: %s gives %s", v.Name, b, out)
			}
			shown, err := json.Marshal((*Redactor)(nil).Value("k", json.RawMessage(b)))
			require.NoError(t, err)
			if leaks(string(shown), v.Secret) {
				t.Errorf("%s: decoded, %s gives %s", v.Name, b, shown)
			}
		}
	}
}

func TestHarmlessLookAlikesStay(t *testing.T) {
	all := redacttest.Harmless()
	require.GreaterOrEqual(t, len(all), 60)
	touched := 0
	for _, v := range all {
		if out := (*Redactor)(nil).Text(v.Text); out != v.Text {
			touched++
			t.Logf("%s: %q gives %q", v.Name, v.Text, out)
		}
	}
	assert.Zero(t, touched, "two of sixty would be bearable")
}

type hidden struct{ Code string }

func (h hidden) LogValue() slog.Value { return slog.StringValue("of " + h.Code[:1]) }

// values are the secrets that are no text: found by key and type.
func values(r *Redactor) map[string]string {
	const secret = "opensesame"
	shown := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	return map[string]string{
		"tag": shown(r.Plain("k", struct {
			Note string `redact:"true"`
		}{secret})),
		"log": shown(r.Plain("k", struct {
			Note string `log:"-"`
		}{secret})),
		"valuer": shown(r.Plain("k", hidden{secret})) + r.Attr(nil, slog.Any("k", hidden{secret})).String(),
		"json":   shown(r.Plain("k", json.RawMessage(`{"m":"p\u0061ssword=`+secret+`"}`))),
		"url":    shown(r.Plain("k", &url.URL{Path: "/", RawQuery: "x=" + secret + "0123456789abcdef"})),
		"header": shown(r.Plain("k", http.Header{"Authorization": {secret}})),
		"card":   shown(r.Plain("k", 4111111111111111)) + shown(r.Attr(nil, slog.Int64("k", 4111111111111111)).Value.Any()),
	}
}

func TestNoSecretSurvivesByTypeOrKey(t *testing.T) {
	for name, text := range values(nil) {
		assert.NotContains(t, text, "opensesame", name)
		assert.NotContains(t, text, "4111111111111111", name)
	}
}

// A rule that no vector needs is either dead or untested.
func TestEachRuleIsNeeded(t *testing.T) {
	secrets := redacttest.Secrets()
	seen := map[string]bool{}
	for _, rule := range ruleNames() {
		assert.False(t, seen[rule], "two rules named %s", rule)
		seen[rule] = true
		r := without(rule)
		leak := ""
		for _, v := range secrets {
			if leaks(r.Text(v.Text), v.Secret) {
				leak = v.Name
				break
			}
		}
		if leak == "" {
			for name, text := range values(r) {
				if strings.Contains(text, "opensesame") || strings.Contains(text, "4111111111111111") {
					leak = name
				}
			}
		}
		if leak == "" {
			t.Errorf("nothing leaks without the rule %s", rule)
		}
	}
	t.Logf("%d rules, %d secrets", len(seen), len(secrets))
}

// Whatever stands around a secret, it goes; and what is no JSON does not become
// it, what is valid UTF-8 or JSON stays so.
func FuzzSecretInContext(f *testing.F) {
	secrets := redacttest.Secrets()
	for i, s := range []string{"", "a b", "{\"password\":", "https://u:", "key='", "-----BEGIN ", "%3D", `\u0026`, "token: x", "Cookie: a=b;", "a@b.de", "[", "é\xff"} {
		f.Add(uint16(i*31), s, s)
	}
	f.Fuzz(func(t *testing.T, n uint16, before, after string) {
		v := secrets[int(n)%len(secrets)]
		text := before + " " + v.Text + " " + after
		var r *Redactor
		out := r.Text(text)
		if strings.Contains(out, v.Secret) && !strings.Contains(before+after, v.Secret) {
			t.Fatalf("%s in %q gives %q", v.Name, text, out)
		}
		if utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Fatalf("no longer UTF-8: %q gives %q", text, out)
		}
		b, err := json.Marshal(map[string]any{"note": text, before: 1, "l": []string{after}})
		if err != nil {
			t.Skip()
		}
		if masked := r.Text(string(b)); !json.Valid([]byte(masked)) {
			t.Fatalf("no longer JSON: %s gives %s", b, masked)
		}
	})
}

// Words are no secrets.
func FuzzWordsStay(f *testing.F) {
	f.Add("order placed by the user")
	f.Fuzz(func(t *testing.T, s string) {
		words := strings.FieldsFunc(s, func(c rune) bool { return c > 'z' || c < 'a' })
		for i, w := range words {
			words[i] = w[:min(len(w), 11)]
		}
		text := strings.Join(words, " ")
		if strings.Contains(text, "basic") || strings.Contains(text, "bearer") || strings.Contains(text, "login") {
			t.Skip()
		}
		if out := (*Redactor)(nil).Text(text); out != text {
			t.Fatalf("%q gives %q", text, out)
		}
	})
}
