package sqlstore

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

const scanPage = 1000 // events read at a time

// Scan gives the events of a span in order of time: [bizmetrics.Store]. It
// reads page by page, each of them on a snapshot of its own, so that a slow
// reader holds nothing up.
func (s *Store) Scan(ctx context.Context, from, to time.Time) iter.Seq2[bizmetrics.Event, error] {
	return func(yield func(bizmetrics.Event, error) bool) {
		p := pager{at: from.UnixMicro(), to: to.UnixMicro()}
		for !p.done {
			page, err := p.read(ctx, s.engine)
			if err != nil {
				yield(bizmetrics.Event{}, fmt.Errorf("scan events: %w", err))
				return
			}
			for _, e := range page {
				if err := ctx.Err(); err != nil {
					yield(bizmetrics.Event{}, fmt.Errorf("scan events: %w", err))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// pager goes through events by at and ID.
type pager struct {
	at, to int64
	id     int64 // at is to be continued behind this one; 0: from its start
	done   bool
}

func (p *pager) read(ctx context.Context, engine Engine) ([]bizmetrics.Event, error) {
	page := make([]bizmetrics.Event, 0, scanPage)
	columns := Events.Columns()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	err := engine.Read(ctx, func(r Reader) error {
		some := func(where ...Cond) error {
			s := Select{From: Events, Columns: names, Where: where, OrderBy: []string{"at", "id"}, Limit: scanPage - len(page)}
			return r.Select(s, func(row []Value) error {
				record, err := recordOf(row)
				if err != nil {
					return err
				}
				p.at, p.id = row[colAt].Int, row[colID].Int
				page = append(page, bizmetrics.Event{
					Key: record.Kind.Key(record.ID), Kind: record.Kind.Name(), At: time.UnixMicro(record.At).UTC(), Data: append([]byte(nil), row[colData].Bytes...),
				})
				return nil
			})
		}
		from := p.at
		if p.id != 0 { // the others of the moment at which the last page ended
			if err := some(Eq("at", p.at), AtLeast("id", p.id+1)); err != nil || len(page) == scanPage {
				return err
			}
			from++
		}
		if err := some(AtLeast("at", from), Less("at", p.to)); err != nil {
			return err
		}
		p.done = len(page) < scanPage
		return nil
	})
	return page, err
}
