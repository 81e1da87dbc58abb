package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

const (
	maxReaders   = 4
	writerPages  = "cache_size = -65536" // KiB
	readerPages  = "cache_size = -16384"
	checkpointAt = "wal_autocheckpoint = 16384" // pages
)

// engine is a [sqlstore.Engine] on one file: one connection writes, some read.
type engine struct {
	path    string
	lock    *fileLock
	texts   *texts
	writing chan struct{} // held by whoever uses what follows
	writer  *conn
	lists   [lists]*index
	lastID  int64

	readers chan *conn // nil: one that is not opened yet
}

// openEngine opens the file, and brings its tables up to date.
func openEngine(path string) (_ *engine, err error) {
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	e := &engine{path: path, lock: lock, texts: newTexts(), writing: make(chan struct{}, 1), readers: make(chan *conn, maxReaders)}
	for range maxReaders {
		e.readers <- nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(explain(err, path), e.Close())
		}
	}()
	if e.writer, err = openConn(path, "journal_mode = WAL", "synchronous = FULL", writerPages, checkpointAt); err != nil {
		return nil, err
	}
	if err := migrate(e.writer, latest); err != nil {
		return nil, err
	}
	return e, e.load()
}

func (e *engine) load() error {
	for list := range e.lists {
		e.lists[list] = newIndex(int64(list))
		if err := e.lists[list].load(e.writer); err != nil {
			return fmt.Errorf("read which events are there: %w", err)
		}
		for _, s := range e.lists[list].segments {
			e.lastID = max(e.lastID, s.lastID)
		}
	}
	e.writer.begin()
	return e.writer.query(context.Background(), "SELECT COALESCE(MAX(id), 0) FROM events", []sqlstore.Type{sqlstore.Int}, func(v []sqlstore.Value) error {
		e.lastID = max(e.lastID, v[0].Int)
		return nil
	})
}

// Exclusive is [sqlstore.Engine]'s: the file is one process's.
func (e *engine) Exclusive() bool { return true }

// Write is [sqlstore.Engine]'s.
func (e *engine) Write(ctx context.Context, f func(sqlstore.Tx) error) error {
	select {
	case e.writing <- struct{}{}:
		defer func() { <-e.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if e.writer == nil {
		return errClosed
	}
	lastID := e.lastID
	err := e.transaction(ctx, f)
	for _, l := range e.lists {
		if err == nil {
			l.commit()
		} else {
			l.rollback()
		}
	}
	if err != nil {
		e.lastID = lastID
	}
	return explain(err, e.path)
}

func (e *engine) transaction(ctx context.Context, f func(sqlstore.Tx) error) error {
	c := e.writer
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.control("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := f(&tx{reader: reader{conn: c, ctx: context.WithoutCancel(ctx), texts: e.texts}, e: e})
	for _, l := range e.lists {
		if err == nil {
			err = l.seal(c, e.lastID)
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = c.control("COMMIT")
	}
	if err != nil {
		_ = c.control("ROLLBACK") // SQLite has done it by itself after some errors
	}
	return err
}

// control is a statement without arguments.
func (c *conn) control(text string) error {
	c.begin()
	return c.exec(text)
}

// Read is [sqlstore.Engine]'s.
func (e *engine) Read(ctx context.Context, f func(sqlstore.Reader) error) (err error) {
	var c *conn
	select {
	case got, open := <-e.readers:
		if !open {
			return errClosed
		}
		c = got
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.readers <- c }()
	if c == nil {
		if c, err = openConn(e.path, "query_only = 1", readerPages); err != nil {
			return explain(err, e.path)
		}
	}
	if err := c.control("BEGIN"); err != nil {
		return explain(err, e.path)
	}
	defer func() {
		if endErr := c.control("ROLLBACK"); err == nil {
			err = endErr
		}
		err = explain(err, e.path)
	}()
	return f(&reader{conn: c, ctx: ctx, texts: e.texts})
}

// Close waits for who reads or writes, and closes the file.
func (e *engine) Close() error {
	e.writing <- struct{}{}
	defer func() { <-e.writing }()
	if e.lock == nil {
		return nil
	}
	var errs []error
	for range maxReaders {
		if c := <-e.readers; c != nil {
			errs = append(errs, c.close())
		}
	}
	close(e.readers)
	if e.writer != nil {
		errs = append(errs, e.writer.close())
	}
	errs = append(errs, e.lock.release())
	e.writer, e.lock = nil, nil
	return explain(errors.Join(errs...), e.path)
}
