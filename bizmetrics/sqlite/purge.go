package sqlite

import (
	"context"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

const (
	purgeAtOnce = 5000 // events deleted in one transaction
	purgeTimes  = 10   // transactions of one call
)

// Purge is [sqlstore.Engine]'s.
func (e *engine) Purge(ctx context.Context, before int64) (done bool, err error) {
	left := true
	for i := 0; left && i < purgeTimes; i++ {
		err := e.Write(ctx, func(t sqlstore.Tx) (err error) {
			left, err = purgeSome(ctx, t.(*tx).conn, before)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return !left, e.dropSegments(ctx)
}

func purgeSome(ctx context.Context, c *conn, before int64) (left bool, err error) {
	var ids []int64
	c.begin()
	c.arg(before)
	c.arg(int64(purgeAtOnce))
	err = c.query(ctx, "SELECT id FROM events WHERE at < ? ORDER BY at LIMIT ?", []sqlstore.Type{sqlstore.Int}, func(v []sqlstore.Value) error {
		ids = append(ids, v[0].Int)
		return nil
	})
	for _, id := range ids {
		if err == nil {
			c.begin()
			c.arg(id)
			err = c.exec("DELETE FROM events WHERE id = ?")
		}
	}
	return len(ids) == purgeAtOnce, err
}

// dropSegments deletes the segments all of whose events are gone. What others
// say of events that are gone does no harm: such an event is not found.
func (e *engine) dropSegments(ctx context.Context) error {
	return e.Write(ctx, func(t sqlstore.Tx) error {
		c := t.(*tx).conn
		first := e.lastID + 1
		c.begin()
		c.arg(first)
		err := c.query(ctx, "SELECT COALESCE(MIN(id), ?) FROM events", []sqlstore.Type{sqlstore.Int}, func(v []sqlstore.Value) error {
			first = v[0].Int
			return nil
		})
		for _, x := range e.lists {
			for x.dropped+1 < len(x.segments) && x.segments[x.dropped].lastID < first && err == nil { // the last one tells where to go on
				err = x.drop(c, x.segments[x.dropped])
				x.dropped++
			}
		}
		return err
	})
}

func (x *index) drop(c *conn, s *segment) error {
	c.begin()
	c.arg(x.pageID(s.number, 0))
	c.arg(x.pageID(s.number, 1<<24-1))
	if err := c.exec("DELETE FROM pages WHERE id BETWEEN ? AND ?"); err != nil {
		return err
	}
	c.begin()
	c.arg(x.list)
	c.arg(s.number)
	return c.exec("DELETE FROM segments WHERE list = ? AND number = ?")
}
