package bizmetrics

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// ship is the goroutine that hands what is in the journal to the store. It ends
// when closing is closed and all is shipped or the store fails, or with ctx.
func (s *relay) ship(ctx context.Context) {
	defer close(s.stopped)
	adopt := time.NewTicker(adoptEvery)
	defer adopt.Stop()
	for {
		p, news, err := s.load()
		switch {
		case errors.Is(err, spool.ErrClosed):
			return
		case err != nil: // of the disk; what could not be read stays
			s.tell(0, err)
			if !s.pause(ctx, maxBackoff) {
				return
			}
		case len(p.seqs) > 0:
			if !s.send(ctx, p) {
				return
			}
		default:
			select {
			case <-news:
			case <-adopt.C:
				if _, err := s.spool.Adopt(); err != nil {
					s.core.cfg.Logger.Warn("business events of a dead process", slog.Any("error", err))
				}
			case <-s.closing:
				if s.spool.Len() == 0 {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// load gathers what waits, up to a batch.
func (s *relay) load() (p parcel, news <-chan struct{}, err error) {
	for len(p.records) < appendBatch {
		e, more, err := s.spool.Poll(p.last)
		if err != nil {
			return parcel{}, nil, err
		}
		if e.Seq == 0 {
			return p, more, nil
		}
		if broken := p.unpack(e); broken > 0 {
			s.core.cfg.Logger.Error("journal of business events has entries that cannot be read", slog.Int("entries", broken))
			s.core.lose(reasonBroken, broken)
		}
	}
	return p, nil, nil
}

// send hands p over, again and again until the store has taken it.
func (s *relay) send(ctx context.Context, p parcel) bool {
	for backoff := time.Duration(0); ; {
		left, err := s.external.commit(ctx, p.records, time.Time{})
		if ctx.Err() != nil {
			return false
		}
		p.records = left
		if err == nil {
			for _, seq := range p.seqs {
				if err := s.spool.Done(seq); err != nil { // it comes again, as a duplicate
					s.core.cfg.Logger.Warn("take business events off the journal", slog.Any("error", err))
				}
			}
			s.tell(p.last, nil)
			return true
		}
		s.tell(0, err)
		backoff = min(max(2*backoff, minBackoff), maxBackoff)
		if !s.pause(ctx, backoff) {
			return false
		}
	}
}

// pause reports whether to go on after a while.
func (s *relay) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.closing:
	case <-ctx.Done():
	}
	return false
}
