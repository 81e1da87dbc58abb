package bizmetrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

const appendBatch = 5000 // events in one call of Store.Append

// external commits to a Store of the service's choice. Only that store knows
// what is new, so events are counted when it has answered.
type external struct {
	Store
	core *core
}

func (e *external) claim(*ledger.Record) Outcome { return Stored }
func (e *external) release(...*ledger.Record)    {}
func (e *external) retry() error                 { return nil }
func (e *external) flush() error                 { return nil }
func (e *external) settle(context.Context) error { return nil }
func (e *external) left() error                  { return nil }
func (e *external) store() Store                 { return e.Store }

// commit hands records to the store, in order. What it has taken when it fails
// is not among left.
func (e *external) commit(ctx context.Context, records []*ledger.Record, _ time.Time) (left []*ledger.Record, err error) {
	for len(records) > 0 {
		n, err := e.deliver(ctx, records[:min(len(records), appendBatch)])
		records = records[n:]
		if err != nil {
			return records, fmt.Errorf("store %d events: %w", len(records), err)
		}
	}
	return nil, nil
}

// deliver hands over one batch, and says how many of it, from the first on,
// are done. An event that the store refuses for ever must not hold up all
// others: a batch that is refused as invalid is halved until it is found, and
// left out.
func (e *external) deliver(ctx context.Context, records []*ledger.Record) (done int, err error) {
	outcomes, err := e.append(ctx, records)
	switch {
	case err == nil:
		e.count(records, outcomes)
		return len(records), nil
	case !errors.Is(err, ErrInvalid):
		return 0, err
	case len(records) == 1:
		e.refuse(records[0], err)
		return 1, nil
	}
	half := len(records) / 2
	if done, err = e.deliver(ctx, records[:half]); err != nil {
		return done, err
	}
	more, err := e.deliver(ctx, records[half:])
	return half + more, err
}

// append calls the store, which is somebody else's code.
func (e *external) append(ctx context.Context, records []*ledger.Record) (_ []Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the store panicked: %v", p)
		}
	}()
	events := make([]Event, len(records))
	for i, r := range records {
		event, err := r.Event()
		if err != nil {
			return nil, err
		}
		events[i] = Event(event)
	}
	return e.Append(ctx, events)
}

// count counts what the store has answered. How old an event is shows now: it
// may have waited for hours.
func (e *external) count(records []*ledger.Record, outcomes []Outcome) {
	now := e.core.cfg.Now().UnixMicro()
	for i, o := range outcomes {
		if i < len(records) && o >= Stored && o <= Conflict {
			r := records[i]
			r.Arrived = max(r.Arrived, now)
			e.core.counts.count(r, o)
		}
	}
}

func (e *external) refuse(r *ledger.Record, err error) {
	e.core.lose(reasonRefused, 1)
	e.core.cfg.Logger.Error("the store refuses a business event for ever", slog.String("event", r.Kind.Key(r.ID)), slog.Any("error", err))
}
