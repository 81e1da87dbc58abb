package simulate

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// visitor is one browser: cookies, and the page it is on.
type visitor struct {
	*actor
	client *http.Client
	path   string
	page   string
	status int
}

const maxPage = 1 << 20

func (a *actor) visitor() (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &visitor{actor: a, client: &http.Client{Jar: jar, Timeout: 20 * time.Second}}, nil
}

// get and post go to a page, following redirects, and keep it.
func (v *visitor) get(ctx context.Context, path string) error {
	return v.do(ctx, http.MethodGet, path, nil)
}

func (v *visitor) post(ctx context.Context, path string, pairs ...string) error {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return v.do(ctx, http.MethodPost, path, form)
}

func (v *visitor) do(ctx context.Context, method, path string, form url.Values) error {
	if err := v.s.gate.enter(ctx); err != nil {
		return err
	}
	defer v.s.gate.leave()
	req, err := http.NewRequestWithContext(ctx, method, v.s.c.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("User-Agent", "distri-night-shopper/1")
	res, err := v.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err != nil {
		return err
	}
	v.status, v.page, v.path = res.StatusCode, string(body), res.Request.URL.Path
	if res.StatusCode >= 500 {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return nil
}

func (v *visitor) signIn(ctx context.Context, userID int64) error {
	return v.post(ctx, "/sign-in", "user_id", strconv.FormatInt(userID, 10))
}

// guests are what new customers call themselves.
var guests = []string{"Alma Guest", "Bruno Guest", "Chloe Guest", "Dario Guest", "Elif Guest", "Femi Guest"}

// signUp becomes a new customer, invited by another or by nobody (0).
func (v *visitor) signUp(ctx context.Context, invitedBy int64) error {
	return v.post(ctx, "/sign-up", "name", guests[v.rand.IntN(len(guests))], "invited_by", strconv.FormatInt(invitedBy, 10))
}

// find returns what the pattern's first group matches on the page, each once.
func (v *visitor) find(pattern *regexp.Regexp) []string {
	var found []string
	seen := map[string]bool{}
	for _, m := range pattern.FindAllStringSubmatch(v.page, -1) {
		if t := html.UnescapeString(m[1]); !seen[t] {
			seen[t] = true
			found = append(found, t)
		}
	}
	return found
}

// first is the first match, or "".
func (v *visitor) first(pattern *regexp.Regexp) string {
	if m := pattern.FindStringSubmatch(v.page); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}
