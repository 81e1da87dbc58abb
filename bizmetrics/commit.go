package bizmetrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

const (
	gather     = 20 * time.Millisecond // events that come within it are committed together
	flushEvery = time.Second           // between fsyncs while there is something new
	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// committer hands what is queued to the backend. It belongs to one goroutine.
type committer struct {
	r       *core
	left    []*ledger.Record // refused by the store, to be tried again
	backoff time.Duration
	failing bool
	dirty   bool // committed, not flushed
}

// run is the one goroutine of a Recorder and its views.
func (r *core) run(ctx context.Context) {
	defer close(r.stopped)
	c := &committer{r: r}
	var commit, flush <-chan time.Time
	for {
		select {
		case <-r.queue.wake:
			if commit == nil {
				commit = time.After(gather)
			}
			continue
		case <-r.queue.urgent:
			_ = c.commit(ctx) // noted, and tried again
		case <-commit:
			commit = nil
			_ = c.commit(ctx) // noted, and tried again
		case <-flush:
			flush = nil
			_ = c.flush()
		case answer := <-r.syncs:
			answer <- errors.Join(c.commit(ctx), c.flush())
		case <-r.stop:
			r.last = errors.Join(c.commit(ctx), c.flush(), r.backend.store().Close()) // also after Close has given up waiting
			return
		}
		if len(c.left) > 0 && commit == nil {
			commit = time.After(c.backoff)
		}
		if c.dirty && flush == nil {
			flush = time.After(flushEvery)
		}
	}
}

// commit hands over all that waits, oldest first.
func (c *committer) commit(ctx context.Context) error {
	taken := c.r.queue.take()
	records := taken
	if len(c.left) > 0 {
		records = slices.Concat(c.left, taken)
	}
	if len(records) == 0 {
		return nil
	}
	left, err := c.r.backend.commit(ctx, records, c.r.cfg.Now())
	c.left = left
	c.r.queue.done(len(records) - len(left))
	c.dirty = true
	c.note(err)
	if err != nil {
		c.backoff = min(max(2*c.backoff, minBackoff), maxBackoff)
	} else {
		c.backoff = 0
	}
	return err
}

func (c *committer) flush() error {
	if !c.dirty {
		return nil
	}
	err := c.r.backend.flush()
	c.dirty = err != nil
	c.note(err)
	return err
}

// note says once that the store fails, and once that it works again.
func (c *committer) note(err error) {
	switch {
	case err != nil && !c.failing:
		c.r.cfg.Logger.Error("business events cannot be stored", slog.Any("error", err))
	case err == nil && c.failing && len(c.left) == 0:
		c.r.cfg.Logger.Info("business events are stored again")
	}
	c.failing = err != nil
	c.r.failing.Store(c.failing)
}

// Sync returns when all that was recorded before the call is in the store and
// durable: with a journal, fsynced. Its error says why it is not; the events
// are tried again all the same.
func (r *Recorder) Sync(ctx context.Context) error {
	switch {
	case r == nil:
		return ErrNotInitialized
	case r.cfg.Disabled:
		return nil
	}
	answer := make(chan error, 1)
	select {
	case r.syncs <- answer:
	case <-r.stopped:
		return r.undelivered()
	case <-ctx.Done():
		return fmt.Errorf("sync business events: %w", ctx.Err())
	}
	select {
	case err := <-answer:
		if err != nil {
			return fmt.Errorf("sync business events: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sync business events: %w", ctx.Err())
	}
}

// Close lets nothing more in, stores what waits and closes the store. It
// returns by ctx's deadline; its error names what could not be stored. A second
// Close, of whichever view, returns nil.
func (r *Recorder) Close(ctx context.Context) (err error) {
	if r == nil || r.cfg.Disabled {
		return nil
	}
	r.closing.Do(func() { err = r.close(ctx) })
	return err
}

func (r *core) close(ctx context.Context) error {
	r.queue.close()
	close(r.stop)
	var err error
	select {
	case <-r.stopped:
		err = errors.Join(r.undelivered(), r.last)
	case <-ctx.Done():
		err = errors.Join(r.undelivered(), fmt.Errorf("close business events: %w", ctx.Err()))
	}
	r.cancel()
	r.unregister()
	if r.private != nil {
		err = errors.Join(err, r.private.Close(ctx))
	}
	return err
}

// undelivered names how many events are not stored.
func (r *core) undelivered() error {
	switch n := r.queue.len(); n {
	case 0:
		return nil
	case 1:
		return errors.New("business: 1 event not stored")
	default:
		return fmt.Errorf("business: %d events not stored", n)
	}
}
