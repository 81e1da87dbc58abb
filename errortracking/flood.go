package errortracking

import (
	"sync"
	"time"
)

const (
	floodWindow   = time.Minute
	maxFloodKinds = 1000 // fingerprints watched at once
)

// flood holds back what comes too often. Of one fingerprint the first limit
// events of a minute go out; the rest of them is counted, and at the end of
// the minute one event carries the count. While a flood lasts that is all.
type flood struct {
	limit int

	mu    sync.Mutex
	kinds map[string]*kind
}

type kind struct {
	began    time.Time // of this minute
	seen     int       // in it
	held     int       // not yet told
	flooding bool      // the minute before was over the limit
	template *draft    // one of those held
}

type verdict uint8

const (
	pass verdict = iota
	hold
	holdFirst // the caller gives a template for the summary
)

// judge decides over one event of the kind id.
func (f *flood) judge(id string, now time.Time) verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := f.kinds[id]
	if k == nil {
		if f.kinds == nil {
			f.kinds = map[string]*kind{}
		}
		f.expire(now)
		k = &kind{began: now}
		f.kinds[id] = k
	} else if k.held == 0 && elapsed(k.began, now) {
		*k = kind{began: now, flooding: k.flooding && k.seen > f.limit}
	}
	k.seen++
	if !k.flooding && k.seen <= f.limit {
		return pass
	}
	k.held++
	if k.template == nil {
		return holdFirst
	}
	return hold
}

func elapsed(began, now time.Time) bool {
	d := now.Sub(began)
	return d >= floodWindow || d < 0 // the clock was set back
}

// keep gives the kind id what its summary will say.
func (f *flood) keep(id string, d *draft) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k := f.kinds[id]; k != nil && k.held > 0 {
		k.template = d
	}
}

// due takes the summaries of the minutes that are over; all if so wanted.
// next is when there will be more, zero if nothing is held.
func (f *flood) due(now time.Time, all bool) (summaries []*draft, next time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.kinds {
		if k.held == 0 {
			continue
		}
		if !all && !elapsed(k.began, now) {
			if end := k.began.Add(floodWindow); next.IsZero() || end.Before(next) {
				next = end
			}
			continue
		}
		if k.template != nil {
			k.template.event.Suppressed = k.held
			summaries = append(summaries, k.template)
		}
		*k = kind{began: now, flooding: k.seen > f.limit}
	}
	return summaries, next
}

// expire makes room: first what is quiet, then, past the bound, anything that
// holds nothing, then anything.
func (f *flood) expire(now time.Time) {
	if len(f.kinds) < maxFloodKinds {
		return
	}
	for id, k := range f.kinds {
		if k.held == 0 && elapsed(k.began, now) {
			delete(f.kinds, id)
		}
	}
	for id, k := range f.kinds {
		if len(f.kinds) < maxFloodKinds {
			return
		}
		if k.held == 0 {
			delete(f.kinds, id)
		}
	}
	for id := range f.kinds {
		if len(f.kinds) < maxFloodKinds {
			return
		}
		delete(f.kinds, id)
	}
}
