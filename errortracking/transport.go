package errortracking

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/getsentry/sentry-go"
)

const (
	sendTimeout = 10 * time.Second
	gzipFrom    = 1 << 10 // bytes; less is not worth it
)

// transport posts envelopes, one at a time.
type transport struct {
	client *http.Client
	url    string
	auth   string
	dsn    string
	zip    *gzip.Writer // used again, as one takes a megabyte
	zipped bytes.Buffer
}

func newTransport(dsn *sentry.Dsn) *transport {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that there is
	return &transport{client: newClient(), url: dsn.GetAPIURL().String(), auth: authHeader(dsn), dsn: publicDSN(dsn), zip: z}
}

// newClient has connections of its own, so that closing them concerns nobody
// else. A redirect would take events elsewhere.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConns: 4, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: sendTimeout, ForceAttemptHTTP2: true,
		},
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func authHeader(dsn *sentry.Dsn) string {
	return fmt.Sprintf("Sentry sentry_version=7, sentry_client=%s/%s, sentry_key=%s", sdkName, sentry.SDKVersion, dsn.GetPublicKey())
}

// publicDSN is dsn without the secret key that old ones have. (Its own String
// leaves the brackets of an IPv6 host out.)
func publicDSN(dsn *sentry.Dsn) string {
	u := url.URL{
		Scheme: dsn.GetScheme(), User: url.User(dsn.GetPublicKey()), Host: dsn.GetAPIURL().Host,
		Path: dsn.GetPath() + "/" + dsn.GetProjectID(),
	}
	return u.String()
}

// envelopeHeader is the first line of an envelope, as Sentry wants it.
type envelopeHeader struct {
	EventID string            `json:"event_id,omitempty"`
	SentAt  string            `json:"sent_at"`
	DSN     string            `json:"dsn"`
	SDK     sdkInfo           `json:"sdk"`
	Trace   map[string]string `json:"trace,omitempty"`
}

type sdkInfo struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// envelope puts the header, which has the time of the sending, before items.
func (p *transport) envelope(h envelopeHeader, items ...[]byte) ([]byte, error) {
	h.SentAt, h.DSN = time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), p.dsn
	h.SDK = sdkInfo{Name: sdkName, Version: sentry.SDKVersion}
	b, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode an envelope: %w", err)
	}
	b = append(b, '\n')
	for _, item := range items {
		b = append(b, item...)
	}
	return b, nil
}

func (p *transport) post(ctx context.Context, envelope []byte) (status int, h http.Header, err error) {
	body, encoding := p.compress(envelope)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-sentry-envelope")
	req.Header.Set("X-Sentry-Auth", p.auth)
	req.Header.Set("User-Agent", sdkName+"/"+sentry.SDKVersion)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 16<<10)) // so that the connection can be used again
	_ = res.Body.Close()
	return res.StatusCode, res.Header, nil
}

// compress gives bytes of its own: the client may still read them when the
// request is over.
func (p *transport) compress(b []byte) (body []byte, encoding string) {
	if len(b) < gzipFrom {
		return b, ""
	}
	p.zipped.Reset()
	p.zip.Reset(&p.zipped)
	_, _ = p.zip.Write(b)
	if p.zip.Close() != nil {
		return b, ""
	}
	return bytes.Clone(p.zipped.Bytes()), "gzip"
}

func (p *transport) close() { p.client.CloseIdleConnections() }
