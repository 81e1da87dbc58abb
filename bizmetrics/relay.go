package bizmetrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/spool"
)

const (
	relayFolder = "outgoing" // below Config.Dir
	relayBytes  = 16 << 30   // on disk: some 50 million events
	relayPlaces = 4 << 20    // bytes of events in one record of the spool
	countBytes  = 64 << 20   // of a journal whose events are counted at the end
	patience    = 3 * time.Second
	adoptEvery  = time.Minute
)

// relay is a Store with a journal before it. What is committed is on disk, in
// records of many events each, so that millions that wait need no memory; the
// ship goroutine hands them to the store in order, and takes off what that has
// acknowledged. What a killed process leaves is sent by the next one.
type relay struct {
	*external
	spool *spool.Queue
	buf   []byte
	said  bool // that the journal cannot be written; the committer's

	closing chan struct{} // no more will come
	stopped chan struct{} // ship is gone

	mu      sync.Mutex
	shipped uint64        // last record of the spool that the store has acknowledged
	away    bool          // the store did not take what it got last
	news    chan struct{} // closed when that changes
}

// openRelay gives the store alone, and says so, where the folder cannot be
// used.
func openRelay(ctx context.Context, c *core) backend {
	direct := &external{Store: c.cfg.Store, core: c}
	if c.cfg.Dir == "" {
		return direct
	}
	dir := filepath.Join(c.cfg.Dir, relayFolder)
	q, err := spool.Open(spool.Config{Dir: dir, MaxBytes: relayBytes, Sync: flushEvery})
	if err != nil {
		c.cfg.Logger.Warn("business events that wait for the store are kept in memory only", slog.String("dir", dir), slog.Any("error", err))
	}
	if !q.Persistent() {
		_ = q.Close()
		return direct
	}
	if n := q.Damaged(); n > 0 {
		c.cfg.Logger.Error("journal of business events is damaged", slog.String("dir", dir), slog.Uint64("places", n))
		c.lose(reasonBroken, int(n))
	}
	s := &relay{external: direct, spool: q, closing: make(chan struct{}), stopped: make(chan struct{}), news: make(chan struct{})}
	go s.ship(ctx)
	return s
}

func (s *relay) store() Store { return s }

// commit writes records to the journal, oldest first. Where the disk refuses
// and nothing waits, the store gets them at once.
func (s *relay) commit(ctx context.Context, records []*ledger.Record, now time.Time) ([]*ledger.Record, error) {
	for len(records) > 0 {
		b, n := s.buf[:0], 0
		for n < len(records) && n < appendBatch && len(b) < relayPlaces {
			b = append(records[n].AppendLine(b), '\n')
			n++
		}
		s.buf = b
		if _, err := s.spool.Append(b, false); err != nil {
			return s.commitDirectly(ctx, records, now, fmt.Errorf("journal %d events: %w", len(records), err))
		}
		s.said = false
		records = records[n:]
	}
	return nil, nil
}

func (s *relay) commitDirectly(ctx context.Context, records []*ledger.Record, now time.Time, cause error) ([]*ledger.Record, error) {
	if s.spool.Len() > 0 {
		return records, cause
	}
	left, err := s.external.commit(ctx, records, now)
	if err != nil {
		return left, errors.Join(cause, err)
	}
	if !s.said {
		s.said = true
		s.core.cfg.Logger.Warn("business events go to the store without a journal", slog.Any("error", cause))
	}
	return nil, nil
}

func (s *relay) flush() error {
	if err := s.spool.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	return nil
}

// settle waits until the store has what was committed. Where it is away, or
// takes nothing for a while, that is in the journal, which must do.
func (s *relay) settle(ctx context.Context) error {
	upTo := s.spool.Last()
	for {
		s.mu.Lock()
		done, news := s.shipped >= upTo || s.away, s.news
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-news:
		case <-time.After(patience):
			return nil
		case <-ctx.Done():
			return fmt.Errorf("wait for the store: %w", ctx.Err())
		}
	}
}

// tell notes how far the store is.
func (s *relay) tell(shipped uint64, err error) {
	s.mu.Lock()
	was := s.away
	s.shipped, s.away = max(s.shipped, shipped), err != nil
	close(s.news)
	s.news = make(chan struct{})
	s.mu.Unlock()
	s.core.behind.Store(err != nil)
	switch {
	case err != nil && !was:
		s.core.cfg.Logger.Error("the store is away: business events wait in the journal", slog.Any("error", err))
	case err == nil && was:
		s.core.cfg.Logger.Info("the store takes business events again")
	}
}

// Close ships what waits, as long as the store takes it, and closes journal
// and store. Its error tells how much is left for the next process.
func (s *relay) Close() error {
	close(s.closing)
	<-s.stopped
	return errors.Join(s.left(), s.spool.Close(), s.Store.Close())
}

// left tells how many events the store does not have. A large journal is not
// read to count them.
func (s *relay) left() error {
	if size := s.spool.Bytes(); size > countBytes && s.spool.Len() > 0 {
		return fmt.Errorf("business: %d MiB of events left in the journal", size>>20)
	}
	n := 0
	for last := uint64(0); ; {
		e, _, err := s.spool.Poll(last)
		if err != nil || e.Seq == 0 {
			break
		}
		last, n = e.Seq, n+bytes.Count(e.Data, []byte("\n"))
	}
	switch n {
	case 0:
		return nil
	case 1:
		return errors.New("business: 1 event left in the journal")
	}
	return fmt.Errorf("business: %d events left in the journal", n)
}

// parcel is what is handed to the store at once.
type parcel struct {
	records []*ledger.Record
	last    uint64   // record of the spool
	seqs    []uint64 // all of them
}

// unpack adds the events of a record of the spool.
func (p *parcel) unpack(e spool.Entry) (broken int) {
	var slab ledger.Slab
	for line := range bytes.Lines(e.Data) {
		var r ledger.Record
		if ok, err := ledger.ParseLine(string(bytes.TrimSuffix(line, []byte("\n"))), &r); !ok || err != nil {
			broken++
			continue
		}
		own := slab.Scratch(&r)
		slab.Keep()
		p.records = append(p.records, own)
	}
	p.last, p.seqs = e.Seq, append(p.seqs, e.Seq)
	return broken
}
