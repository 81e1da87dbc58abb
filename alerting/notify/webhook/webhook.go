// Package webhook posts alerts to a URL as JSON, signed.
//
//	to, err := webhook.New(webhook.Config{URL: "https://ops.example/hooks/alerts", Secret: secret})
//	// alerting.Route{Name: "ops", To: to}
//
// The body, whose fields are those of [alerting.Alert] in snake case:
//
//	{"version": 1, "key": "5f0c.../1/ops", "alerts": [{"id": "5f0c...", "rule": "error_rate",
//	 "title": "Error rate above 2 %", "message": "...", "severity": "P0", "state": "firing",
//	 "value": 2.5, "threshold": 2, "started_at": "2026-03-02T08:00:00Z", ...}]}
//
// Its headers: Idempotency-Key is the key, the same at every try. With a
// Secret, X-Monitoring-Timestamp is the time of the try in Unix seconds, and
// X-Monitoring-Signature is "sha256=" and the hexadecimal HMAC-SHA256, under
// the Secret, of the timestamp, a dot and the body. [Verify] checks both.
//
// Any 2xx answer means taken. Other answers of the 4xx kind but 408, 425 and
// 429 refuse the message for good, as does a redirect, which is not followed.
// All else is tried again. Errors name the host only: path, query and user
// info of a webhook's URL are secrets.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/internal/config"
)

// The headers of a message.
const (
	HeaderKey       = "Idempotency-Key"
	HeaderTimestamp = "X-Monitoring-Timestamp"
	HeaderSignature = "X-Monitoring-Signature"
)

const version = 1

// Config sets up a Notifier. URL is required.
type Config struct {
	URL     string            // http or https
	Secret  string            // the HMAC's key; "": not signed
	Header  map[string]string // sent with each message, such as Authorization
	Timeout time.Duration     // of a try; 0: 5 s
	Client  *http.Client      // nil: one of its own that follows no redirects
}

// Notifier posts to one URL. It is safe for concurrent use.
type Notifier struct {
	conf   Config
	url    *url.URL
	client *http.Client
}

// New checks c. Each fault Is alerting.ErrInvalid and As
// *monitoring.FieldError; none shows the URL.
func New(c Config) (*Notifier, error) {
	var f config.Faults
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		f.Add("URL", "an absolute http or https URL", nil)
	}
	if c.Timeout < 0 {
		f.Add("Timeout", "no negative duration", c.Timeout.String())
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	n := &Notifier{conf: c, url: u, client: c.Client}
	if n.client == nil {
		n.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return n, nil
}

type body struct {
	Version int              `json:"version"`
	Key     string           `json:"key"`
	Alerts  []alerting.Alert `json:"alerts"`
}

// Notify posts n. See the package comment for what is tried again.
func (w *Notifier) Notify(ctx context.Context, n alerting.Notification) error {
	data, err := json.Marshal(body{version, n.Key, n.Alerts})
	if err != nil {
		return alerting.Permanent(fmt.Errorf("webhook: encode: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, w.conf.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(data))
	if err != nil {
		return alerting.Permanent(w.hide("make the request", err))
	}
	for k, v := range w.conf.Header {
		req.Header.Set(k, v)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "distri-night-monitoring")
	req.Header.Set(HeaderKey, n.Key)
	if w.conf.Secret != "" {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set(HeaderTimestamp, stamp)
		req.Header.Set(HeaderSignature, sign(w.conf.Secret, stamp, data))
	}
	res, err := w.client.Do(req)
	if err != nil {
		return w.hide("post", err)
	}
	defer func() {
		_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection is used again
		_ = res.Body.Close()
	}()
	return w.judge(res.StatusCode)
}

// judge turns the answer's status into the Notifier's.
func (w *Notifier) judge(status int) error {
	if status >= 200 && status < 300 {
		return nil
	}
	err := fmt.Errorf("webhook: %s answers %d %s", w.url.Hostname(), status, http.StatusText(status))
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return err
	case status < 500:
		return alerting.Permanent(err)
	default:
		return err
	}
}

// hide keeps the reason of err, without the URL that net/http puts around it.
func (w *Notifier) hide(doing string, err error) error {
	var around *url.Error
	for errors.As(err, &around) {
		err = around.Err
	}
	return fmt.Errorf("webhook: %s to %s: %w", doing, w.url.Hostname(), err)
}

func sign(secret, stamp string, data []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp)) // a hash.Hash never fails
	mac.Write([]byte{'.'})
	mac.Write(data)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// ErrSignature is returned by [Verify] for a message that was not signed with
// the secret, or not within the tolerance.
var ErrSignature = errors.New("webhook: the signature does not fit")

// Verify is for who receives: it checks the signature of a message's body, in
// constant time, and that it was signed within tolerance of now, so that an
// old message cannot be played back.
func Verify(h http.Header, body []byte, secret string, now time.Time, tolerance time.Duration) error {
	stamp := h.Get(HeaderTimestamp)
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sec, 0)).Abs() > tolerance {
		return ErrSignature
	}
	if !hmac.Equal([]byte(h.Get(HeaderSignature)), []byte(sign(secret, stamp, body))) {
		return ErrSignature
	}
	return nil
}
