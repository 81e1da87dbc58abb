package shop

import (
	"context"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// syncEvery is how many events are recorded before the recorder's queue is
// given time to write them.
const syncEvery = 500

// Replay records again what the tables know since a time. Events count once by
// their IDs, so that this is safe at every start: it brings back what a
// recorder in memory forgot, and what a crash kept from being recorded.
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
	err := s.store.Replay(ctx, since, store.History{
		Order: func(o store.Order) error {
			for _, st := range []step{placed, confirmed, delivered, cancelled} {
				if e, happened := orderEvent(o, st); happened {
					if err := count(recorder.RecordOrder(ctx, e)); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Payment: func(p store.Payment) error { return count(recorder.RecordPayment(ctx, paymentEvent(p))) },
		Refund:  func(r store.Refund) error { return count(recorder.RecordRefund(ctx, refundEvent(r))) },
		Offer:   func(f store.Offer) error { return count(recorder.RecordSupplierResponse(ctx, responseEvent(f))) },
		Rating:  func(r store.Rating) error { return count(recorder.RecordNPS(ctx, ratingEvent(r))) },
	})
	if err != nil {
		return n, err
	}
	return n, recorder.Sync(ctx)
}
