package alerting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// Bounds of the outbox.
const (
	maxOutbox     = 16 << 20              // bytes of messages that are due
	notifyTimeout = 10 * time.Second      // a try
	closeGrace    = 20 * time.Millisecond // for a Notifier that has just been told to stop
)

// Why a message was lost, in monitoring.dropped.
const (
	lostFull    = "outbox_full"  // the outbox was full
	lostDisk    = "outbox_error" // the outbox could not be written
	lostRefused = "refused"      // the receiver refused it for good
	lostRoute   = "no_route"     // its route is no longer configured
	lostBroken  = "unreadable"   // the spool gave back what is no message
	lostMemory  = "closed"       // the process ended, and there is no state folder
	lostAlerts  = "too_many"     // 10,000 alerts were active
)

// message is a notification on its way to one route.
type message struct {
	Route string `json:"route"`
	Notification
}

// outbox delivers messages: each route in order and by itself, so that one
// dead receiver holds up no other, again and again until they are taken.
type outbox struct {
	q       *spool.Queue
	lost    func(reason string, n int)
	log     func() *slog.Logger
	senders map[string]*sender
	ctx     context.Context // of all goroutines
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu       sync.Mutex
	closing  bool
	progress chan struct{} // closed at each change of what is due
}

// newOutbox starts delivering what q holds to routes. known gets the keys of
// the messages that were in q already.
func newOutbox(q *spool.Queue, routes []Route, lost func(string, int), log func() *slog.Logger) (o *outbox, known map[string]bool) {
	o = &outbox{q: q, lost: lost, log: log, senders: map[string]*sender{}, progress: make(chan struct{})}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	for _, r := range routes {
		s := &sender{route: r, out: o, wake: make(chan struct{}, 1), kick: make(chan struct{}, 1)}
		o.senders[r.Name] = s
	}
	known = map[string]bool{}
	var after uint64
	for range q.Len() { // what an earlier process left
		e, err := q.Next(o.ctx, after)
		if err != nil {
			break
		}
		after = e.Seq
		known[o.dispatch(e)] = true
	}
	for _, s := range o.senders {
		o.wg.Go(s.run)
	}
	o.wg.Go(func() { o.run(after) })
	return o, known
}

// run dispatches what comes into the queue after the given place.
func (o *outbox) run(after uint64) {
	for failed := 1; ; {
		e, err := o.q.Next(o.ctx, after)
		switch {
		case err == nil:
			failed = 1
			after = e.Seq
			o.dispatch(e)
			continue
		case o.ctx.Err() != nil, errors.Is(err, spool.ErrClosed):
			return
		case failed == 1:
			o.log().Error("alerts: the outbox cannot be read; trying again", "error", err)
		}
		pause := time.NewTimer(backoff(failed, rand.Float64()))
		failed++
		select {
		case <-pause.C:
		case <-o.ctx.Done():
		}
		pause.Stop()
	}
}

// dispatch hands an entry to its sender, and returns its key.
func (o *outbox) dispatch(e spool.Entry) string {
	var m message
	if err := json.Unmarshal(e.Data, &m); err != nil {
		o.drop(e.Seq, lostBroken, "alerts: a message in the outbox cannot be read", "error", err)
		return ""
	}
	s := o.senders[m.Route]
	if s == nil {
		o.drop(e.Seq, lostRoute, "alerts: a message's route is no longer configured", "route", m.Route, "key", m.Key)
		return m.Key
	}
	s.add(item{e.Seq, m.Notification})
	return m.Key
}

// add puts m into the queue, on disk if there is one, before it returns.
func (o *outbox) add(m message) {
	data, err := json.Marshal(m)
	if err == nil {
		_, err = o.q.Append(data, true)
	}
	switch {
	case err == nil:
	case errors.Is(err, spool.ErrClosed):
		o.lost(lostMemory, 1)
	case errors.Is(err, spool.ErrFull):
		o.lost(lostFull, 1)
		o.log().Error("alerts: a notification is lost: the outbox is full", "route", m.Route, "key", m.Key)
	default:
		o.lost(lostDisk, 1)
		o.log().Error("alerts: a notification may be lost", "route", m.Route, "key", m.Key, "error", err)
	}
	o.moved()
}

// drop takes an entry off that nobody will ever get.
func (o *outbox) drop(seq uint64, reason, msg string, args ...any) {
	o.lost(reason, 1)
	o.log().Error(msg, args...)
	o.done(seq)
}

func (o *outbox) done(seq uint64) {
	if err := o.q.Done(seq); err != nil {
		o.log().Warn("alerts: a delivered message stays in the outbox", "error", err)
	}
	o.moved()
}

// moved wakes those that wait for the outbox to empty.
func (o *outbox) moved() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.progress)
	o.progress = make(chan struct{})
}

func (o *outbox) watch() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.progress
}

// kick makes every sender try at once, whatever its back-off.
func (o *outbox) kick() {
	for _, s := range o.senders {
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}
}

// flush waits until nothing is due.
func (o *outbox) flush(ctx context.Context) error {
	o.kick()
	for {
		moved := o.watch()
		n := o.q.Len()
		if n == 0 {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return leftError(n)
		}
	}
}

// close gives every receiver that has something due at least one more try,
// and stops by the deadline of ctx whatever they do. Its error counts what is
// left, with the waiting messages that never came into the outbox.
func (o *outbox) close(ctx context.Context, waiting int) error {
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout+time.Second)
	defer cancel()
	o.mu.Lock()
	o.closing = true
	o.mu.Unlock()
	o.kick()
wait:
	for {
		moved := o.watch()
		if o.q.Len() <= o.stuck() {
			break
		}
		select {
		case <-moved:
		case <-ctx.Done():
			break wait
		}
	}
	o.cancel()
	stopped := make(chan struct{})
	go func() { // ends when the last Notify has returned
		o.wg.Wait()
		close(stopped)
	}()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-stopped:
	case <-grace.C: // a Notifier that ignores its context
	}
	left := o.q.Len()
	if left > 0 && !o.q.Persistent() {
		o.lost(lostMemory, left)
	}
	var err error
	if left += waiting; left > 0 {
		err = leftError(left)
	}
	return errors.Join(err, wrap("close the outbox", o.q.Close()))
}

// stuck counts what the receivers that have been given up hold.
func (o *outbox) stuck() (n int) {
	for _, s := range o.senders {
		n += s.stuck()
	}
	return n
}

func (o *outbox) isClosing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing
}

// failing names the routes whose last try has failed.
func (o *outbox) failing() []string {
	var names []string
	for name, s := range o.senders {
		if s.failing() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func leftError(n int) error {
	if n == 1 {
		return errors.New("alerts: 1 notification left in the outbox")
	}
	return fmt.Errorf("alerts: %d notifications left in the outbox", n)
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("alerts: %s: %w", doing, err)
}
