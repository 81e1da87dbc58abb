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
// Only fsync is done by another one: it may take longer than the queue has room
// for.
type committer struct {
	r       *core
	left    []*ledger.Record // refused by the store, to be tried again
	backoff time.Duration
	dirty   bool // committed, not flushed

	flushed  chan error // of the flush that is going on; nil: there is none
	flushing []answer   // who waits for it
	waiting  []answer   // who needs another one
	retryErr error      // of what a disk has refused
}

// answer is where a Sync waits, with what was wrong so far.
type answer struct {
	to  chan<- error
	err error
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
			c.flush()
		case err := <-c.flushed:
			c.endFlush(err)
		case to := <-r.syncs:
			c.waiting = append(c.waiting, answer{to, c.commit(ctx)})
			c.flush()
		case <-r.stop:
			if c.flushed != nil {
				c.endFlush(<-c.flushed)
			}
			r.last = c.commit(ctx)
			for c.flush(); c.flushed != nil; {
				err := <-c.flushed
				r.last = errors.Join(r.last, err)
				c.endFlush(err)
			}
			r.last = errors.Join(r.last, c.retryErr, r.backend.store().Close()) // also after Close has given up waiting
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

// flush begins to make durable what was committed, unless that is going on.
func (c *committer) flush() {
	if c.flushed != nil {
		return
	}
	c.flushing, c.waiting = c.waiting, nil
	if !c.dirty {
		c.tell(nil)
		return
	}
	if c.retryErr = c.r.backend.retry(); c.retryErr != nil {
		c.note(c.retryErr)
		c.tell(c.retryErr)
		return
	}
	c.dirty = false
	done := make(chan error, 1)
	c.flushed = done
	go func() { done <- c.r.backend.flush() }()
}

// endFlush takes the result of a flush, and begins the next if one is needed.
func (c *committer) endFlush(err error) {
	c.flushed = nil
	c.dirty = c.dirty || err != nil
	c.note(err)
	c.tell(err)
	if len(c.waiting) > 0 {
		c.flush()
	}
}

// tell answers those who waited for a flush.
func (c *committer) tell(err error) {
	for _, a := range c.flushing {
		a.to <- errors.Join(a.err, err)
	}
	c.flushing = nil
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
	var err error
	for stuck := false; !stuck && len(records) > 0; { // in parts, so that there is room again before all is stored
		part := records[:min(len(records), appendBatch)]
		left, e := c.r.backend.commit(ctx, part, c.r.cfg.Now())
		if err == nil {
			err = e
		}
		stored := len(part) - len(left)
		c.r.queue.done(stored)
		records, stuck = records[stored:], len(left) > 0
	}
	c.left = slices.Clone(records)
	c.r.queue.reuse(taken)
	c.dirty = true
	c.note(err)
	if err != nil {
		c.backoff = min(max(2*c.backoff, minBackoff), maxBackoff)
	} else {
		c.backoff = 0
	}
	return err
}

// note says once that events cannot be stored, and once that they are again.
// That a flush succeeds says nothing of those that are left.
func (c *committer) note(err error) {
	switch failing := c.r.failing.Load() != 0; {
	case err != nil && !failing:
		c.r.failing.Store(c.r.cfg.Now().UnixMicro())
		c.r.cfg.Logger.Error("business events cannot be stored", slog.Any("error", err))
	case err == nil && failing && len(c.left) == 0:
		c.r.failing.Store(0)
		c.r.cfg.Logger.Info("business events are stored again")
	}
}

// Sync returns when all that was recorded before the call is durable and in the
// store. With a journal durable means fsynced; and while a Store of the
// configuration is away, or takes nothing for some seconds, being in the
// journal must do. Its error says what is missing; the events are tried again
// all the same.
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
		if err = errors.Join(err, r.backend.settle(ctx)); err != nil {
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
		err = errors.Join(r.undelivered(), r.backend.left(), fmt.Errorf("close business events: %w", ctx.Err()))
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
