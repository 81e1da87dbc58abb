package bizmetrics

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// maxBehind is how many times what the queue holds may wait for the applier:
// records that are going to be in memory anyway.
const maxBehind = 16

// applier puts records into memory beside the committer, so that a long report,
// or memory that is being tidied up, does not keep what comes from the journal.
// Its goroutine is there while there is something to do; wait outlives it. The
// zero applier is ready.
type applier struct {
	mu      sync.Mutex
	pending [][]*ledger.Record
	given   uint64 // records handed over
	applied uint64 // of these, in memory
	running bool
	news    chan struct{} // closed when there is more applied; nil: nobody waits
}

// hand takes a copy of records to be put, in order.
func (a *applier) hand(records []*ledger.Record, put func([]*ledger.Record)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending = append(a.pending, slices.Clone(records))
	a.given += uint64(len(records))
	if !a.running {
		a.running = true
		go a.run(put)
	}
}

func (a *applier) run(put func([]*ledger.Record)) {
	for {
		a.mu.Lock()
		if len(a.pending) == 0 {
			a.running = false
			a.mu.Unlock()
			return
		}
		next := a.pending[0]
		a.pending = a.pending[1:]
		a.mu.Unlock()
		put(next)
		a.mu.Lock()
		a.applied += uint64(len(next))
		if a.news != nil {
			close(a.news)
			a.news = nil
		}
		a.mu.Unlock()
	}
}

// wait returns when of what has been handed over until now no more than
// behind records are left.
func (a *applier) wait(ctx context.Context, behind int) error {
	a.mu.Lock()
	given := a.given
	for given-min(a.applied, given) > uint64(behind) {
		if a.news == nil {
			a.news = make(chan struct{})
		}
		news := a.news
		a.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return fmt.Errorf("take events in: %w", ctx.Err())
		}
		a.mu.Lock()
	}
	a.mu.Unlock()
	return nil
}
