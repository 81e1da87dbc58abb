package access_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/access"
)

func request(remote, host string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr, r.Host = remote, host
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestWithoutAuthorizeOnlyDirectLoopbackIsLetIn(t *testing.T) {
	for name, tc := range map[string]struct {
		r  *http.Request
		ok bool
	}{
		"IPv4":                 {request("127.0.0.1:5", "127.0.0.1:80"), true},
		"another of 127/8":     {request("127.9.9.9:5", "127.0.0.2"), true},
		"IPv6":                 {request("[::1]:5", "[::1]:80"), true},
		"IPv6, no port":        {request("[::1]:5", "[::1]"), true},
		"IPv4 in IPv6":         {request("[::ffff:127.0.0.1]:5", "localhost:80"), true},
		"localhost":            {request("127.0.0.1:5", "LocalHost:80"), true},
		"same origin":          {request("127.0.0.1:5", "localhost", "Sec-Fetch-Site", "same-origin"), true},
		"remote peer":          {request("203.0.113.9:5", "localhost"), false},
		"private peer":         {request("10.0.0.1:5", "localhost"), false},
		"no peer":              {request("", "localhost"), false},
		"a unix socket's peer": {request("@", "localhost"), false},
		"foreign host":         {request("127.0.0.1:5", "evil.example"), false},
		"look-alike host":      {request("127.0.0.1:5", "localhost.evil.example"), false},
		"empty host":           {request("127.0.0.1:5", ""), false},
		"X-Forwarded-For":      {request("127.0.0.1:5", "localhost", "X-Forwarded-For", "203.0.113.9"), false},
		"X-Forwarded-Host":     {request("127.0.0.1:5", "localhost", "x-forwarded-host", "a"), false},
		"any X-Forwarded":      {request("127.0.0.1:5", "localhost", "X-Forwarded-Anything", "a"), false},
		"an empty one":         {request("127.0.0.1:5", "localhost", "X-Forwarded-For", ""), false},
		"Forwarded":            {request("127.0.0.1:5", "localhost", "forwarded", "for=203.0.113.9"), false},
		"X-Real-IP":            {request("127.0.0.1:5", "localhost", "X-Real-IP", "203.0.113.9"), false},
		"Via":                  {request("127.0.0.1:5", "localhost", "Via", "1.1 proxy"), false},
		"another site":         {request("127.0.0.1:5", "localhost", "Sec-Fetch-Site", "cross-site"), false},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := access.Guard{Pages: []string{"operations"}}.May(tc.r, "operations", true)
			if tc.ok {
				require.NoError(t, err)
				assert.True(t, v.Write)
				return
			}
			var denied *access.Denied
			require.ErrorAs(t, err, &denied)
			assert.Equal(t, http.StatusForbidden, denied.Status)
			assert.Contains(t, denied.Reason, "Dashboard.Authorize", "the setting is named")
		})
	}
}

func TestAuthorizeDecidesPageAndWrite(t *testing.T) {
	g := access.Guard{Authorize: func(r *http.Request) (access.Viewer, error) {
		if r.Header.Get("X-Who") == "" {
			return access.Viewer{}, errors.New("token sk-1 is unknown")
		}
		return access.Viewer{Name: r.Header.Get("X-Who"), Pages: []string{"product"}}, nil
	}}
	ada := request("203.0.113.9:5", "shop.example", "X-Who", "ada", "X-Forwarded-For", "203.0.113.7")
	for _, tc := range []struct {
		r      *http.Request
		page   string
		write  bool
		status int
	}{
		{ada, "product", false, 0},
		{ada, "", false, 0},
		{ada, "finance", false, 403},
		{ada, "product", true, 403},
		{request("127.0.0.1:5", "localhost"), "product", false, 401},
	} {
		v, err := g.May(tc.r, tc.page, tc.write)
		var denied *access.Denied
		if tc.status == 0 {
			require.NoError(t, err)
			assert.Equal(t, "ada", v.Name)
			continue
		}
		require.ErrorAs(t, err, &denied)
		assert.Equal(t, tc.status, denied.Status)
		assert.NotContains(t, denied.Error(), "sk-1")
	}
}

func TestTheClientIsThePeerUnlessAProxyIsTrusted(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tc := range []struct {
		remote, forwarded, want string
		trusted                 []netip.Prefix
	}{
		{"203.0.113.9:5", "198.51.100.1", "203.0.113.9", nil},
		{"203.0.113.9:5", "198.51.100.1", "203.0.113.9", trusted},
		{"10.1.1.1:5", "198.51.100.1", "198.51.100.1", trusted},
		{"10.1.1.1:5", "198.51.100.1, 10.2.2.2", "198.51.100.1", trusted},
		{"10.1.1.1:5", "6.6.6.6, 198.51.100.1, 10.2.2.2", "198.51.100.1", trusted},
		{"10.1.1.1:5", "198.51.100.1, garbage", "10.1.1.1", trusted},
		{"10.1.1.1:5", "", "10.1.1.1", trusted},
	} {
		r := request(tc.remote, "localhost", "X-Forwarded-For", tc.forwarded)
		assert.Equal(t, tc.want, access.ClientAddr(r, tc.trusted).String(), tc)
	}
}
