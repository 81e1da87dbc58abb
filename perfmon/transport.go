package perfmon

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// Transport measures outgoing calls with the default Monitor, looked up at
// each call; see [Monitor.Transport].
func Transport(next http.RoundTripper) http.RoundTripper {
	return newTransport(Default, next)
}

// Transport measures each call that goes out through it, by method, host,
// outcome and kind of error: until the header of the answer has come, as a
// body may be read at any pace. nil: http.DefaultTransport. It changes neither
// request nor answer; redirects and retries of an http.Client are calls of
// their own. The call is a breadcrumb of the request or job in whose context it
// is made: method, host and status, neither path nor query.
//
// The host is its name in lower case, without the port; an IP address counts
// as "ip", and past 50 hosts a new one as "other". Outcomes are "ok",
// "client_error" (4xx), "error" (5xx, or no answer) and "canceled" (the
// context of the call was).
func (m *Monitor) Transport(next http.RoundTripper) http.RoundTripper {
	return newTransport(func() *Monitor { return m }, next)
}

func newTransport(monitor func() *Monitor, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{monitor, next}
}

type transport struct {
	monitor func() *Monitor
	next    http.RoundTripper
}

// RoundTrip measures one call.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	m := t.monitor()
	if m == nil || m.config.Disabled || r == nil || r.URL == nil {
		return t.next.RoundTrip(r)
	}
	start := reqctx.Clock()
	res, err := t.next.RoundTrip(r)
	took := reqctx.Clock() - start
	status := 0
	if res != nil && err == nil {
		status = res.StatusCode
	}
	o, kind := callOutcome(r.Context(), status, err)
	m.outgoing.find(r.URL.Hostname()).handle(&m.outgoing, r.Method, o, kind).Observe(took.Seconds())
	if scope := reqctx.From(r.Context()); scope != nil {
		leaveCrumb(scope, r, status, o, kind, took, m.now())
	}
	return res, err
}

// CloseIdleConnections passes on to the transport inside.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// leaveCrumb tells the request what was called. The map is made only if
// somebody reads it.
func leaveCrumb(scope *reqctx.Scope, r *http.Request, status int, o callResult, kind callError, took time.Duration, now time.Time) {
	method, host, level := methods[callMethod(r.Method)], r.URL.Hostname(), slog.LevelInfo
	switch o {
	case callFailed:
		level = slog.LevelError
	case callClientError, callCanceled:
		level = slog.LevelWarn
	}
	scope.Request.AddBreadcrumb(reqctx.Breadcrumb{
		Category: "http", Message: method + " " + host, Level: level, At: now,
		Fill: func() map[string]any {
			data := map[string]any{"method": method, "host": host, "duration_ms": float64(took) / 1e6}
			if status != 0 {
				data["status_code"] = status
			} else {
				data["error.type"] = callErrors[kind]
			}
			return data
		},
	})
}

type callResult uint8

// The outcomes of a call, in the order of callResults.
const (
	callOK callResult = iota
	callClientError
	callFailed
	callCanceled
)

var callResults = [...]string{"ok", "client_error", "error", "canceled"}

type callError uint8

// The kinds of error of a call, in the order of callErrors.
const (
	noError callError = iota
	error4xx
	error5xx
	errorCanceled
	errorTimeout
	errorDNS
	errorRefused
	errorReset
	errorTLS
	errorElse
	callKinds
)

var callErrors = [callKinds]string{"", "4xx", "5xx", "canceled", "timeout", "dns", "refused", "reset", "tls", "_OTHER"}

// callOutcome judges a call. Its context decides what a cancellation is, not
// the error: a server or a proxy may answer with anything.
func callOutcome(ctx context.Context, status int, err error) (callResult, callError) {
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return callCanceled, errorCanceled
	case err != nil && pastDeadline(ctx): // an http.Client's Timeout says "request canceled"
		return callFailed, errorTimeout
	case err != nil:
		return callFailed, kindOf(err)
	case status >= 500:
		return callFailed, error5xx
	case status >= 400:
		return callClientError, error4xx
	default:
		return callOK, noError
	}
}

func pastDeadline(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) <= 0
}

// kindOf names what kept an answer from coming.
func kindOf(err error) callError {
	var (
		timeout interface{ Timeout() bool }
		name    *net.DNSError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errorTimeout
	case errors.As(err, &name):
		return errorDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return errorRefused
	case errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert):
		return errorTLS
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errorReset
	default:
		return errorElse
	}
}
