package ledger

import (
	"encoding/json"
	"fmt"
	"math"
)

// parsed is a Wire with room for what its pointers point to.
type parsed struct {
	wire          Wire
	amount, value wireMoney
	score         int8
	at            bool
}

// Line is a line of a journal as encoding/json sees it.
type Line struct {
	Kind    string `json:"kind,omitempty"`
	At      int64  `json:"t,omitempty"` // µs since 1970
	Arrived int64  `json:"arrived,omitempty"`
	Event   *Wire  `json:"event,omitempty"`
}

// Line is what AppendLine writes.
func (r *Record) Line() Line {
	w := r.Wire()
	return Line{Kind: r.Kind.Name(), At: r.At, Arrived: r.Arrived, Event: &w}
}

// Into makes r what the line tells. It must have an event.
func (l *Line) Into(r *Record) error {
	if err := l.Event.into(r, l.Kind, l.At); err != nil {
		return err
	}
	r.Arrived = l.Arrived
	return nil
}

// ParseLine reads what AppendLine wrote into r, whose texts then are those of
// line. ok is false for a line that is something else, or was written by hand:
// encoding/json may still read it.
func ParseLine(line string, r *Record) (ok bool, err error) {
	var (
		kind        string
		at, arrived int64
		w           parsed
		event       bool
	)
	p := &parser{s: line}
	var seen names
	for more := p.open(); more; more = p.more() {
		switch p.name() {
		case "kind":
			kind = p.text()
			seen.first(p, 0)
		case "t":
			at = p.integer()
			seen.first(p, 1)
		case "arrived":
			arrived = p.integer()
			seen.first(p, 2)
		case "event":
			p.wire(&w)
			event = true
			seen.first(p, 3)
		default:
			p.fail()
		}
	}
	if p.failed || p.i != len(p.s) || !event {
		return false, nil
	}
	if err := w.into(r, kind, at); err != nil {
		return true, err
	}
	r.Arrived = arrived
	return true, nil
}

func decodeData(kind string, at int64, data []byte, r *Record) error {
	var w parsed
	p := parser{s: string(data)}
	p.wire(&w)
	if !p.failed && p.i == len(p.s) {
		return w.into(r, kind, at)
	}
	return decodeSlowly(kind, at, data, r)
}

func decodeSlowly(kind string, at int64, data []byte, r *Record) error {
	var w Wire
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("read data: %w", err)
	}
	return w.into(r, kind, at)
}

func (w *parsed) into(r *Record, kind string, at int64) error {
	if err := w.wire.into(r, kind, at); err != nil {
		return err
	}
	r.AtGiven = w.at
	if r.Kind == KindNPS {
		r.Score = w.score
	}
	return nil
}

func (p *parser) wire(w *parsed) {
	var seen names
	for more := p.open(); more; more = p.more() {
		switch p.name() {
		case "id":
			w.wire.ID = p.text()
			seen.first(p, 0)
		case "order":
			w.wire.Order = p.text()
			seen.first(p, 1)
		case "customer":
			w.wire.Customer = p.text()
			seen.first(p, 2)
		case "supplier":
			w.wire.Supplier = p.text()
			seen.first(p, 3)
		case "status":
			w.wire.Status = p.text()
			seen.first(p, 4)
		case "method":
			w.wire.Method = p.text()
			seen.first(p, 5)
		case "reason":
			w.wire.Reason = p.text()
			seen.first(p, 6)
		case "comment":
			w.wire.Comment = p.text()
			seen.first(p, 7)
		case "user":
			w.wire.User = p.text()
			seen.first(p, 8)
		case "referrer":
			w.wire.Referrer = p.text()
			seen.first(p, 9)
		case "tenant":
			w.wire.Tenant = p.text()
			seen.first(p, 10)
		case "amount":
			w.wire.Amount = p.money(&w.amount)
			seen.first(p, 11)
		case "value":
			w.wire.Value = p.money(&w.value)
			seen.first(p, 12)
		case "succeeded":
			w.wire.Succeeded = p.bool()
			seen.first(p, 13)
		case "declined":
			w.wire.Declined = p.bool()
			seen.first(p, 14)
		case "accepted":
			w.wire.Accepted = p.bool()
			seen.first(p, 15)
		case "after":
			w.wire.After = p.integer()
			seen.first(p, 16)
		case "score":
			n := p.integer()
			if n < math.MinInt8 || n > math.MaxInt8 {
				p.fail()
			}
			w.score = int8(n)
			seen.first(p, 17)
		case "at":
			p.time()
			w.at = true
			seen.first(p, 18)
		default:
			p.fail()
		}
	}
}

func (p *parser) money(m *wireMoney) *wireMoney {
	var seen names
	for more := p.open(); more; more = p.more() {
		switch p.name() {
		case "minor":
			m.Minor = p.integer()
			seen.first(p, 0)
		case "currency":
			m.Currency = p.text()
			seen.first(p, 1)
		default:
			p.fail()
		}
	}
	return m
}
