package perfmon_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int) tripper {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: http.NoBody, Request: r}, nil
	}
}

func failing(err error) tripper {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// calls are the outgoing calls by "METHOD host outcome error".
func (b *bench) calls() map[string]uint64 {
	return b.histograms("http.client.request.duration")
}

// histograms are the counts of a metric's series.
func (b *bench) histograms(name string) map[string]uint64 {
	counts := map[string]uint64{}
	b.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				counts[strings.Join(p.Values, " ")] += p.Hist.Count
			}
		}
	})
	return counts
}

func call(t *testing.T, ctx context.Context, rt http.RoundTripper, method, target string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, target, http.NoBody)
	require.NoError(t, err)
	if res, err := rt.RoundTrip(r); err == nil {
		require.NoError(t, res.Body.Close())
	}
}

func TestAnOutgoingCallIsCountedByHostAndOutcome(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	network := func(err error) error { return &net.OpError{Op: "dial", Err: err} }
	for _, tc := range []struct {
		ctx    context.Context
		next   tripper
		method string
		target string
		want   string
	}{
		{t.Context(), answering(200), "GET", "https://api.example.com/v1?q=1", "GET api.example.com ok "},
		{t.Context(), answering(302), "", "https://API.Example.com.:8443/", "GET api.example.com ok "},
		{t.Context(), answering(404), "POST", "http://pay.example/", "POST pay.example client_error 4xx"},
		{t.Context(), answering(503), "BREW", "http://pay.example/", "_OTHER pay.example error 5xx"},
		{t.Context(), answering(200), "GET", "http://192.0.2.7:81/", "GET ip ok "},
		{t.Context(), answering(200), "GET", "http://[2001:db8::1]:81/", "GET ip ok "},
		{t.Context(), answering(200), "GET", "http://0x7f.1/", "GET ip ok "},
		{t.Context(), answering(200), "GET", "http://localhost:9999/", "GET localhost ok "},
		{t.Context(), answering(200), "GET", "http://a*b/", "GET other ok "},
		{t.Context(), answering(200), "GET", "http://" + strings.Repeat("a.", 130) + "com/", "GET other ok "},
		{gone, failing(context.Canceled), "GET", "http://h/", "GET h canceled canceled"},
		{gone, failing(errors.New("use of closed network connection")), "GET", "http://h/", "GET h canceled canceled"},
		{gone, answering(200), "GET", "http://h/", "GET h ok "},
		{late, failing(context.DeadlineExceeded), "GET", "http://h/", "GET h error timeout"},
		{t.Context(), failing(context.Canceled), "GET", "http://h/", "GET h error _OTHER"},
		{t.Context(), failing(network(syscall.ETIMEDOUT)), "GET", "http://h/", "GET h error timeout"},
		{t.Context(), failing(network(&net.DNSError{Err: "no such host"})), "GET", "http://h/", "GET h error dns"},
		{t.Context(), failing(network(syscall.ECONNREFUSED)), "GET", "http://h/", "GET h error refused"},
		{t.Context(), failing(network(syscall.ECONNRESET)), "GET", "http://h/", "GET h error reset"},
		{t.Context(), failing(io.ErrUnexpectedEOF), "GET", "http://h/", "GET h error reset"},
		{t.Context(), failing(&tls.CertificateVerificationError{Err: errors.New("expired")}), "GET", "http://h/", "GET h error tls"},
	} {
		b := newBench(t, perfmon.Config{})
		call(t, tc.ctx, b.Transport(tc.next), tc.method, tc.target)
		assert.Equal(t, map[string]uint64{tc.want: 1}, b.calls(), "%s %s", tc.method, tc.target)
	}
}

func TestHostsAreBoundedAlsoAtOnce(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	rt := b.Transport(answering(200))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				r := &http.Request{URL: &url.URL{Scheme: "http", Host: fmt.Sprintf("tenant-%d-%d.example", i, g)}}
				if res, err := rt.RoundTrip(r); err == nil {
					_ = res.Body.Close()
				}
			}
		})
	}
	wg.Wait()
	counts, total := b.calls(), uint64(0)
	for _, n := range counts {
		total += n
	}
	assert.Len(t, counts, 51)
	assert.EqualValues(t, 2000, total)
	assert.EqualValues(t, 1950, counts["GET other ok "])
}

func TestACallLeavesABreadcrumbWithoutPathOrQuery(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	_, r, shared := reqctx.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	call(t, r.Context(), b.Transport(answering(503)), http.MethodPut, "https://user:secret@api.example.com/secret/path?token=secret#secret")
	call(t, r.Context(), b.Transport(failing(io.EOF)), "secret", "https://api.example.com/secret")
	crumbs := shared.Breadcrumbs()
	require.Len(t, crumbs, 2)
	assert.Equal(t, "http", crumbs[0].Category)
	assert.Equal(t, "PUT api.example.com", crumbs[0].Message)
	assert.Equal(t, 503, crumbs[0].Data["status_code"])
	assert.Equal(t, "reset", crumbs[1].Data["error.type"])
	assert.NotContains(t, fmt.Sprint(crumbs), "secret")
}

func TestTheTimeOfACallEndsAtTheHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, perfmon.Config{})
		body := &slowBody{}
		rt := b.Transport(tripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(80 * time.Millisecond)
			return &http.Response{StatusCode: http.StatusOK, Body: body, Request: r}, nil
		}))
		for range 20 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api.example.com/", http.NoBody)
			require.NoError(t, err)
			res, err := rt.RoundTrip(r)
			require.NoError(t, err)
			assert.Same(t, body, res.Body, "the answer is the transport's own")
			_, _ = io.Copy(io.Discard, res.Body)
		}
		call(t, t.Context(), b.Transport(failing(io.EOF)), http.MethodGet, "http://api.example.com/")
		b.sample()
		assert.InDelta(t, 80, b.read(t, "outgoing_p95").Value, 1)
		assert.InDelta(t, 100.0/21, b.read(t, "outgoing_error_rate").Value, 1e-9)
	})
}

type slowBody struct{ strings.Reader }

func (*slowBody) Read([]byte) (int, error) { time.Sleep(time.Second); return 0, io.EOF }
func (*slowBody) Close() error             { return nil }

func TestTransportFollowsTheDefaultAndBreaksNothing(t *testing.T) {
	rt := perfmon.Transport(answering(200))
	call(t, t.Context(), rt, http.MethodGet, "http://h/") // without a default
	b := newBench(t, perfmon.Config{})
	perfmon.SetDefault(b.Monitor)
	defer perfmon.SetDefault(nil)
	call(t, t.Context(), rt, http.MethodGet, "http://h/")
	assert.Equal(t, map[string]uint64{"GET h ok ": 1}, b.calls())

	var none *perfmon.Monitor
	call(t, t.Context(), none.Transport(answering(200)), http.MethodGet, "http://h/")
	broken, err := b.Transport(failing(errors.New("no URL"))).RoundTrip(&http.Request{})
	assert.Nil(t, broken)
	require.EqualError(t, err, "no URL")

	closes := &closer{}
	client := http.Client{Transport: b.Transport(closes)}
	client.CloseIdleConnections()
	assert.True(t, closes.closed)
}

type closer struct {
	http.RoundTripper
	closed bool
}

func (c *closer) CloseIdleConnections() { c.closed = true }

func TestRealCallsAreToldApart(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/cut":
			panic(http.ErrAbortHandler)
		}
	}))
	defer srv.Close()
	defer close(release)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = quiet
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()

	b := newBench(t, perfmon.Config{})
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	client := &http.Client{Transport: b.Transport(base)}
	get := func(ctx context.Context, target string) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
		require.NoError(t, err)
		if res, err := client.Do(r); err == nil {
			_ = res.Body.Close()
		}
	}
	local := func(u string) string { return strings.Replace(u, "127.0.0.1", "localhost", 1) }
	get(t.Context(), local(srv.URL))
	get(t.Context(), local(srv.URL)+"/cut")
	get(t.Context(), local(secure.URL))
	get(t.Context(), local(dead.URL))
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	get(short, local(srv.URL)+"/slow")
	gone, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	get(gone, local(srv.URL)+"/slow")
	client.Timeout = 20 * time.Millisecond
	get(t.Context(), local(srv.URL)+"/slow")
	assert.Equal(t, map[string]uint64{
		"GET localhost ok ":               1,
		"GET localhost error reset":       1,
		"GET localhost error tls":         1,
		"GET localhost error refused":     1,
		"GET localhost error timeout":     2,
		"GET localhost canceled canceled": 1,
	}, b.calls())
}

func TestACallCostsNoAllocationWithoutAScope(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	res := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	rt := b.Transport(tripper(func(*http.Request) (*http.Response, error) { return res, nil }))
	r := httptest.NewRequest(http.MethodGet, "http://api.example.com:8443/x", nil)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = rt.RoundTrip(r) }))
}
