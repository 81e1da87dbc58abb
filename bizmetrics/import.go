package bizmetrics

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Imported counts what became of the events of an import.
type Imported struct {
	Stored     int64
	Duplicates int64 // known already
	Conflicts  int64 // known already with other content: the first wins
	Refused    int64 // no events, or ones that cannot be taken
}

const (
	maxRefusals = 10 // that the error of an import names
	importBatch = 1000
	importRetry = 2 * time.Millisecond // while the queue is full
)

// Events gives the events that the store keeps, from from until before to in
// order of time: for a view, those of its tenant. A zero from is before all, a
// zero to after all. What was recorded before the last [Recorder.Sync] is among
// them. [WriteJSONLines] and [WriteCSV] take it.
func (r *Recorder) Events(ctx context.Context, from, to time.Time) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if r == nil {
			yield(Event{}, ErrNotInitialized)
			return
		}
		if from.IsZero() {
			from = time.Unix(0, 0)
		}
		if to.IsZero() {
			to = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		for e, err := range r.backend.store().Scan(ctx, from, to) {
			if err == nil && r.tenant != "" {
				var of bool
				if of, err = e.of(r.tenant); err == nil && !of {
					continue
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (e Event) of(tenant string) (bool, error) {
	record, err := ledger.Decode(ledger.Event(e))
	return err == nil && record.Tenant == tenant, err
}

// Import records events, such as those of [ReadJSONLines] or [ReadCSV], and
// tells what became of them. Each counts once by its key, however often it is
// imported or was recorded. Unlike the Record methods it waits, for the queue
// or for the store, until ctx ends; once it returns the events are durable, as
// after [Recorder.Sync]. However young they are they are history: no live rate
// rises.
//
// A line that cannot be read, and an event whose fields are wrong or whose
// currency cannot be converted, is refused and counted, and the import goes on;
// the error then names the first ten. Any other error ends it: what was counted
// until then is stored, and a second import of the same events is safe. An
// event without a tenant becomes one of the view's tenant.
func (r *Recorder) Import(ctx context.Context, events iter.Seq2[Event, error]) (Imported, error) {
	if inert, err := r.inert(); inert {
		return Imported{}, err
	}
	i := importer{r: r, ctx: ctx}
	err := i.all(events)
	if err == nil {
		err = i.flush()
	}
	if err == nil {
		err = r.Sync(ctx)
	}
	if err != nil {
		err = fmt.Errorf("import events: %w", err)
	}
	return i.counts, errors.Join(append(i.refusals, err)...)
}

// importer is one import.
type importer struct {
	r        *Recorder
	ctx      context.Context
	counts   Imported
	refusals []error
	batch    []*ledger.Record // for a store that knows alone what is new
}

func (i *importer) all(events iter.Seq2[Event, error]) error {
	for e, err := range events {
		if bad := new(LineError); errors.As(err, &bad) {
			i.refuse(bad)
			continue
		}
		if err != nil {
			return err
		}
		record, err := i.r.imported(e)
		if err != nil {
			i.refuse(fmt.Errorf("event %q: %w", cut(e.Key, 64), err))
			continue
		}
		if err := i.take(record); err != nil {
			return err
		}
	}
	return nil
}

func (i *importer) refuse(err error) {
	if i.counts.Refused++; len(i.refusals) < maxRefusals {
		i.refusals = append(i.refusals, err)
	}
}

// imported is an event as it would have been recorded.
func (r *Recorder) imported(e Event) (*ledger.Record, error) {
	record, err := parse(e)
	if err != nil {
		return nil, err
	}
	if record.Kind == ledger.KindNPS || record.Kind == ledger.KindPayment {
		record.Text = clean(record.Text)
	}
	if record.Tenant == "" {
		record.Tenant = r.tenant
	}
	if err := r.convert(record); err != nil {
		return nil, err
	}
	// Whatever its age, it came too late to be a part of what happens now.
	record.Arrived = max(r.cfg.Now().UnixMicro(), record.At+liveFor.Microseconds()+1)
	record.Own()
	return record, nil
}

// take records one event.
func (i *importer) take(record *ledger.Record) error {
	if i.r.cfg.Store != nil {
		if i.batch = append(i.batch, record); len(i.batch) < importBatch {
			return nil
		}
		return i.flush()
	}
	for {
		outcome, err := i.r.queue.push(record, i.r.backend.claim, i.r.backend.release)
		switch {
		case err == nil:
			i.count(record, outcome)
			return nil
		case !errors.Is(err, errFull):
			return fmt.Errorf("%w: %w", ErrDropped, err)
		}
		select {
		case <-time.After(importRetry):
		case <-i.ctx.Done():
			return fmt.Errorf("wait for the queue: %w", i.ctx.Err())
		}
	}
}

// flush hands the batch to the store, whose answer says what was new.
func (i *importer) flush() error {
	if len(i.batch) == 0 {
		return nil
	}
	events := make([]Event, len(i.batch))
	for n, record := range i.batch {
		e, err := record.Event()
		if err != nil {
			return err
		}
		events[n] = Event(e)
	}
	outcomes, err := i.r.cfg.Store.Append(i.ctx, events)
	if err != nil {
		return fmt.Errorf("store %d events: %w", len(events), err)
	}
	if len(outcomes) != len(events) {
		return fmt.Errorf("store %d events: the store gave %d outcomes", len(events), len(outcomes))
	}
	for n, outcome := range outcomes {
		i.count(i.batch[n], outcome)
	}
	i.batch = i.batch[:0]
	return nil
}

func (i *importer) count(record *ledger.Record, outcome Outcome) {
	i.r.counts.count(record, outcome)
	switch outcome {
	case Stored:
		i.counts.Stored++
	case Duplicate:
		i.counts.Duplicates++
	case Conflict:
		i.counts.Conflicts++
	}
}
