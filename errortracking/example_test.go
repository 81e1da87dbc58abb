package errortracking_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/distri-night/monitoring/errortracking"
)

func Example() {
	tracker, err := errortracking.New(errortracking.Config{
		// DSN and SpoolDir for Sentry; here a function of our own.
		Sink: func(_ context.Context, e errortracking.Event) {
			fmt.Println(e.Class.Category, e.Class.Level, e.User.ID, e.Message, e.Attrs)
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tracker.Close(context.Background()) }()

	ctx := errortracking.WithUser(context.Background(), errortracking.User{ID: "u1", Role: "supplier"})
	timeout := fmt.Errorf("charge: %w", context.DeadlineExceeded)
	tracker.CaptureException(ctx, timeout, "order_id", "456", "card", "4111 1111 1111 1111")
	tracker.CaptureException(ctx, context.Canceled)    // the client went away: expected
	tracker.CaptureException(ctx, errors.New("stale")) // nobody expected that
	// Output:
	// timeout ERROR u1 charge: context deadline exceeded map[card:[redacted] order_id:456]
	// bug ERROR u1 stale map[]
}

// A job is a transaction in Sentry, as a request is.
func ExampleStartTransaction() {
	send := func(ctx context.Context) (err error) {
		ctx, end := errortracking.StartTransaction(ctx, "send invoice")
		defer func() { end(err) }()
		return work(ctx)
	}
	fmt.Println(send(context.Background()))
	// Output: the printer is on fire
}

func work(context.Context) error { return errors.New("the printer is on fire") }
