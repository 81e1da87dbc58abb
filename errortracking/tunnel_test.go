package errortracking

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

func post(h http.Handler, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/monitoring/tunnel", bytes.NewReader(body))
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// Case 4: the tunnel's target is our own DSN's, never the envelope's.
func TestCase4TheTunnelLeadsToOurProjectOnly(t *testing.T) {
	s, foreign := sentrytest.New(t), sentrytest.New(t)
	h := tracker(t, Config{DSN: s.DSN}).Tunnel()
	envelope := func(dsn string) []byte {
		return fmt.Appendf(nil, `{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","dsn":%q}`+"\n"+`{"type":"event","length":15}`+"\n"+`{"message":"m"}`+"\n", dsn)
	}
	for name, dsn := range map[string]string{
		"another host":    foreign.DSN,
		"another project": strings.Replace(s.DSN, "/42", "/43", 1),
		"another key":     strings.Replace(s.DSN, sentrytest.Key, "x", 1),
		"a path before":   strings.Replace(s.DSN, "/42", "/x/42", 1),
		"none":            "",
		"no DSN":          "http://169.254.169.254/",
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, 403, post(h, envelope(dsn)).Code)
			assert.Equal(t, 403, post(h, zipped(envelope(dsn)), "Content-Encoding", "gzip").Code)
		})
	}
	for name, body := range map[string]string{"empty": "", "no JSON": "{not json\n", "a list": "[]\n", "endless line": strings.Repeat("x", 1<<20)} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, 400, post(h, []byte(body)).Code) })
	}
	assert.Equal(t, 400, post(h, []byte("no gzip"), "Content-Encoding", "gzip").Code)
	assert.Equal(t, 400, post(h, envelope(s.DSN), "Content-Encoding", "br").Code)
	assert.Equal(t, 413, post(h, append(envelope(s.DSN), make([]byte, maxTunnelBody)...)).Code)
	assert.Zero(t, s.Attempts()+foreign.Attempts())

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, 405, w.Code)

	for i, body := range [][]byte{envelope(s.DSN), zipped(envelope(s.DSN))} {
		w := post(h, body, "Content-Encoding", []string{"", "gzip"}[i], "Cookie", "session=secret")
		assert.Equal(t, 200, w.Code)
		assert.Empty(t, w.Body.String(), "no body is relayed")
		got := s.Envelopes()[i]
		assert.Equal(t, body, got.Raw, "the bytes as they came")
		assert.Empty(t, got.Request.Get("Cookie"))
	}

	s.Fail(429, "Retry-After", "7", "X-Sentry-Rate-Limits", "7:error:key", "Set-Cookie", "a=b")
	w = post(h, envelope(s.DSN))
	assert.Equal(t, 429, w.Code)
	assert.Equal(t, "7", w.Header().Get("Retry-After"))
	assert.Equal(t, "7:error:key", w.Header().Get("X-Sentry-Rate-Limits"))
	assert.Empty(t, w.Header().Get("Set-Cookie"))
	s.Fail(302, "Location", foreign.URL)
	assert.Equal(t, 502, post(h, envelope(s.DSN)).Code)
	assert.Zero(t, foreign.Attempts(), "no redirect is followed")
	s.Fail(500)
	assert.Equal(t, 502, post(h, envelope(s.DSN)).Code)
}

func TestWithoutADSNThereIsNoTunnel(t *testing.T) {
	assert.Equal(t, 404, post(tracker(t, Config{}).Tunnel(), []byte("{}\n")).Code)
	s := sentrytest.New(t)
	tr := tracker(t, Config{DSN: s.DSN, Sink: func(context.Context, Event) {}})
	assert.Equal(t, 404, post(tr.Tunnel(), fmt.Appendf(nil, `{"dsn":%q}`+"\n", s.DSN)).Code)
	assert.Zero(t, s.Attempts(), "a test's DSN is never called")
}

func TestTheBrowserLearnsItsSettings(t *testing.T) {
	read := func(c Config) (int, string) {
		w := httptest.NewRecorder()
		tracker(t, c).BrowserConfig().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/browser.json", nil))
		return w.Code, w.Body.String()
	}
	code, body := read(Config{DSN: "https://key@sentry.example/1", Environment: "stage", Release: "v1", ReplaysSessionSampleRate: new(0.0)})
	require.Equal(t, 200, code)
	assert.JSONEq(t, `{"dsn":"https://key@sentry.example/1","environment":"stage","release":"v1",
		"tracesSampleRate":0.1,"replaysSessionSampleRate":0,"replaysOnErrorSampleRate":1}`, body)
	_, body = read(Config{})
	assert.NotContains(t, body, "dsn")
	w := post(tracker(t, Config{}).BrowserConfig(), nil)
	assert.Equal(t, 405, w.Code)
}

func FuzzEnvelopeDSN(f *testing.F) {
	f.Add([]byte(`{"dsn":"http://a@b/1"}`+"\n"), false)
	f.Add(zipped([]byte(`{"dsn":"http://a@b/1"}`+"\n")), true)
	f.Fuzz(func(t *testing.T, b []byte, zip bool) {
		encoding := ""
		if zip {
			encoding = "gzip"
		}
		dsn, err := envelopeDSN(b, encoding)
		if err != nil && dsn != "" {
			t.Fatal("both")
		}
	})
}
