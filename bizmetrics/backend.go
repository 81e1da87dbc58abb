package bizmetrics

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/spool"
)

// backend is where the committer puts events: the in-memory store with its
// journal, or the Store of the configuration, with a journal before it or not.
type backend interface {
	// claim tells at once, without I/O, whether an event is new.
	claim(r *ledger.Record) Outcome
	release(records ...*ledger.Record)
	// commit takes events in; left are those to be tried again.
	commit(ctx context.Context, records []*ledger.Record, now time.Time) (left []*ledger.Record, err error)
	// retry writes what a disk has refused.
	retry() error
	// flush makes durable what was committed. It may run beside commit.
	flush() error
	// settle waits until what was committed is in the store, if that works.
	settle(ctx context.Context) error
	// left tells how much is committed and not in the store.
	left() error
	store() Store
}

// journaled is the in-memory store with its journal, if there is one.
type journaled struct {
	*memory
	log       *spool.Log // nil: memory only
	counts    *counters
	bound     int
	unwritten [][]byte // what the disk has refused so far
	buf       []byte   // for lines, again and again
	logged    int      // records in the log
	sections  []string // of the journal, that are in the store
	applier   applier
	looked    time.Time // when the committer last looked whether it is another day
}

func (j *journaled) claim(r *ledger.Record) Outcome    { return j.known.claim(r) }
func (j *journaled) release(records ...*ledger.Record) { j.known.release(records...) }
func (j *journaled) store() Store                      { return j }

// commit writes events to the journal and has them taken in. Where the disk
// refuses, reports have them all the same, and flush tries again.
func (j *journaled) commit(ctx context.Context, records []*ledger.Record, now time.Time) ([]*ledger.Record, error) {
	if err := j.applier.wait(ctx, maxBehind*j.bound); err != nil {
		return records, err
	}
	err := j.write(records)
	j.applier.hand(records, j.put)
	if j.due(now) && j.sweep(now) && j.log != nil && j.logged > j.size()*3/2+1000 {
		if rewriteErr := j.compact(); err == nil {
			err = rewriteErr
		}
	}
	return nil, err
}

// due reports once a minute that it may be another day: looking means to wait
// for what is being taken in.
func (j *journaled) due(now time.Time) bool {
	if since := now.Sub(j.looked); since >= 0 && since < time.Minute {
		return false
	}
	j.looked = now
	return true
}

func (j *journaled) write(records []*ledger.Record) error {
	if j.log == nil {
		return nil
	}
	b := j.buf[:0]
	for _, r := range records {
		begin := len(b)
		b = r.AppendLine(b)
		j.unwritten = append(j.unwritten, b[begin:len(b):len(b)]) // stays as it is when b moves
	}
	err := j.writeOut()
	if j.buf = nil; err == nil && cap(b) <= 4<<20 { // else unwritten still needs it, or it is much for one burst
		j.buf = b
	}
	return err
}

func (j *journaled) writeOut() error {
	if len(j.unwritten) == 0 {
		return nil
	}
	if err := j.log.Append(j.unwritten...); err != nil {
		if over := len(j.unwritten) - j.bound; over > 0 {
			j.unwritten = append([][]byte(nil), j.unwritten[over:]...)
			j.counts.drop(reasonJournal, over)
		}
		return fmt.Errorf("journal %d events: %w", len(j.unwritten), err)
	}
	j.logged += len(j.unwritten)
	clear(j.unwritten)
	j.unwritten = j.unwritten[:0]
	return nil
}

func (j *journaled) settle(ctx context.Context) error { return j.applier.wait(ctx, 0) }
func (j *journaled) left() error                      { return nil }

func (j *journaled) retry() error {
	if j.log == nil {
		return nil
	}
	return j.writeOut()
}

func (j *journaled) flush() error {
	if j.log == nil {
		return nil
	}
	if err := j.log.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	return nil
}

// Close writes out the journal and releases its folder.
func (j *journaled) Close() error {
	if err := j.settle(context.Background()); err != nil {
		return err
	}
	if j.log == nil {
		return nil
	}
	if err := j.log.Close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}
