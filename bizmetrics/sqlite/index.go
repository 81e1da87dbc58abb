package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// Events are found by the hash of their key, and by that of their order. A
// B-tree on random hashes gets slower with each million: every insert goes to
// another page. So what came lately is in memory only (the events say it too,
// when the file is opened again), and is written from time to time, sorted, as
// a segment that never changes. A filter tells of each segment, without
// reading it, that a hash is not there.

const (
	byHash = 0
	byUnit = 1
	lists  = 2
)

const (
	sealAt     = 1 << 18 // entries of a segment
	pageLength = 250     // entries of a page: 4,000 bytes fit one page of the database
)

type entry struct{ hash, id int64 }

// index is one of the two lists. The writer uses it.
type index struct {
	list     int64
	recent   []entry
	before   []int32         // of each recent entry, the one before it with that hash; -1: none
	last     map[int64]int32 // by hash
	kept     int             // how many of recent are committed
	segments []*segment
	sealed   *segment // written, not yet committed
	dropped  int      // how many of segments are deleted, not yet committed
	sealAt   int
}

// segment is what is in memory of one.
type segment struct {
	number, lastID int64
	fences         []byte // the first hash of each page
	filter         filter
}

func newIndex(list int64) *index { return &index{list: list, last: map[int64]int32{}, sealAt: sealAt} }

func (x *index) add(hash, id int64) {
	before, known := x.last[hash]
	if !known {
		before = -1
	}
	x.last[hash] = int32(len(x.recent))
	x.recent, x.before = append(x.recent, entry{hash, id}), append(x.before, before)
}

// commit keeps what the transaction has added, rollback forgets it.
func (x *index) commit() {
	x.segments, x.dropped = x.segments[x.dropped:], 0
	if x.sealed != nil {
		x.segments = append(x.segments, x.sealed)
		x.recent, x.before, x.last, x.sealed = x.recent[:0], x.before[:0], make(map[int64]int32, len(x.last)), nil
	}
	x.kept = len(x.recent)
}

func (x *index) rollback() {
	x.sealed, x.dropped = nil, 0
	for i := len(x.recent) - 1; i >= x.kept; i-- {
		hash := x.recent[i].hash
		if x.before[i] < 0 {
			delete(x.last, hash)
		} else {
			x.last[hash] = x.before[i]
		}
	}
	x.recent, x.before = x.recent[:x.kept], x.before[:x.kept]
}

// find are the IDs of the events that may have one of the hashes.
func (x *index) find(c *conn, hashes []int64) (ids []int64, err error) {
	for _, h := range hashes {
		if i, ok := x.last[h]; ok {
			for ; i >= 0; i = x.before[i] {
				ids = append(ids, x.recent[i].id)
			}
		}
	}
	for _, s := range x.segments { // outside: a segment's filter stays in the CPU's cache
		for _, h := range hashes {
			if s.filter.has(h) {
				if ids, err = x.look(c, s, h, ids); err != nil {
					return nil, err
				}
			}
		}
	}
	return ids, nil
}

// look reads the pages of a segment that may have the hash.
func (x *index) look(c *conn, s *segment, hash int64, ids []int64) ([]int64, error) {
	pages := len(s.fences) / 8
	page := sort.Search(pages, func(i int) bool { return intAt(s.fences, i) >= hash })
	for page = max(page-1, 0); page < pages && intAt(s.fences, page) <= hash; page++ {
		c.begin()
		c.arg(x.pageID(s.number, page))
		err := c.query(context.Background(), "SELECT data FROM pages WHERE id = ?", []sqlstore.Type{sqlstore.Bytes}, func(v []sqlstore.Value) error {
			data := v[0].Bytes
			n := len(data) / 16
			for i := sort.Search(n, func(i int) bool { return intAt(data, 2*i) >= hash }); i < n && intAt(data, 2*i) == hash; i++ {
				ids = append(ids, intAt(data, 2*i+1))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (x *index) pageID(number int64, page int) int64 { return (number*lists+x.list)<<24 | int64(page) }

// seal writes a segment of what is recent, if that is enough.
func (x *index) seal(c *conn, lastID int64) error {
	if len(x.recent) < x.sealAt {
		return nil
	}
	sorted := slices.Clone(x.recent)
	slices.SortFunc(sorted, func(a, b entry) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.id, b.id)) })
	s := &segment{lastID: lastID, filter: newFilter(len(sorted))}
	if n := len(x.segments); n > 0 {
		s.number = x.segments[n-1].number + 1
	}
	for page := 0; len(sorted) > 0; page++ {
		some := sorted[:min(pageLength, len(sorted))]
		sorted = sorted[len(some):]
		s.fences = putInts(s.fences, some[0].hash)
		data := make([]byte, 0, 16*len(some))
		for _, e := range some {
			s.filter.add(e.hash)
			data = putInts(data, e.hash, e.id)
		}
		c.begin()
		c.arg(x.pageID(s.number, page))
		c.arg(data)
		if err := c.exec("INSERT INTO pages (id, data) VALUES (?, ?)"); err != nil {
			return err
		}
	}
	c.begin()
	c.arg(x.list)
	c.arg(s.number)
	c.arg(s.lastID)
	c.arg(s.fences)
	c.arg([]byte(s.filter))
	if err := c.exec("INSERT INTO segments (list, number, last_id, fences, filter) VALUES (?, ?, ?, ?, ?)"); err != nil {
		return err
	}
	x.sealed = s
	return nil
}

// load reads the segments, and the events that are in none.
func (x *index) load(c *conn) error {
	c.begin()
	c.arg(x.list)
	types := []sqlstore.Type{sqlstore.Int, sqlstore.Int, sqlstore.Bytes, sqlstore.Bytes}
	err := c.query(context.Background(), "SELECT number, last_id, fences, filter FROM segments WHERE list = ? ORDER BY number", types, func(v []sqlstore.Value) error {
		s := &segment{number: v[0].Int, lastID: v[1].Int, fences: slices.Clone(v[2].Bytes), filter: slices.Clone(v[3].Bytes)}
		if len(s.fences)%8 != 0 || len(s.filter) == 0 || len(s.filter)%blockBytes != 0 {
			return fmt.Errorf("segment %d of list %d is damaged", s.number, x.list)
		}
		x.segments = append(x.segments, s)
		return nil
	})
	if err != nil {
		return err
	}
	var lastID int64
	if n := len(x.segments); n > 0 {
		lastID = x.segments[n-1].lastID
	}
	c.begin()
	c.arg(lastID)
	text := "SELECT " + [lists]string{"hash", "unit"}[x.list] + ", id FROM events WHERE id > ? ORDER BY id"
	err = c.query(context.Background(), text, []sqlstore.Type{sqlstore.Int, sqlstore.Int}, func(v []sqlstore.Value) error {
		if v[0].Int != 0 {
			x.add(v[0].Int, v[1].Int)
		}
		return nil
	})
	x.commit()
	return err
}
