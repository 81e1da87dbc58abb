package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

var (
	// ErrFull is returned by Append when the bound is reached.
	ErrFull = errors.New("spool: full")
	// ErrClosed is returned once Close has begun.
	ErrClosed = errors.New("spool: closed")
)

const (
	defaultMaxBytes = 64 << 20
	defaultSync     = time.Second
)

// Config says where a queue lives and how large it grows.
type Config struct {
	Dir      string        // each process locks a folder of its own below it and adopts what a dead one left; "": memory
	MaxBytes int64         // 0: 64 MiB
	Sync     time.Duration // between fsyncs while there is something new; 0: 1 s
}

// Entry is one record of a queue, with its place in it.
type Entry struct {
	Seq  uint64 // from 1 on; not the same at the next Open
	Data []byte
}

// Queue keeps records in order until they are done. Safe for concurrent use.
type Queue struct {
	max  int64
	disk *disk // nil: memory

	mu      sync.Mutex
	index   index
	bytes   int64 // in memory; on disk the segments know
	damaged uint64
	news    chan struct{} // closed when there is a new record, or no more; nil: nobody waits
	closed  bool
}

// Open opens or makes the queue. Where Dir cannot be used it falls back to
// memory and returns the queue together with the error, to be said once. An
// error with a queue that is [Queue.Persistent] means that something of a dead
// process could not be adopted.
func Open(c Config) (*Queue, error) {
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if c.Sync <= 0 {
		c.Sync = defaultSync
	}
	q := &Queue{max: c.MaxBytes}
	if c.Dir == "" {
		return q, nil
	}
	d, waiting, damaged, err := openDisk(c)
	if d == nil {
		return q, fmt.Errorf("open spool: %w", err)
	}
	q.disk, q.damaged = d, uint64(damaged)
	for _, e := range waiting {
		q.index.add(e)
	}
	d.start(q)
	if err != nil {
		err = fmt.Errorf("open spool: %w", err)
	}
	return q, err
}

// Append hands data to the kernel before it returns, so that it survives the
// process; with durable it is fsynced too. ErrFull past the bound. After any
// other error of the disk the record is not in the queue, except that one of
// the fsync leaves it there, not durable.
func (q *Queue) Append(data []byte, durable bool) (seq uint64, err error) {
	seq, written, err := q.append(data)
	if err != nil {
		return 0, err
	}
	if durable && q.disk != nil {
		if err := q.disk.sync(q, written); err != nil {
			return seq, fmt.Errorf("append to spool: %w", err)
		}
	}
	return seq, nil
}

func (q *Queue) append(data []byte) (seq, written uint64, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, 0, ErrClosed
	}
	e := entry{n: len(data)}
	if len(data) > maxRecord || q.held()+e.bytes() > q.max && !q.reclaim(e.bytes()) {
		return 0, 0, ErrFull
	}
	if q.disk == nil {
		e.data = slices.Clone(data)
		q.bytes += e.bytes()
	} else if written, err = q.disk.write(&e, data); err != nil {
		return 0, 0, fmt.Errorf("append to spool: %w", err)
	}
	seq = q.index.add(e)
	q.wake()
	return seq, written, nil
}

// wake is called with mu held.
func (q *Queue) wake() {
	if q.news != nil {
		close(q.news)
		q.news = nil
	}
}

// Next waits for the first record after seq (0: the oldest) that is not done,
// in order, also those of adopted processes. An error of the disk is returned
// and the record stays.
func (q *Queue) Next(ctx context.Context, after uint64) (Entry, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Entry{}, err
		}
		e, news, err := q.next(after)
		if err != nil || e.Seq != 0 {
			return e, err
		}
		select {
		case <-news:
		case <-ctx.Done():
		}
	}
}

// Poll is Next without the waiting: where there is no record (Seq 0), news is
// closed when there is one, or when the queue is closed.
func (q *Queue) Poll(after uint64) (e Entry, news <-chan struct{}, err error) {
	return q.next(after)
}

// next does not wait.
func (q *Queue) next(after uint64) (Entry, chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.closed {
			return Entry{}, nil, ErrClosed
		}
		e := q.index.after(after)
		if e == nil {
			if q.news == nil {
				q.news = make(chan struct{})
			}
			return Entry{}, q.news, nil
		}
		if e.seg == nil {
			return Entry{Seq: e.seq, Data: e.data}, nil, nil
		}
		data, ok, err := q.disk.read(e)
		if err != nil {
			return Entry{}, nil, fmt.Errorf("read spool: %w", err)
		}
		if ok {
			return Entry{Seq: e.seq, Data: data}, nil, nil
		}
		q.damaged++ // since it was written: nothing can be done but go on
		if err := q.remove(e.seq); err != nil {
			return Entry{}, nil, err
		}
	}
}

// Done takes a record off; records may be done out of order. One that is not
// there is no error. After an error the record is off, but may be there again
// at the next start.
func (q *Queue) Done(seq uint64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	return q.remove(seq)
}

// remove is called with mu held.
func (q *Queue) remove(seq uint64) error {
	e := q.index.take(seq)
	if e == nil {
		return nil
	}
	if e.seg == nil {
		q.bytes -= e.bytes()
		return nil
	}
	if err := q.disk.done(e); err != nil {
		return fmt.Errorf("take off spool: %w", err)
	}
	if seg := e.seg; seg != q.disk.active && seg.live > 0 && seg.left*4 < seg.size {
		return q.compact(seg)
	}
	return nil
}

// compact is called with mu held.
func (q *Queue) compact(seg *segment) error {
	lost, err := q.disk.compact(seg, q.index.of(seg))
	for _, seq := range lost {
		q.damaged++
		q.index.take(seq)
	}
	if err != nil {
		return fmt.Errorf("compact spool: %w", err)
	}
	return nil
}

// reclaim makes room by rewriting files with records that are done, unless
// that would be much work for little. Called with mu held.
func (q *Queue) reclaim(need int64) bool {
	if q.disk == nil || q.held()+need-q.disk.dead() > q.max || q.disk.dead() < q.max/16 {
		return false
	}
	for _, seg := range q.disk.fragmented() {
		if q.compact(seg) != nil {
			return false
		}
	}
	return q.held()+need <= q.max
}

// held is called with mu held.
func (q *Queue) held() int64 {
	if q.disk != nil {
		return q.disk.bytes()
	}
	return q.bytes
}

// Len counts the records that are not done.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.index.n
}

// Last is the sequence number of the latest record, done or not; 0: there has
// been none.
func (q *Queue) Last() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.index.last
}

// Bytes is what the queue holds, on disk or in memory.
func (q *Queue) Bytes() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held()
}

// Room is how many bytes of records, their headers included, are left until
// the bound; what is done is room again.
func (q *Queue) Room() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	room := q.max - q.held()
	if q.disk != nil {
		room += q.disk.dead()
	}
	return max(room, 0)
}

// Damaged counts the places on disk where records were lost to damage, as far
// as that was seen. A torn end is none: its Append had not returned.
func (q *Queue) Damaged() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.damaged
}

// Persistent reports whether the queue is on disk.
func (q *Queue) Persistent() bool { return q.disk != nil }

// Sync fsyncs what was appended.
func (q *Queue) Sync() error {
	if q.disk == nil {
		return nil
	}
	q.mu.Lock()
	upTo, closed := q.disk.written, q.closed
	q.mu.Unlock()
	if closed {
		return nil // Close does, or has done
	}
	if err := q.disk.sync(q, upTo); err != nil {
		return fmt.Errorf("sync spool: %w", err)
	}
	return nil
}

// Close fsyncs and releases the folder. What is not done stays in it. It may
// come twice.
func (q *Queue) Close() error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	q.wake()
	q.mu.Unlock()
	if q.disk == nil {
		return nil
	}
	if err := q.disk.close(q); err != nil {
		return fmt.Errorf("close spool: %w", err)
	}
	return nil
}
