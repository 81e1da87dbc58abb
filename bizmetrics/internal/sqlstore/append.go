package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

// Append keeps events: [bizmetrics.Store]. It refuses what no database would
// give back as it was, a NUL in a text, and negative amounts.
func (s *Store) Append(ctx context.Context, events []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	entries, err := entriesOf(events)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("append events: %w", ctx.Err())
	}
	var outcomes []bizmetrics.Outcome
	currency := s.currency.Load()
	err = s.engine.Write(ctx, func(tx Tx) error {
		if !s.engine.Exclusive() {
			s.caches.clear()
		}
		b := &batch{
			tx: tx, cache: s.caches, deltas: newDeltas(s.days), entries: entries,
			outcomes: make([]bizmetrics.Outcome, len(entries)), touched: map[*unit]struct{}{},
		}
		if err := b.run(); err != nil {
			return err
		}
		outcomes = b.outcomes
		if currency != nil {
			return nil
		}
		var err error
		currency, err = settleCurrency(tx, b.fresh)
		return err
	})
	if err != nil {
		s.caches.clear()
		return nil, fmt.Errorf("append %d events: %w", len(events), err)
	}
	if currency != nil {
		s.currency.Store(currency)
	}
	s.sweep(ctx, time.Now())
	return outcomes, nil
}

const decodeAtOnce = 256 // events; fewer are not worth a goroutine

// entriesOf decodes events, side by side if they are many.
func entriesOf(events []bizmetrics.Event) ([]*entry, error) {
	entries := make([]*entry, len(events))
	decode := func(from, to int) error {
		for i := from; i < to; i++ {
			e, err := newEntry(&events[i])
			if err != nil {
				return fmt.Errorf("append event %d: %w", i, err)
			}
			entries[i] = e
		}
		return nil
	}
	workers := min(runtime.GOMAXPROCS(0), len(events)/decodeAtOnce, 8)
	if workers < 2 {
		return entries, decode(0, len(events))
	}
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() { errs[w] = decode(w*len(events)/workers, (w+1)*len(events)/workers) })
	}
	all.Wait()
	return entries, cmp.Or(errs...)
}

func newEntry(event *bizmetrics.Event) (*entry, error) {
	r, err := ledger.Decode(ledger.Event(*event))
	if err != nil {
		return nil, err
	}
	if err := check(r); err != nil {
		return nil, err
	}
	e := &entry{rec: r, hash: hashOf(event.Key), data: event.Data}
	if order := r.Unit(); order != "" {
		e.unit = hashOf(order)
	}
	return e, nil
}

func check(r *ledger.Record) error {
	var f config.Faults
	for _, text := range [...]struct{ field, text string }{
		{"id", r.ID}, {"order", r.Order}, {"customer", r.Customer}, {"supplier", r.Supplier}, {"method", r.Method},
		{"text", r.Text}, {"tenant", r.Tenant}, {"currency", r.Amount.Currency}, {"value.currency", r.Base},
	} {
		if strings.IndexByte(text.text, 0) >= 0 {
			f.Add("Event.Data."+text.field, "a text without NUL", nil)
		}
	}
	for _, n := range [...]struct {
		field string
		n     int64
	}{{"amount", r.Amount.Minor}, {"value", r.Value}, {"after", int64(r.After)}} {
		if n.n < 0 {
			f.Add("Event.Data."+n.field, "a number that is not negative", n.n)
		}
	}
	return f.Err()
}

const currencySetting = "currency"

// settleCurrency finds the currency of the reports: that of the first value
// that is stored.
func settleCurrency(tx Tx, fresh []*entry) (*string, error) {
	found, err := readSetting(tx, currencySetting)
	if err != nil || found != nil {
		return found, err
	}
	for _, e := range fresh {
		if e.rec.Base != "" {
			return &e.rec.Base, writeSetting(tx, currencySetting, e.rec.Base)
		}
	}
	return nil, nil
}
