package bizmetrics

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/spool"
)

// entry is one line of the journal: an event, the totals of a day whose events
// are gone, or the head of a section.
type entry struct {
	ledger.Line            // of an event
	Totals      *dayTotals `json:"totals,omitempty"`
	Section     *section   `json:"section,omitempty"`
}

// section begins what one run of a process, or one compaction, has written. A
// crash during a compaction may leave the logs that it has taken in beside the
// new one: Merged names their sections, which then do not count again.
type section struct {
	ID     string   `json:"id"`
	Merged []string `json:"merged,omitempty"`
}

type dayTotals struct {
	Day      ledger.Date `json:"day"`
	Currency string      `json:"currency,omitempty"`
	Users    int64       `json:"users,omitempty"`
	Cells    []cellTotal `json:"cells"`
}

type cellTotal struct {
	Kind     ledger.Kind `json:"kind"`
	Status   string      `json:"status"`
	Method   string      `json:"method,omitempty"`
	Supplier string      `json:"supplier,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Tenant   string      `json:"tenant,omitempty"`
	N        int64       `json:"n"`
	Amount   ledger.Sum  `json:"amount"`
	After    ledger.Sum  `json:"after"`
}

// openJournal makes the in-memory store, with what its journal holds. Where
// the folder cannot be used it works without a journal, and says so.
func openJournal(c Config, counts *counters, convert func(*ledger.Record) error) (*journaled, error) {
	j := &journaled{memory: newMemory(c.calendar()), counts: counts, bound: c.Queue}
	defer func() { j.sweep(c.Now()) }()
	if c.Dir == "" {
		return j, nil
	}
	p := replay{}
	log, err := spool.OpenLog(c.Dir, p.line)
	if err != nil {
		c.Logger.Warn("business events are kept in memory only", slog.String("dir", c.Dir), slog.Any("error", err))
		return j, nil
	}
	if err := p.into(j.memory, convert); err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("replay journal in %s: %w", c.Dir, err)
	}
	if p.broken > 0 {
		c.Logger.Error("journal of business events has entries that cannot be read", slog.String("dir", c.Dir), slog.Int("entries", p.broken))
		counts.drop(reasonBroken, p.broken)
	}
	j.log, j.logged = log, p.lines
	for _, part := range p.parts {
		j.sections = append(j.sections, part.ID)
	}
	if err := j.begin(); err != nil {
		c.Logger.Error("journal of business events cannot be written", slog.String("dir", c.Dir), slog.Any("error", err))
	}
	return j, nil
}

// begin starts a section of this process.
func (j *journaled) begin() error {
	s := section{ID: rand.Text()}
	line, err := json.Marshal(entry{Section: &s})
	if err != nil {
		return fmt.Errorf("begin a section: %w", err)
	}
	j.sections = append(j.sections, s.ID)
	j.unwritten = append(j.unwritten, line)
	return j.writeOut()
}

// compact replaces the journal by what is kept, once all of it is in memory.
func (j *journaled) compact() error {
	if err := j.settle(context.Background()); err != nil {
		return err
	}
	s := section{ID: rand.Text(), Merged: j.sections}
	n := 0
	var broken error
	err := j.log.Rewrite(func(yield func([]byte) bool) {
		broken = j.lines(s, func(line []byte) error {
			if n++; !yield(line) {
				return errors.New("stopped")
			}
			return nil
		})
	})
	if err = errors.Join(err, broken); err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	j.logged, j.unwritten, j.sections = n, nil, append(j.sections, s.ID)
	return nil
}

// lines gives all that must be in the journal: the totals of the days whose
// events are gone, less the late events of those days that are still kept,
// and the events.
func (m *memory) lines(s section, yield func([]byte) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	tell := func(e entry) error {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		return yield(line)
	}
	if err := tell(entry{Section: &s}); err != nil {
		return err
	}
	late := map[ledger.Date]ledger.Cells{}
	for _, units := range m.expiry {
		for _, u := range units {
			u.Facts(func(f ledger.Fact) {
				if d := ledger.DateOf(time.UnixMicro(f.At).In(m.loc)); d < m.horizon {
					if late[d] == nil {
						late[d] = ledger.Cells{}
					}
					late[d].Add(f)
				}
			})
		}
	}
	for d, of := range m.days {
		if d < m.horizon {
			if err := tell(entry{Totals: of.totals(d, m.base, late[d])}); err != nil {
				return err
			}
		}
	}
	var line []byte
	for _, units := range m.expiry {
		for _, u := range units {
			for _, r := range u.Records {
				line = r.AppendLine(line[:0])
				if err := yield(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (of *day) totals(d ledger.Date, currency string, late ledger.Cells) *dayTotals {
	all := ledger.Cells{}
	of.facts(func(f ledger.Fact) { all.Add(f) })
	late.Facts(0, all.Remove)
	t := &dayTotals{Day: d, Currency: currency, Users: max(of.users, 0)}
	all.Facts(0, func(f ledger.Fact) {
		t.Cells = append(t.Cells, cellTotal{
			Kind: f.Kind, Status: f.Status, Method: f.Method, Supplier: f.Supplier, Currency: f.Currency, Tenant: f.Tenant,
			N: f.N, Amount: f.Amount, After: f.After,
		})
	})
	return t
}

// replay reads a journal back. Nothing counts before all is read, because a
// later section may say that it holds an earlier one.
type replay struct {
	slab   ledger.Slab
	parts  []*part
	lines  int
	broken int
}

// part is what one section holds.
type part struct {
	section
	records []*ledger.Record
	totals  []*dayTotals
}

// line takes one line in. One that cannot be read is passed over and counted:
// a bad line must not keep the service from starting.
func (p *replay) line(data []byte) error {
	p.lines++
	if len(p.parts) > 0 {
		var r ledger.Record
		if known, err := ledger.ParseLine(string(data), &r); known {
			p.event(&r, err)
			return nil
		}
	}
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		p.broken++
		return nil
	}
	if e.Section != nil || len(p.parts) == 0 {
		p.parts = append(p.parts, &part{})
	}
	now := p.parts[len(p.parts)-1]
	switch {
	case e.Section != nil:
		now.section = *e.Section
	case e.Totals != nil:
		now.totals = append(now.totals, e.Totals)
	case e.Event != nil:
		var r ledger.Record
		p.event(&r, e.Into(&r))
	default:
		p.broken++
	}
	return nil
}

// event keeps r, which is no good if there is an error.
func (p *replay) event(r *ledger.Record, err error) {
	if err != nil {
		p.broken++
		return
	}
	own := p.slab.Scratch(r)
	p.slab.Keep()
	now := p.parts[len(p.parts)-1]
	now.records = append(now.records, own)
}

// into counts what was read, each section and each event once.
func (p *replay) into(m *memory, convert func(*ledger.Record) error) error {
	merged := map[string]bool{}
	for _, part := range p.parts {
		for _, id := range part.Merged {
			merged[id] = true
		}
	}
	for _, part := range p.parts {
		if merged[part.ID] {
			continue
		}
		if err := part.into(m, convert); err != nil {
			return err
		}
	}
	return nil
}

func (p *part) into(m *memory, convert func(*ledger.Record) error) error {
	fresh := make([]*ledger.Record, 0, len(p.records))
	for _, r := range p.records {
		given := r.Base
		if err := convert(r); err != nil {
			return &config.FieldError{Field: "Currency", Want: "that of the journal, " + given + ", or a Convert from it", Got: err.Error()}
		}
		if m.known.claim(r) == Stored {
			fresh = append(fresh, r)
		}
	}
	m.put(fresh)
	for _, t := range p.totals {
		// Totals carry the currency that they were counted in. The events decide
		// what it is; totals alone tell it themselves.
		probe := &ledger.Record{Amount: ledger.Money{Currency: t.Currency}, Base: t.Currency}
		if err := convert(probe); err != nil || probe.Base != t.Currency {
			return &config.FieldError{Field: "Currency", Want: "that of the journal's totals, " + t.Currency}
		}
		m.load(t)
	}
	return nil
}

// load adds a day's totals.
func (m *memory) load(t *dayTotals) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.dayAt(t.Day)
	for _, c := range t.Cells {
		of.add(ledger.Fact{
			Kind: c.Kind, N: c.N, Amount: c.Amount, After: c.After,
			Status: c.Status, Method: c.Method, Supplier: c.Supplier, Currency: c.Currency, Tenant: c.Tenant,
		})
	}
	of.users = max(of.users, 0) + t.Users
	if m.base == "" {
		m.base = t.Currency
	}
}
