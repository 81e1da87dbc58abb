package shop

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// syncEvery is how many events are recorded before the recorder's queue is
// given time to write them.
const syncEvery = 5000

// Replay records again what the tables know since a time. Events count once by
// their IDs, so that this is safe at every start: it brings back what a crash
// kept from being recorded.
func (s *Shop) Replay(ctx context.Context, recorder *bizmetrics.Recorder, since time.Time) (int, error) {
	n := 0
	count := func(err error) error {
		if err != nil {
			return err
		}
		if n++; n%syncEvery == 0 {
			return recorder.Sync(ctx)
		}
		return nil
	}
	b := book{recorder}
	err := s.store.Replay(ctx, since, store.History{
		Order: func(o store.Order) error {
			for _, st := range []step{placed, confirmed, delivered, cancelled} {
				if err := count(b.order(ctx, o, st)); err != nil {
					return err
				}
			}
			return nil
		},
		Payment:     func(p store.Payment) error { return count(b.payment(ctx, p)) },
		Refund:      func(r store.Refund) error { return count(b.refund(ctx, r)) },
		Offer:       func(f store.Offer) error { return count(b.answer(ctx, f)) },
		Rating:      func(r store.Rating) error { return count(b.rating(ctx, r)) },
		Signup:      func(n store.Signup) error { return count(b.signup(ctx, n)) },
		Invitation:  func(i store.Invitation) error { return count(b.invitation(ctx, i)) },
		Advertising: func(a store.Advertising) error { return count(b.advertising(ctx, a)) },
	})
	if err != nil {
		return n, err
	}
	return n, recorder.Sync(ctx)
}
