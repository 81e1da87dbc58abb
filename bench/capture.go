package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/metric"
)

const (
	fingerprints = 1000
	pace         = time.Millisecond // between two captures: what the spool and Sentry keep up with
)

// captures measures what a service pays for an error, beside sentry-go with a
// transport that drops what it is given.
func captures(ctx context.Context, s settings) ([]row, error) {
	repeated, err := repeatedErrors(ctx, s)
	if err != nil {
		return nil, err
	}
	fresh, err := newErrors(ctx, max(3, s.rounds/20))
	if err != nil {
		return nil, err
	}
	storm, err := captureStorm()
	if err != nil {
		return nil, err
	}
	return append(append(repeated, fresh...), storm), nil
}

func repeatedErrors(ctx context.Context, s settings) ([]row, error) {
	hub, err := sentryHub()
	if err != nil {
		return nil, err
	}
	held, err := errortracking.New(errortracking.Config{FloodLimit: 1, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = held.Close(ctx) }()
	failure := fmt.Errorf("charge: %w", errors.New("card refused"))
	f := measure(s.rounds, s.block,
		subject{"ours", func(n int) {
			for range n {
				held.CaptureException(ctx, failure)
			}
		}},
		subject{"sentry-go, no-op transport", func(n int) {
			for range n {
				hub.CaptureException(failure)
			}
		}},
	)
	return []row{beside("`CaptureException`, repeated past the flood limit", f[0], f[1], 0.1, 0)}, nil
}

func sentryHub() (*sentry.Hub, error) {
	client, err := sentry.NewClient(sentry.ClientOptions{Dsn: "http://key@127.0.0.1:1/1", Release: "bench", Transport: noTransport{}})
	if err != nil {
		return nil, err
	}
	return sentry.NewHub(client, sentry.NewScope()), nil
}

// receivers are three Sentries: one takes all, nobody listens at one, and one
// never answers.
func receivers() (dsns map[string]string, stop func()) {
	end := make(chan struct{})
	healthy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-end:
		}
	}))
	dsn := func(url string) string { return strings.Replace(url, "http://", "http://key@", 1) + "/1" }
	return map[string]string{"healthy": dsn(healthy.URL), "dead": "http://key@127.0.0.1:1/1", "hanging": dsn(hanging.URL)}, func() {
		close(end)
		healthy.Close()
		hanging.Close()
	}
}

const sentryNoOp = "sentry-go, no-op transport"

// newErrors captures 1,000 errors of as many fingerprints, each for the first
// time. At a steady pace each subject gets one, in no fixed order, and the
// time of each call is taken: so whatever else the machine does befalls all.
func newErrors(ctx context.Context, rounds int) ([]row, error) {
	dsns, stop := receivers()
	defer stop()
	hub, err := sentryHub()
	if err != nil {
		return nil, err
	}
	failures := make([]error, fingerprints)
	for i := range failures {
		failures[i] = errors.New("failure " + letters(i))
	}
	times := map[string][]float64{}
	for range rounds {
		if err := newErrorsRound(ctx, dsns, hub, failures, times); err != nil {
			return nil, err
		}
	}
	// The median, not the lower quartile: it is what the target speaks of.
	median := func(name, shown string) figures {
		return figures{name: shown, ns: []float64{quantile(times[name], 0.5)}, base: quantile(times[""], 0.5), allocs: nothing}
	}
	const what = "`CaptureException`, new, p50 of 1,000 fingerprints, "
	healthy := median("healthy", "with Sentry healthy")
	return []row{
		beside(what+"Sentry healthy", healthy, median(sentryNoOp, sentryNoOp), 0.6, nothing),
		beside(what+"Sentry dead", median("dead", ""), healthy, 1.2, nothing),
		beside(what+"Sentry hanging", median("hanging", ""), healthy, 1.2, nothing),
	}, nil
}

// newErrorsRound has new Trackers. That an event is lost is an error.
func newErrorsRound(ctx context.Context, dsns map[string]string, hub *sentry.Hub, failures []error, times map[string][]float64) error {
	type named struct {
		name    string
		capture func(error)
	}
	subjects := []named{{sentryNoOp, func(err error) { hub.CaptureException(err) }}, {"", func(error) {}}} // the latter is the clock
	var trackers []*errortracking.Tracker
	sent := 0
	for name, dsn := range dsns {
		dir, err := os.MkdirTemp("", "bench-spool-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		t, err := errortracking.New(errortracking.Config{DSN: dsn, SpoolDir: dir, Release: "bench", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		trackers = append(trackers, t)
		subjects = append(subjects, named{name, func(err error) {
			if t.CaptureException(ctx, err) != "" {
				sent++
			}
		}})
	}
	next := time.Now()
	for _, err := range failures {
		time.Sleep(time.Until(next))
		next = time.Now().Add(pace)
		for _, k := range rand.Perm(len(subjects)) {
			s := subjects[k]
			began := time.Now()
			s.capture(err)
			times[s.name] = append(times[s.name], float64(time.Since(began)))
		}
	}
	dropped := 0.0
	for _, t := range trackers {
		t.Produce(func(f metric.Family) {
			for _, p := range f.Points {
				if f.Name == metric.DroppedDesc.Name {
					dropped += p.Value
				}
			}
		})
		closing, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		_ = t.Close(closing) // what a dead Sentry has not taken is told; it is no loss
		cancel()
	}
	if want := len(trackers) * len(failures); sent != want || dropped > 0 {
		return fmt.Errorf("%d of %d events sent, %g dropped", sent, want, dropped)
	}
	return nil
}

// letters writes i without digits, which a fingerprint leaves out.
func letters(i int) string {
	b := []byte{byte('a' + i%26)}
	for i /= 26; i > 0; i /= 26 {
		b = append(b, byte('a'+i%26))
	}
	return string(b)
}
