package alerting

import (
	"context"
	"sync"

	"github.com/distri-night/monitoring/internal/spool"
)

// queue is what the outbox needs of a spool.Queue.
type queue interface {
	Append(data []byte, durable bool) (uint64, error)
	Next(ctx context.Context, after uint64) (spool.Entry, error)
	Done(seq uint64) error
	Len() int
	Bytes() int64
	Close() error
}

// memoryQueue is a queue for a Manager without a state folder.
type memoryQueue struct {
	limit int64

	mu      sync.Mutex
	entries []spool.Entry
	last    uint64
	bytes   int64
	closed  bool
	changed chan struct{} // closed at the next Append or Close
}

func newMemoryQueue(limit int64) *memoryQueue {
	return &memoryQueue{limit: limit, changed: make(chan struct{})}
}

func (q *memoryQueue) Append(data []byte, _ bool) (uint64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, spool.ErrClosed
	}
	if q.bytes+int64(len(data)) > q.limit {
		return 0, spool.ErrFull
	}
	q.last++
	q.bytes += int64(len(data))
	q.entries = append(q.entries, spool.Entry{Seq: q.last, Data: data})
	q.wake()
	return q.last, nil
}

func (q *memoryQueue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *memoryQueue) Next(ctx context.Context, after uint64) (spool.Entry, error) {
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return spool.Entry{}, spool.ErrClosed
		}
		if n := len(q.entries); n > 0 && q.entries[n-1].Seq > after {
			i := n - 1
			for i > 0 && q.entries[i-1].Seq > after {
				i--
			}
			e := q.entries[i]
			q.mu.Unlock()
			return e, nil
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return spool.Entry{}, ctx.Err()
		}
	}
}

func (q *memoryQueue) Done(seq uint64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, e := range q.entries {
		if e.Seq == seq {
			q.bytes -= int64(len(e.Data))
			q.entries = append(q.entries[:i], q.entries[i+1:]...)
			return nil
		}
	}
	return nil
}

func (q *memoryQueue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.entries)
}

func (q *memoryQueue) Bytes() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

func (q *memoryQueue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		q.wake()
	}
	return nil
}
