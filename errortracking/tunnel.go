package errortracking

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/problem"
)

const (
	maxTunnelBody   = 4 << 20
	maxTunnelHeader = 64 << 10
	maxTunnelCalls  = 16 // at once: 64 MiB
)

// tunnel passes the browser's envelopes on, past ad blockers.
type tunnel struct {
	dsn    *sentry.Dsn
	url    string
	auth   string
	client *http.Client
	slots  chan struct{}
	ctx    context.Context //nolint:containedctx // ends with the Tracker
	cancel context.CancelFunc
}

func (n *tunnel) init(dsn *sentry.Dsn) {
	n.ctx, n.cancel = context.WithCancel(context.Background())
	if dsn == nil {
		return
	}
	n.dsn, n.url, n.auth, n.client = dsn, dsn.GetAPIURL().String(), authHeader(dsn), newClient()
	n.slots = make(chan struct{}, maxTunnelCalls)
}

func (n *tunnel) close() {
	n.cancel()
	if n.client != nil {
		n.client.CloseIdleConnections()
	}
}

// Tunnel passes envelopes of the browser's Sentry SDK on to the project of
// [Config].DSN, and to no other place: one that names another DSN is answered
// 403. Only the first line is read; the bytes go on as they came. The status
// and the rate limits of the answer come back, its body does not. Without a
// DSN, or with a Sink, it is 404.
func (t *Tracker) Tunnel() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case t == nil || t.config.Disabled || t.dsn == nil || t.config.Sink != nil:
			problem.Write(w, http.StatusNotFound, "no tunnel: there is no DSN")
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			problem.Write(w, http.StatusMethodNotAllowed, "an envelope is a POST")
		default:
			t.tunnel.pass(w, r)
		}
	})
}

func (n *tunnel) pass(w http.ResponseWriter, r *http.Request) {
	select {
	case n.slots <- struct{}{}:
		defer func() { <-n.slots }()
	default:
		w.Header().Set("Retry-After", "5")
		problem.Write(w, http.StatusTooManyRequests, "too many envelopes at once")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTunnelBody))
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			problem.Write(w, http.StatusRequestEntityTooLarge, "an envelope has at most 4 MiB")
			return
		}
		problem.Write(w, http.StatusBadRequest, "the envelope could not be read")
		return
	}
	encoding := r.Header.Get("Content-Encoding")
	switch dsn, err := envelopeDSN(body, encoding); {
	case err != nil:
		problem.Write(w, http.StatusBadRequest, "the first line is no header of an envelope")
		return
	case !sameProject(dsn, n.dsn):
		problem.Write(w, http.StatusForbidden, "the envelope is for another project")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(n.forward(r, body, encoding, w.Header()))
}

// forward gives the status of the answer, and its limits in h.
func (n *tunnel) forward(r *http.Request, body []byte, encoding string, h http.Header) int {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(n.ctx, cancel)()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadGateway
	}
	req.Header.Set("Content-Type", "application/x-sentry-envelope")
	req.Header.Set("X-Sentry-Auth", n.auth)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	res, err := n.client.Do(req)
	if err != nil {
		return http.StatusBadGateway
	}
	_ = res.Body.Close()
	for _, name := range []string{"Retry-After", "X-Sentry-Rate-Limits"} {
		if v := res.Header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300, res.StatusCode >= 400 && res.StatusCode < 500:
		return res.StatusCode
	default:
		return http.StatusBadGateway
	}
}

// envelopeDSN reads the DSN in the first line of an envelope.
func envelopeDSN(body []byte, encoding string) (string, error) {
	var r io.Reader = bytes.NewReader(body)
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return "", fmt.Errorf("read an envelope: %w", err)
		}
		r = z
	default:
		return "", fmt.Errorf("read an envelope: encoding %q", encoding)
	}
	line, err := bufio.NewReader(io.LimitReader(r, maxTunnelHeader)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read an envelope: %w", err)
	}
	var header struct {
		DSN string `json:"dsn"`
	}
	if err := json.Unmarshal(line, &header); err != nil {
		return "", fmt.Errorf("read an envelope: %w", err)
	}
	return header.DSN, nil
}

// sameProject compares key, host and project. The target is made from our own
// DSN in any case.
func sameProject(theirs string, our *sentry.Dsn) bool {
	d, err := parseDSN(theirs)
	return err == nil && d.GetPublicKey() == our.GetPublicKey() && strings.EqualFold(d.GetHost(), our.GetHost()) &&
		d.GetPort() == our.GetPort() && d.GetPath() == our.GetPath() && d.GetProjectID() == our.GetProjectID()
}
