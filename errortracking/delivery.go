package errortracking

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/spool"
)

const (
	memoryBytes = 16 << 20 // of events without a SpoolDir
	sendTimeout = 10 * time.Second
	gzipFrom    = 1 << 10 // bytes; less is not worth it
)

// delivery takes events off the spool, one after the other, to Sentry.
type delivery struct {
	t      *Tracker
	queue  *spool.Queue
	client *http.Client
	url    string
	auth   string

	cancel context.CancelFunc
	wait   sync.WaitGroup
	hurry  chan struct{} // ends a back-off

	mu       sync.Mutex
	lastErr  error         // nil: the last attempt went well
	progress chan struct{} // closed when an event left the queue
}

func newDelivery(t *Tracker, dsn *sentry.Dsn) *delivery {
	return &delivery{
		t: t, queue: t.queue, client: newClient(), url: dsn.GetAPIURL().String(), auth: authHeader(dsn),
		hurry: make(chan struct{}, 1), progress: make(chan struct{}),
	}
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

func (d *delivery) start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	d.wait.Go(func() { d.run(ctx) })
}

// stop ends an attempt that is under way, and waits.
func (d *delivery) stop() {
	d.cancel()
	d.wait.Wait()
	d.client.CloseIdleConnections()
}

func (d *delivery) run(ctx context.Context) {
	failures := 0
	for {
		e, err := d.queue.Next(ctx, 0)
		if ctx.Err() != nil || errors.Is(err, spool.ErrClosed) {
			return
		}
		var limit time.Duration
		if err == nil {
			limit, err = d.attempt(ctx, e)
		}
		if ctx.Err() != nil {
			return
		}
		d.note(err, failures == 0)
		switch {
		case err == nil:
			failures = 0
		case limit == 0:
			failures++
			if !sleep(ctx, backoff(failures, rand.Float64()), d.hurry) { //nolint:gosec // jitter
				return
			}
		default:
			failures++
		}
		if limit > 0 && !sleep(ctx, limit, nil) { // which no flush shortens
			return
		}
	}
}

// attempt sends e once. It is taken off unless it should be tried again, which
// an error says. limit is how long Sentry wants to hear nothing.
func (d *delivery) attempt(ctx context.Context, e spool.Entry) (limit time.Duration, err error) {
	code, header, err := d.post(ctx, e.Data)
	if err != nil {
		return 0, fmt.Errorf("send an event: %w", err)
	}
	now := time.Now()
	if until := limitedUntil(code, header, now); until.After(now) {
		limit = until.Sub(now)
	}
	switch {
	case code >= 200 && code < 300:
		d.done(e)
		return limit, nil
	case code == http.StatusTooManyRequests:
		return limit, errors.New("send an event: Sentry has set a rate limit")
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooEarly:
		d.t.lost(reasonRefused, 1)
		d.t.say(slog.LevelError, "Sentry refused an event", "status", code, "event_id", envelopeID(e.Data))
		d.done(e)
		return limit, nil
	default:
		return limit, fmt.Errorf("send an event: status %d", code)
	}
}

func (d *delivery) post(ctx context.Context, envelope []byte) (status int, h http.Header, err error) {
	body, encoding := envelope, ""
	if len(envelope) >= gzipFrom {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(envelope)
		if z.Close() == nil {
			body, encoding = b.Bytes(), "gzip"
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-sentry-envelope")
	req.Header.Set("X-Sentry-Auth", d.auth)
	req.Header.Set("User-Agent", sdkName)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 16<<10)) // so that the connection can be used again
	_ = res.Body.Close()
	return res.StatusCode, res.Header, nil
}

func (d *delivery) done(e spool.Entry) {
	if err := d.queue.Done(e.Seq); err != nil {
		d.t.say(slog.LevelWarn, "an event that was sent may be sent again at the next start", "error", err.Error())
	}
	d.t.pending.room.Store(d.queue.Room())
	d.mu.Lock()
	close(d.progress)
	d.progress = make(chan struct{})
	d.mu.Unlock()
}

// note keeps how the last attempt went, and says when that changes.
func (d *delivery) note(err error, before bool) {
	d.mu.Lock()
	d.lastErr = err
	d.mu.Unlock()
	switch {
	case err != nil && before:
		d.t.say(slog.LevelWarn, "events cannot be delivered; they wait in the spool", "error", err.Error(), "waiting", d.queue.Len())
	case err == nil && !before:
		d.t.say(slog.LevelInfo, "events are delivered again")
	}
}

// sleep ends early when somebody hurries.
func sleep(ctx context.Context, pause time.Duration, hurry <-chan struct{}) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

// drain waits until the queue is empty, or ctx ends.
func (d *delivery) drain(ctx context.Context) {
	select {
	case d.hurry <- struct{}{}:
	default:
	}
	for {
		d.mu.Lock()
		progress := d.progress
		d.mu.Unlock()
		if d.queue.Len() == 0 {
			return
		}
		select {
		case <-progress:
		case <-ctx.Done():
			return
		}
	}
}

func (d *delivery) state() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lastErr
}

// envelopeID is the event's ID, for the log.
func envelopeID(envelope []byte) string {
	const before = `{"event_id":"`
	if rest, ok := bytes.CutPrefix(envelope, []byte(before)); ok && len(rest) >= 32 {
		return string(rest[:32])
	}
	return ""
}
