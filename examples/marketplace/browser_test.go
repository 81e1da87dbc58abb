package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// browser visits the shop's pages as one user does.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
}

// page is what a browser got, before any redirect is followed.
type page struct {
	status int
	body   string
	header http.Header
}

func (p page) location() string { return p.header.Get("Location") }

func visit(t *testing.T, a *app) *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &browser{t: t, url: a.url, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

// as signs in the first user with a role.
func as(t *testing.T, a *app, role string) *browser {
	var id int64
	require.NoError(t, a.pool.QueryRow(t.Context(), "select min(id) from shop.users where role = $1", role).Scan(&id))
	return asUser(t, a, id)
}

func asUser(t *testing.T, a *app, id int64) *browser {
	b := visit(t, a)
	p := b.post("/sign-in", "user_id", fmt.Sprint(id))
	require.Equal(t, http.StatusSeeOther, p.status, p.body)
	return b
}

func (b *browser) get(path string) page {
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(b.t, err)
	return b.do(req)
}

func (b *browser) post(path string, pairs ...string) page {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

func (b *browser) do(req *http.Request) page {
	res, err := b.client.Do(req)
	require.NoError(b.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return page{res.StatusCode, string(body), res.Header}
}

// fill puts goods in the basket and returns the key of the checkout form.
func (b *browser) fill(productAndQuantity ...int) string {
	for i := 0; i+1 < len(productAndQuantity); i += 2 {
		p := b.post("/cart/items", "product_id", fmt.Sprint(productAndQuantity[i]), "quantity", fmt.Sprint(productAndQuantity[i+1]), "back", "/")
		require.Equal(b.t, http.StatusSeeOther, p.status, p.body)
	}
	return b.get("/products/1").first(`name="key" value="([^"]+)"`)
}

func (p page) first(pattern string) string {
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}
