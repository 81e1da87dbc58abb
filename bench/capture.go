package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/errortracking"
)

// captures measures what a service pays for an error beside sentry-go with a
// transport that drops what it is given.
func captures(ctx context.Context, s settings) ([]row, error) {
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
