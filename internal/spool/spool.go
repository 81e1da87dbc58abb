// Package spool is the one bounded, ordered, crash-safe queue on disk.
package spool

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrFull is returned by Append when the bound is reached.
	ErrFull = errors.New("spool: full")
	// ErrClosed is returned once Close has begun.
	ErrClosed = errors.New("spool: closed")
)

// Config says where a queue lives and how large it grows.
type Config struct {
	Dir      string        // each process locks a folder of its own below it and adopts what a dead one left; "": memory
	MaxBytes int64         // 0: 64 MiB
	Sync     time.Duration // between fsyncs while there is something new; 0: 1 s
}

// Entry is one record of a queue, with its place in it.
type Entry struct {
	Seq  uint64
	Data []byte
}

// Queue keeps records in order until they are done. Safe for concurrent use.
type Queue struct{}

// Open opens or makes the queue. Where Dir cannot be used it falls back to
// memory and returns the queue together with the error, to be said once.
func Open(c Config) (*Queue, error) { return &Queue{}, nil }

// Append hands data to the kernel before it returns, so that it survives the
// process; with durable it is fsynced too. ErrFull past the bound.
func (q *Queue) Append(data []byte, durable bool) (seq uint64, err error) { return 0, nil }

// Next waits for the first record after seq (0: the oldest), in order,
// also those of adopted processes.
func (q *Queue) Next(ctx context.Context, after uint64) (Entry, error) { return Entry{}, ErrClosed }

// Done takes a record off; records may be done out of order.
func (q *Queue) Done(seq uint64) error { return nil }

// Len counts the records that are not done.
func (q *Queue) Len() int { return 0 }

// Bytes is what the queue holds, on disk or in memory.
func (q *Queue) Bytes() int64 { return 0 }

// Persistent reports whether the queue is on disk.
func (q *Queue) Persistent() bool { return false }

// Close fsyncs and releases the folder. What is not done stays in it.
func (q *Queue) Close() error { return nil }

// Log is an append-only journal in a locked folder: what is replayed at the
// start is what was appended, up to the first torn record. Not a queue: the
// owner compacts it by Rewrite.
type Log struct{}

// OpenLog opens or makes the log below dir and calls replay with each record,
// first those that dead processes left, then its own, each in order.
func OpenLog(dir string, replay func(data []byte) error) (*Log, error) { return &Log{}, nil }

// Append hands records to the kernel before it returns.
func (l *Log) Append(records ...[]byte) error { return nil }

// Sync fsyncs what was appended.
func (l *Log) Sync() error { return nil }

// Bytes is the log's size on disk.
func (l *Log) Bytes() int64 { return 0 }

// Rewrite replaces the log by the records that each yields, atomically.
func (l *Log) Rewrite(each func(yield func(data []byte) bool)) error { return nil }

// Close fsyncs and releases the folder.
func (l *Log) Close() error { return nil }

// Lock locks a folder of this process's own below dir, the same one again
// after a restart if it is free. release may come twice.
func Lock(dir string) (own string, release func(), err error) { return dir, func() {}, nil }
