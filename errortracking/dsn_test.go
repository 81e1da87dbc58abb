package errortracking

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADSNThatNoRequestCouldBeMadeWithIsRefused(t *testing.T) {
	for _, good := range []string{
		"https://key@o1.ingest.example.com/42", "http://key:secret@127.0.0.1:9000/1", "https://key@[::1]:9000/path/42",
		"https://key@sentry.example.com/a/b/42", "https://key@xn--bcher-kva.example/project-slug", "https://key@host/1?x=y#z",
	} {
		dsn, err := parseDSN(good)
		require.NoError(t, err, good)
		assert.NotContains(t, publicDSN(dsn), "secret")
	}
	for _, bad := range []string{
		"", "key", "https://host/1", "https://key@host", "https://key@host/", "ftp://key@host/1", "https://key@/1",
		"https://a%0d%0aX-Evil:%20b@host/1", "https://k%20y@host/1", "https://key@host:0/1", "https://key@host:99999/1",
		"https://key@host/..%2f..%2f1", "https://key@host/1%0a", "https://key@ho%20st/1", "https://key@[fe80::1%25eth0]/1",
		"https://key@host/a%2fb/c%00/1", "https://key@host/../1%3fx",
	} {
		_, err := parseDSN(bad)
		require.Error(t, err, bad)
		require.ErrorIs(t, Config{DSN: bad + "x "}.Validate(), ErrInvalid)
	}
}

// FuzzDSN: whatever is taken makes a request to where it says, and is the same
// when it is read again from an envelope.
func FuzzDSN(f *testing.F) {
	for _, s := range []string{
		"https://key@o1.ingest.example.com/42", "http://key:secret@127.0.0.1:9000/1", "https://key@[::1]:9000/path/42",
		"https://a%0d%0ab@host/1", "https://key@host/..%2f1", "https://key@[fe80::1%25eth0]:1/1", "https://key@HOST:443/a//b/1", "http://k@%41/1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		dsn, err := parseDSN(s)
		if err != nil {
			return
		}
		target := dsn.GetAPIURL()
		req, err := http.NewRequest(http.MethodPost, target.String(), nil)
		if err != nil {
			t.Fatalf("%q makes no request: %v", s, err)
		}
		given, err := url.Parse(s)
		if err != nil || !strings.EqualFold(req.URL.Hostname(), given.Hostname()) {
			t.Fatalf("%q leads to %q", s, req.URL)
		}
		if strings.ContainsAny(authHeader(dsn), "\r\n") {
			t.Fatalf("%q breaks the header", s)
		}
		again, err := parseDSN(publicDSN(dsn))
		if err != nil || !sameProject(publicDSN(dsn), dsn) || again.GetAPIURL().String() != target.String() {
			t.Fatalf("%q is %q when read again: %v", s, publicDSN(dsn), err)
		}
	})
}
