package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

const (
	patience = 5 * time.Second // for one panel's data
	maxBusy  = 2               // readings of one panel that may hang at once
)

var (
	errTimeout = errors.New("no answer within 5 s")
	errBusy    = errors.New("still waiting for an earlier reading")
)

// tile is one panel as it goes to the browser.
type tile struct {
	raw   json.RawMessage
	sum   uint64 // of raw
	level string // the worst of a list's alerts
}

// reading is what a panel's goroutine hands back.
type reading struct {
	kind string
	data any // in its wire form
	raw  any // as the panel gave it
	err  error
}

// ask reads one panel. It never panics and returns when ctx ends, even if the
// panel does not.
func (d *Dashboard) ask(ctx context.Context, p *panel, from, to time.Time) reading {
	if p.busy.Add(1) > maxBusy {
		p.busy.Add(-1)
		return reading{err: errBusy}
	}
	answer := make(chan reading, 1)
	d.work.Go(func() {
		defer p.busy.Add(-1)
		defer func() {
			if v := recover(); v != nil {
				answer <- reading{err: fmt.Errorf("the panel panicked: %v", v)}
			}
		}()
		v, err := p.Data(ctx, from, to)
		if err != nil {
			answer <- reading{err: err}
			return
		}
		kind, data, err := encode(v, d.cfg.Location) // here, as it may call the panel's own methods
		if err == nil {
			// The value may be the panel's own memory: what is to be sent is
			// made now.
			var b []byte
			b, err = json.Marshal(data)
			data = json.RawMessage(b)
		}
		answer <- reading{kind: kind, data: data, raw: v, err: err}
	})
	select {
	case r := <-answer:
		return r
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return reading{err: errTimeout}
		}
		return reading{err: ctx.Err()}
	}
}

// tile reads a panel and puts its frame round it.
func (d *Dashboard) tile(ctx context.Context, p *panel, from, to time.Time) tile {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r := d.ask(ctx, p, from, to)
	f := frame{
		ID: p.ID, Title: p.Title, Unit: p.Unit, Help: p.Help, Width: p.Width, Good: p.Good,
		Window: p.Window, Link: wireLink(p.Link), Group: p.Group, Span: p.Span, Kind: r.kind, Data: r.data,
	}
	for _, t := range p.Thresholds {
		f.Limits = append(f.Limits, wireLimit(t))
	}
	if r.err != nil {
		var none *redact.Redactor
		f.Kind, f.Data, f.Error = "error", nil, cut(none.Text(r.err.Error()), 300)
	}
	if f.Width < 0 {
		f.Width = usualWidth[f.Kind]
	}
	t := tile{level: worst(r.raw)}
	raw, err := json.Marshal(f)
	if err != nil { // nothing in a frame can fail; a page is not to break if it does
		raw, _ = json.Marshal(frame{ID: p.ID, Title: p.Title, Kind: "error", Error: "not readable"})
	}
	t.raw = bytes.TrimSpace(raw)
	h := fnv.New64a()
	_, _ = h.Write(t.raw) // never fails
	t.sum = h.Sum64()
	return t
}

// usualWidth is the width of a panel that names none, in columns.
var usualWidth = map[string]int{
	"number": 2, "series": 4, "list": 4, "table": 6, "verdict": 12, "timeline": 12, "hero": 7, "error": 4,
}

// worst is the highest alert level of a list: what the page's tab carries.
func worst(v any) string {
	var items []Item
	switch l := v.(type) {
	case List:
		items = l.Items
	case *List:
		if l != nil {
			items = l.Items
		}
	}
	level := ""
	for _, i := range items {
		level = higher(level, i.Level)
	}
	return level
}

// higher is the more urgent of two levels; what is no level loses.
func higher(a, b string) string {
	rank := func(s string) int {
		if len(s) == 2 && s[0] == 'P' && s[1] >= '0' && s[1] <= '3' {
			return int(s[1] - '0')
		}
		return 4
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
