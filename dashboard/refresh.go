package dashboard

import (
	"container/list"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

const (
	tick      = 10 * time.Second // without Config.Changed
	interest  = time.Minute      // how long a page is kept fresh after the last look
	maxFixed  = 32               // fixed spans kept
	freshPast = 5 * time.Minute  // how long a span that has ended is kept
	freshNow  = 10 * time.Second // how long one that reaches to now is
	unnoticed = 250 * time.Millisecond
)

var errClosed = errors.New("the dashboards are closed")

// key names one computation: a page over a span.
type key struct {
	page Page
	span span
}

// board is the last reading of one page over one span, for all who look.
type board struct {
	key key

	mu       sync.Mutex
	at       time.Time // of the last reading; zero: none yet
	from, to time.Time
	gen      uint64 // of Dashboard.gen when it was read
	seq      uint64 // rises with every reading
	tiles    []tile
	changed  []uint64 // the seq at which each tile last changed
	looked   time.Time
	running  chan struct{} // closed when the reading under way ends
	next     chan struct{} // closed by the next reading, or Close
	viewers  int           // streams
}

// boards holds them all. Live ones are few by construction; fixed ones are
// bounded, the least recently used goes first.
type boards struct {
	mu    sync.Mutex
	live  map[key]*board
	fixed map[key]*list.Element
	order list.List // of fixed *board, the latest used in front
}

func (bs *boards) get(k key) *board {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if bs.live == nil {
		bs.live, bs.fixed = map[key]*board{}, map[key]*list.Element{}
	}
	if k.span.live != "" {
		b := bs.live[k]
		if b == nil {
			b = &board{key: k, next: make(chan struct{})}
			bs.live[k] = b
		}
		return b
	}
	if e := bs.fixed[k]; e != nil {
		bs.order.MoveToFront(e)
		return e.Value.(*board)
	}
	b := &board{key: k, next: make(chan struct{})}
	bs.fixed[k] = bs.order.PushFront(b)
	for len(bs.fixed) > maxFixed {
		last := bs.order.Back()
		delete(bs.fixed, last.Value.(*board).key)
		bs.order.Remove(last)
	}
	return b
}

// wanted are the live boards that somebody looks at.
func (bs *boards) wanted(now time.Time) []*board {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	var out []*board
	for _, b := range bs.live {
		b.mu.Lock()
		if b.viewers > 0 || now.Sub(b.looked) < interest {
			out = append(out, b)
		}
		b.mu.Unlock()
	}
	return out
}

// note says that something is new. It never blocks.
func (d *Dashboard) note() {
	d.gen.Add(1)
	select {
	case d.kick <- struct{}{}:
	default: // a note is there already
	}
}

// keepFresh starts the goroutine that reads the wanted boards anew whenever
// something changed. The sampling goroutine only leaves a note.
func (d *Dashboard) keepFresh() {
	d.gen.Store(1)
	stop := func() {}
	var beat <-chan time.Time
	var ticker *time.Ticker
	if d.cfg.Changed != nil {
		stop = d.cfg.Changed(func(time.Time) { d.note() })
	} else {
		ticker = time.NewTicker(tick)
		beat = ticker.C
	}
	d.work.Go(func() {
		if stop != nil {
			defer stop()
		}
		if ticker != nil {
			defer ticker.Stop()
		}
		for {
			select {
			case <-d.life.Done():
				return
			case <-beat:
				d.note()
			case <-d.kick:
				d.refresh()
			}
		}
	})
}

func (d *Dashboard) refresh() {
	wanted := d.boards.wanted(time.Now())
	if len(wanted) > 0 { // the tabs show the levels of all pages
		for _, p := range d.shown {
			if b := d.boards.get(key{p, usual[p]}); !contains(wanted, b) {
				wanted = append(wanted, b)
			}
		}
	}
	for _, b := range wanted {
		d.update(b)
	}
	for _, b := range wanted {
		b.wait(d.life)
	}
}

func contains(bs []*board, b *board) bool {
	for _, x := range bs {
		if x == b {
			return true
		}
	}
	return false
}

// update starts a reading of b, if none is under way and the last one is out
// of date.
func (d *Dashboard) update(b *board) {
	gen := d.gen.Load()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil || d.closed.Load() || b.fresh(gen, time.Now()) {
		return
	}
	b.running = make(chan struct{})
	d.work.Go(func() { d.read(b, gen) })
}

// fresh reports, under the lock, whether a reading of now would be the same.
func (b *board) fresh(gen uint64, now time.Time) bool {
	switch {
	case b.at.IsZero():
		return false
	case b.key.span.live != "":
		return b.gen == gen
	case b.to.Before(b.at.Add(-time.Minute)):
		return now.Sub(b.looked) < freshPast
	default:
		return now.Sub(b.looked) < freshNow
	}
}

// read asks all panels of b side by side and publishes what they say.
func (d *Dashboard) read(b *board, gen uint64) {
	now := d.cfg.Now()
	from, to := b.key.span.bounds(now, d.cfg.Location)
	panels := d.panels[b.key.page]
	tiles := make([]tile, len(panels))
	var each sync.WaitGroup
	for i, p := range panels {
		each.Go(func() { tiles[i] = d.tile(d.life, p, from, to) })
	}
	each.Wait()

	b.mu.Lock()
	defer b.mu.Unlock()
	b.at, b.from, b.to, b.gen = now, from, to, gen
	b.seq++
	if b.changed == nil {
		b.changed = make([]uint64, len(tiles))
	}
	for i, t := range tiles {
		if b.tiles == nil || b.tiles[i].sum != t.sum {
			b.changed[i] = b.seq
		}
	}
	b.tiles = tiles
	if b.key.span.live == "" {
		b.looked = time.Now() // when it was read
	}
	close(b.running)
	b.running = nil
	close(b.next)
	b.next = make(chan struct{})
}

// wait returns when no reading is under way, or ctx ends.
func (b *board) wait(ctx context.Context) {
	b.mu.Lock()
	running := b.running
	b.mu.Unlock()
	if running == nil {
		return
	}
	select {
	case <-running:
	case <-ctx.Done():
	}
}

// look is the board of k with a reading on it. A live page that was looked at
// lately waits for what is new only as long as nobody notices: a slow panel
// does not hold up who reads.
func (d *Dashboard) look(ctx context.Context, k key) (*board, error) {
	b := d.boards.get(k)
	d.update(b)
	b.mu.Lock()
	old := b.at.IsZero() || k.span.live == "" || time.Since(b.looked) > interest
	if k.span.live != "" {
		b.looked = time.Now()
	}
	b.mu.Unlock()
	if !old {
		brief, cancel := context.WithTimeout(ctx, unnoticed)
		defer cancel()
		b.wait(brief)
	} else {
		b.wait(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.IsZero() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, errClosed
	}
	return b, nil
}

// state is what one message or one answer holds.
type state struct {
	Page   Page              `json:"page"`
	At     int64             `json:"at"` // ms
	From   int64             `json:"from"`
	To     int64             `json:"to"`
	Range  string            `json:"range,omitempty"` // of a live one
	Full   bool              `json:"full"`
	Tabs   []tab             `json:"tabs"`
	Panels []json.RawMessage `json:"panels"`
}

type tab struct {
	Page  Page   `json:"page"`
	Level string `json:"level,omitempty"`
}

// since is what changed on b after seq (0: all of it), the seq that it brings
// up to, and the channel that the next reading closes.
func (b *board) since(seq uint64) (s state, upTo uint64, next <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.IsZero() {
		return state{}, 0, b.next, false
	}
	s = state{
		Page: b.key.page, At: b.at.UnixMilli(), From: b.from.Unix(), To: b.to.Unix(),
		Range: b.key.span.live, Full: seq == 0, Panels: []json.RawMessage{},
	}
	for i, t := range b.tiles {
		if b.changed[i] > seq {
			s.Panels = append(s.Panels, t.raw)
		}
	}
	return s, b.seq, b.next, true
}

// tabs are the pages with the worst level of each, as far as it is known.
func (d *Dashboard) tabs(visible []Page) []tab {
	out := make([]tab, 0, len(visible))
	for _, p := range visible {
		b := d.boards.get(key{p, usual[p]})
		t := tab{Page: p}
		b.mu.Lock()
		for _, x := range b.tiles {
			t.Level = higher(t.Level, x.level)
		}
		b.mu.Unlock()
		out = append(out, t)
	}
	return out
}
