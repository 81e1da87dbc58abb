package monitoring

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	shutdownDefault = 10 * time.Second      // where the caller's context has no deadline
	shutdownGrace   = 60 * time.Millisecond // past the deadline, for what is closing already
	shutdownEarly   = 200 * time.Millisecond
	shutdownLeast   = 5 * time.Millisecond // for each step, however late it is
	shutdownIntake  = 4                    // a quarter of the time at most, so that delivery has the rest
)

// Shutdown stops everything, in the order in which nothing is lost: no more
// intake, streams ended, a last evaluation; then alerts, business events and
// errors are delivered side by side; then log and registry close. It is done
// by ctx's deadline (without one: 10 s) + 100 ms, whatever is dead, and one
// joined error names what could not be delivered and stays in the state folder.
// It unsets the defaults that Init set. A second call returns nil.
func (m *Monitor) Shutdown(ctx context.Context) error {
	if m == nil || !m.closing.CompareAndSwap(false, true) {
		return nil
	}
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, shutdownDefault)
		defer cancel()
	}
	m.uninstall()
	return errors.Join(
		m.endIntake(ctx),
		closeBy(ctx, []closer{{"alerts", m.Alerts.Close}, {"business", m.Business.Close}, {"errors", m.Errors.Close}}),
		closeBy(ctx, []closer{{"database", m.DB.Close}, {"performance", m.Perf.Close}}),
		closeBy(ctx, []closer{{"log", m.Log.Close}, {"metrics", m.Metrics.Close}}))
}

// endIntake ends the streams and evaluates once more. Both run code of the
// service (panels, hooks on the sample), which may hang.
func (m *Monitor) endIntake(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)/shutdownIntake)
	defer cancel()
	return closeBy(ctx, []closer{{"dashboard", m.dashboard.Close}, {"last evaluation", func(context.Context) error {
		if !m.config.Disabled {
			m.Metrics.Sample(m.now())
		}
		return nil
	}}})
}

type closer struct {
	name  string
	close func(context.Context) error
}

// closeBy runs all closers side by side and waits for them until shortly after
// ctx's deadline. They are told to end a little before it, so that on a busy
// machine too they can still say what is left.
func closeBy(ctx context.Context, closers []closer) error {
	var (
		mu      sync.Mutex
		errs    []error
		pending = make(map[string]bool, len(closers))
		wg      sync.WaitGroup
	)
	for _, c := range closers {
		pending[c.name] = true
	}
	deadline, _ := ctx.Deadline()
	left := time.Until(deadline)
	early, cancel := context.WithDeadline(ctx, deadline.Add(-min(left/10, shutdownEarly)))
	defer cancel()
	for _, c := range closers {
		wg.Go(func() {
			err := c.close(early)
			mu.Lock()
			defer mu.Unlock()
			delete(pending, c.name)
			errs = append(errs, err)
		})
	}
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	late := time.NewTimer(max(time.Until(deadline)+shutdownGrace, shutdownLeast))
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
	mu.Lock()
	defer mu.Unlock()
	for name := range pending {
		errs = append(errs, fmt.Errorf("%s: not done by the deadline", name))
	}
	return errors.Join(errs...)
}
