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
	shutdownLeast   = 5 * time.Millisecond  // for each step, however late it is
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
	errs := []error{closeSoon(ctx, closer{"dashboard", m.dashboard.Close})}
	if !m.config.Disabled {
		errs = append(errs, closeBy(ctx, []closer{{"the last evaluation", m.sample}}))
	}
	errs = append(errs,
		closeBy(ctx, []closer{{"alerts", m.Alerts.Close}, {"business", m.Business.Close}, {"errors", m.Errors.Close}}),
		closeBy(ctx, []closer{{"database", m.DB.Close}, {"performance", m.Perf.Close}}),
		closeBy(ctx, []closer{{"log", m.Log.Close}, {"metrics", m.Metrics.Close}}))
	return errors.Join(errs...)
}

// sample takes the last sample, on which the rules are judged. It asks
// producers of the service's own, which may hang.
func (m *Monitor) sample(context.Context) error {
	m.Metrics.Sample(m.now())
	return nil
}

// closeSoon takes a quarter of the time at most: the streams end at once, and a
// panel of the service that hangs is not to cost what is left to deliver.
func closeSoon(ctx context.Context, c closer) error {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, min(time.Until(deadline)/4, time.Second))
	defer cancel()
	return closeBy(ctx, []closer{c})
}

type closer struct {
	name  string
	close func(context.Context) error
}

// closeBy runs all closers side by side and waits for them until shortly after
// ctx's deadline.
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
	for _, c := range closers {
		wg.Go(func() {
			err := c.close(ctx)
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
	deadline, _ := ctx.Deadline()
	late := time.NewTimer(max(time.Until(deadline)+shutdownGrace, shutdownLeast))
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
	mu.Lock()
	defer mu.Unlock()
	for name := range pending {
		errs = append(errs, fmt.Errorf("%s: not closed by the deadline", name))
	}
	return errors.Join(errs...)
}
