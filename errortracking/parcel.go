package errortracking

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// parcel is what one envelope carries, besides a report.
type parcel struct {
	category    category
	header      envelopeHeader
	items       []byte
	seq         uint64       // in the spool; 0: not from there
	transaction *transaction // nil: none
}

// next waits for something that may be sent: the oldest event, else the oldest
// transaction, else a report that is due.
func (d *delivery) next(ctx context.Context) (parcel, error) {
	for {
		now := time.Now()
		d.adopt(now)
		p, news, err := d.event(now)
		if err != nil || p.seq != 0 {
			return p, err
		}
		if p, ok := d.transaction(now); ok {
			return p, nil
		}
		wake := d.heldTill
		if !d.t.discards.empty() {
			due := d.reported.Add(reportEvery)
			if until := d.limits.of(categoryInternal, now); until.After(due) {
				due = until
			}
			if !due.After(now) {
				return parcel{category: categoryInternal}, nil
			}
			if wake.IsZero() || due.Before(wake) {
				wake = due
			}
		}
		pause := reportEvery
		if !wake.IsZero() {
			pause = min(pause, wake.Sub(now))
		}
		timer := time.NewTimer(pause)
		select {
		case <-news:
		case <-d.transactions.news:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return parcel{}, ctx.Err()
		}
	}
}

// adopt takes over what other processes left that died while this one lives.
func (d *delivery) adopt(now time.Time) {
	if now.Sub(d.adopted) < adoptEvery {
		return
	}
	d.adopted = now
	if _, err := d.queue.Adopt(); err != nil {
		d.t.sayOnce(&d.t.adoption, "events of a dead process cannot be taken over", "error", err.Error())
	}
	d.t.pending.room.Store(d.queue.Room())
}

// event is the oldest one whose category is not limited; seq 0: there is none,
// until news.
func (d *delivery) event(now time.Time) (p parcel, news <-chan struct{}, err error) {
	if !d.heldTill.IsZero() && !now.Before(d.heldTill) {
		d.passed, d.heldTill = 0, time.Time{}
	}
	for {
		e, news, err := d.queue.Poll(d.passed)
		if err != nil || e.Seq == 0 {
			return parcel{}, news, err
		}
		p := unpack(e)
		until := d.limits.of(p.category, now)
		if until.IsZero() {
			return p, nil, nil
		}
		if d.heldTill.IsZero() || until.Before(d.heldTill) {
			d.heldTill = until
		}
		d.passed = e.Seq
	}
}

// transaction is the oldest one. Those that are limited are dropped, as Sentry
// asks.
func (d *delivery) transaction(now time.Time) (parcel, bool) {
	for {
		x, ok := d.transactions.first()
		if !ok {
			return parcel{}, false
		}
		if !d.limits.of(categoryTransaction, now).IsZero() {
			d.t.lostTransaction(discardRateLimit, x)
			d.doneTransaction()
			continue
		}
		h, item, err := d.t.encodeTransaction(x)
		if err != nil {
			d.t.lostTransaction(discardInternal, x)
			d.t.say(slog.LevelWarn, "a transaction is lost", "error", err.Error())
			d.doneTransaction()
			continue
		}
		return parcel{category: categoryTransaction, header: h, items: item, transaction: &x}, true
	}
}

// unpack reads a record of the spool: a line, and the items of an envelope.
func unpack(e spool.Entry) parcel {
	p := parcel{category: categoryError, seq: e.Seq}
	line, items, _ := bytes.Cut(e.Data, []byte("\n"))
	var h recordHeader
	if json.Unmarshal(line, &h) == nil {
		p.header = envelopeHeader{EventID: h.EventID, Trace: h.Trace}
		if h.Category != "" {
			p.category = h.Category
		}
	}
	p.items = items
	return p
}
