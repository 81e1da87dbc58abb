package bizmetrics

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/spool"
)

// entry is one line of the journal: an event, or the totals of a day whose
// events are gone.
type entry struct {
	Event   *Event      `json:"event,omitempty"`
	Arrived int64       `json:"arrived,omitempty"` // µs since 1970
	Totals  *rolledDays `json:"totals,omitempty"`
}

// rolledDays are totals of days, under an ID of the compaction that wrote
// them: read twice, they count once. Merged are the IDs that they hold.
type rolledDays struct {
	ID       string       `json:"id"`
	Merged   []string     `json:"merged,omitempty"`
	Currency string       `json:"currency"`
	Day      date         `json:"day"`
	Users    int64        `json:"users,omitempty"`
	Cells    []rolledCell `json:"cells"`
}

type rolledCell struct {
	Kind     kind   `json:"kind"`
	Status   string `json:"status"`
	Method   string `json:"method,omitempty"`
	Supplier string `json:"supplier,omitempty"`
	Currency string `json:"currency,omitempty"`
	N        int64  `json:"n"`
	Amount   sum    `json:"amount"`
	After    sum    `json:"after"`
}

func encodeEntry(r *record) ([]byte, error) {
	e, err := r.event()
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(entry{Event: &e, Arrived: r.arrived})
	if err != nil {
		return nil, fmt.Errorf("encode journal entry %s: %w", e.Key, err)
	}
	return line, nil
}

// replay reads a journal back into a memory store.
type replay struct {
	m       *memory
	rebase  func(*record) error // to the currency of the reports
	totals  map[string]*rolledDays
	merged  map[string]bool
	lines   int
	broken  int
	problem error
}

// line takes one line in. A line that cannot be read is passed over and
// counted: one bad line must not keep the service from starting.
func (p *replay) line(data []byte) error {
	p.lines++
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		p.broken++
		return nil
	}
	if e.Totals != nil {
		p.totals[e.Totals.ID] = e.Totals
		for _, id := range e.Totals.Merged {
			p.merged[id] = true
		}
		return nil
	}
	if e.Event == nil {
		p.broken++
		return nil
	}
	r, err := decode(*e.Event)
	if err != nil {
		p.broken++
		return nil
	}
	r.arrived = e.Arrived
	if err := p.rebase(r); err != nil {
		p.problem = err
		return nil
	}
	if p.m.known.claim(r) == Stored {
		p.m.put([]*record{r})
	}
	return nil
}

// finish adds the totals, each once.
func (p *replay) finish(currency string) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	for id, t := range p.totals {
		if p.merged[id] {
			continue
		}
		if currency != "" && t.Currency != "" && t.Currency != currency {
			p.problem = fmt.Errorf("totals in %s: %w", t.Currency, ErrCurrency)
			continue
		}
		p.m.load(t)
	}
}

// load adds a day's totals.
func (m *memory) load(t *rolledDays) {
	of := m.dayAt(t.Day)
	for _, c := range t.Cells {
		of.cells.add(fact{
			kind: c.Kind, n: c.N, amount: c.Amount, after: c.After,
			status: c.Status, method: c.Method, supplier: c.Supplier, currency: c.Currency,
		}, false)
	}
	of.users = max(of.users, 0) + t.Users
	of.loaded = append(append(of.loaded, t.Merged...), t.ID)
	if m.base == "" {
		m.base = t.Currency
	}
}

// openJournal makes the in-memory store, with what its journal holds.
func openJournal(c Config, counts *counters, currency func(*record) error) (*journaled, error) {
	j := &journaled{memory: newMemory(c.Location), counts: counts, bound: c.Queue, logger: c.Logger}
	if c.Dir == "" {
		j.sweep(c.Now())
		return j, nil
	}
	p := &replay{m: j.memory, rebase: currency, totals: map[string]*rolledDays{}, merged: map[string]bool{}}
	log, err := spool.OpenLog(c.Dir, p.line)
	if err != nil {
		c.Logger.Warn("business events are kept in memory only", slog.String("dir", c.Dir), slog.Any("error", err))
		j.sweep(c.Now())
		return j, nil
	}
	p.finish(c.Currency)
	if p.problem != nil {
		_ = log.Close()
		return nil, fmt.Errorf("replay journal in %s: %w", c.Dir, &config.FieldError{
			Field: "Currency", Want: "the currency of the journal, " + j.base + ", or a Convert that tells it in another", Got: c.Currency,
		})
	}
	if p.broken > 0 {
		c.Logger.Error("journal of business events has lines that cannot be read", slog.String("dir", c.Dir), slog.Int("lines", p.broken))
		j.counts.drop(reasonBroken, p.broken)
	}
	j.log, j.logged = log, p.lines
	j.sweep(c.Now())
	return j, nil
}

// entries gives all that must be in the journal: the totals of the days whose
// events are gone, less the late events of those days that are still kept,
// and the events.
func (m *memory) entries(newID func() string, yield func([]byte) bool) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	late := map[date]cells{}
	var kept []*record
	for _, units := range m.expiry {
		for _, u := range units {
			kept = append(kept, u.records...)
			u.facts(func(f fact) {
				if d := dateOf(time.UnixMicro(f.at).In(m.loc)); d < m.horizon {
					if late[d] == nil {
						late[d] = cells{}
					}
					late[d].add(f, false)
				}
			})
		}
	}
	for d, of := range m.days {
		if d >= m.horizon {
			continue
		}
		line, err := json.Marshal(entry{Totals: of.rolled(newID(), d, m.base, late[d])})
		if err != nil {
			return fmt.Errorf("encode totals: %w", err)
		}
		if !yield(line) {
			return nil
		}
	}
	for _, r := range kept {
		line, err := encodeEntry(r)
		if err != nil {
			return err
		}
		if !yield(line) {
			return nil
		}
	}
	return nil
}

func (of *day) rolled(id string, d date, currency string, late cells) *rolledDays {
	totals := cells{}
	of.cells.facts(0, func(f fact) { totals.add(f, false) })
	late.facts(0, totals.remove)
	t := &rolledDays{ID: id, Merged: of.loaded, Currency: currency, Day: d, Users: max(of.users, 0)}
	totals.facts(0, func(f fact) {
		t.Cells = append(t.Cells, rolledCell{
			Kind: f.kind, Status: f.status, Method: f.method, Supplier: f.supplier, Currency: f.currency,
			N: f.n, Amount: f.amount, After: f.after,
		})
	})
	return t
}
