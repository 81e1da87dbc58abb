package alerting

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// item is a notification with its place in the queue.
type item struct {
	seq uint64
	n   Notification
}

// sender delivers the messages of one route, one after the other.
type sender struct {
	route Route
	out   *outbox
	wake  chan struct{} // something was added
	kick  chan struct{} // try now

	mu      sync.Mutex
	items   []item
	failed  int  // tries in a row
	givenUp bool // the process ends, and the last try has failed
}

func (s *sender) add(i item) {
	s.mu.Lock()
	s.items = append(s.items, i)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *sender) head() (item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) == 0 {
		return item{}, false
	}
	return s.items[0], true
}

// run delivers until the outbox stops it.
func (s *sender) run() {
	for s.out.ctx.Err() == nil {
		i, ok := s.head()
		if !ok {
			select {
			case <-s.wake:
			case <-s.out.ctx.Done():
			}
			continue
		}
		err := s.try(i.n)
		switch {
		case err == nil:
			s.finish(i)
		case IsPermanent(err):
			s.taken()
			s.out.drop(i.seq, lostRefused, "alerts: a receiver refuses a notification", "route", s.route.Name, "key", i.n.Key, "error", err)
		case s.out.isClosing():
			s.giveUp()
			return
		default:
			s.pause(err)
		}
	}
}

// try calls the receiver once. A receiver that panics has failed.
func (s *sender) try(n Notification) (err error) {
	ctx, cancel := context.WithTimeout(s.out.ctx, notifyTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("alerts: the receiver panicked: %v", p)
		}
	}()
	alerts := make([]Alert, len(n.Alerts)) // a receiver may change what it gets
	for i, a := range n.Alerts {
		alerts[i] = a.clone()
	}
	n.Alerts = alerts
	return s.route.To.Notify(ctx, n)
}

// taken notes that the receiver has answered.
func (s *sender) taken() {
	s.mu.Lock()
	back := s.failed > 0
	s.items[0] = item{} // the array behind it lives on
	s.items = s.items[1:]
	s.failed = 0
	s.mu.Unlock()
	if back {
		s.out.log().Info("alerts: the receiver answers again", "route", s.route.Name)
	}
}

func (s *sender) finish(i item) {
	s.taken()
	s.out.done(i.seq)
}

func (s *sender) giveUp() {
	s.mu.Lock()
	s.givenUp = true
	s.mu.Unlock()
	s.out.moved()
}

// pause waits after a try that failed, longer each time.
func (s *sender) pause(err error) {
	s.mu.Lock()
	s.failed++
	failed := s.failed
	s.mu.Unlock()
	if failed == 1 && s.out.ctx.Err() == nil {
		s.out.log().Warn("alerts: a receiver cannot be reached; trying again", "route", s.route.Name, "error", err)
	}
	timer := time.NewTimer(backoff(failed, rand.Float64()))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.kick:
	case <-s.out.ctx.Done():
	}
}

func (s *sender) stuck() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.givenUp {
		return 0
	}
	return len(s.items)
}

func (s *sender) failing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed > 0
}

// backoff is the pause after failed tries: 1 s, doubled each time, at most
// 5 min, and up to a quarter off or on by random (0 to 1), so that many
// processes do not come back in step.
func backoff(failed int, random float64) time.Duration {
	const longest = 5 * time.Minute
	d := longest
	if failed <= 9 {
		d = min(time.Second<<(failed-1), longest)
	}
	return time.Duration(float64(d) * (0.75 + random/2))
}
