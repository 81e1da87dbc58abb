package sqlstore

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

const horizonSetting = "horizon"

// readHorizon is the time (µs) before which events are gone, 0: none are.
func readHorizon(r Reader) (int64, error) {
	text, err := readSetting(r, horizonSetting)
	if err != nil || text == nil {
		return 0, err
	}
	at, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("setting %s: %w", horizonSetting, err)
	}
	return at, nil
}

const sweepEvery = time.Hour

// sweep deletes the events of days that are older than Config.Retention, after
// a batch, some at a time, so that no batch waits long. What is added up
// stays.
func (s *Store) sweep(ctx context.Context, now time.Time) {
	if s.cfg.Retention <= 0 || now.Sub(s.swept) < sweepEvery {
		return
	}
	done, err := s.expire(ctx, s.cal.DayStart(s.cal.DateOf(now.Add(-s.cfg.Retention))).UnixMicro())
	if err != nil {
		s.cfg.Logger.Error("business events that are due cannot be deleted", slog.Any("error", err))
	}
	if done || err != nil {
		s.swept = now
	}
}

// expire says first that events are gone: a report may be short of what is
// still there, but must not take a half of it for all. done: none is left that
// is due.
func (s *Store) expire(ctx context.Context, horizon int64) (done bool, err error) {
	if horizon > s.horizon {
		err := s.engine.Write(ctx, func(tx Tx) error {
			was, err := readHorizon(tx)
			if err != nil || was >= horizon { // another replica keeps less
				return err
			}
			return writeSetting(tx, horizonSetting, strconv.FormatInt(horizon, 10))
		})
		if err != nil {
			return false, fmt.Errorf("note which events are gone: %w", err)
		}
		s.horizon = horizon
	}
	s.caches.units.clear()
	done, err = s.engine.Purge(ctx, horizon)
	if err != nil {
		return false, fmt.Errorf("delete events before %s: %w", time.UnixMicro(horizon).UTC().Format(time.RFC3339), err)
	}
	return done, nil
}
