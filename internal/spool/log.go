package spool

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const (
	ownLog     = "own.log"
	logSuffix  = ".log"
	adoptedLog = "adopted-%08d.log" // sorts before the own one

	maxBuffer = 4 << 20 // kept for the next append
)

// Log is an append-only journal in a locked folder: what is replayed at the
// start is what was appended, up to the first torn record; what is damaged
// before that is skipped. Not a queue: the owner compacts it by Rewrite.
// Safe for concurrent use.
type Log struct {
	folder  string
	release func()
	damaged int

	mu      sync.Mutex
	file    *os.File // nil: closed
	size    int64    // of file
	adopted []string // files of dead processes, moved here
	others  int64    // bytes of these
	buf     []byte
}

// OpenLog opens or makes the log below dir and calls replay with each record,
// first those that dead processes left, then its own, each in order. The data
// is valid during the call only. An error of replay ends it and is returned.
func OpenLog(dir string, replay func(data []byte) error) (*Log, error) {
	own, release, err := Lock(dir)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	l := &Log{folder: own, release: release}
	if err := errors.Join(orphans(dir, own, l.adopt), l.load(replay)); err != nil {
		if l.file != nil {
			_ = l.file.Close()
		}
		release()
		return nil, fmt.Errorf("open log: %w", err)
	}
	return l, nil
}

// adopt moves the files of a dead process here, before the own one.
func (l *Log) adopt(from string) error {
	names, err := logNames(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		here, err := logNames(l.folder)
		if err != nil {
			return err
		}
		last := 0
		for _, h := range here {
			var n int
			if _, err := fmt.Sscanf(h, adoptedLog, &n); err == nil {
				last = max(last, n)
			}
		}
		to := filepath.Join(l.folder, fmt.Sprintf(adoptedLog, last+1))
		if err := os.Rename(filepath.Join(from, name), to); err != nil {
			return err
		}
	}
	return nil
}

func logNames(folder string) ([]string, error) {
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range all {
		if strings.HasSuffix(f.Name(), logSuffix) {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

func (l *Log) load(replay func([]byte) error) error {
	names, err := logNames(l.folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == ownLog {
			continue
		}
		path := filepath.Join(l.folder, name)
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		size, err := l.replay(f, replay)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		l.adopted = append(l.adopted, path)
		l.others += size
	}
	l.file, err = os.OpenFile(filepath.Join(l.folder, ownLog), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if l.size, err = l.replay(l.file, replay); err != nil {
		return err
	}
	if l.size == 0 {
		if _, err := l.file.WriteAt([]byte(fileHeader), 0); err != nil {
			return err
		}
		l.size = int64(len(fileHeader))
	}
	return l.file.Truncate(l.size)
}

// replay gives the size of what is whole.
func (l *Log) replay(f *os.File, replay func([]byte) error) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	end, damaged, err := scan(f, info.Size(), func(r found) error { return replay(r.data) })
	l.damaged += damaged
	return end, err
}

// Append hands records to the kernel before it returns: all of them, or none
// and an error.
func (l *Log) Append(records ...[]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return ErrClosed
	}
	size := 0
	for _, r := range records {
		if len(r) > maxRecord {
			return fmt.Errorf("append to log: a record of %d bytes: %w", len(r), ErrFull)
		}
		size += headerSize + len(r)
	}
	b := slices.Grow(l.buf[:0], size)
	for _, r := range records {
		b = appendRecord(b, r)
	}
	if cap(b) <= maxBuffer {
		l.buf = b
	}
	if _, err := l.file.WriteAt(b, l.size); err != nil {
		return fmt.Errorf("append to log: %w", errors.Join(err, l.file.Truncate(l.size)))
	}
	l.size += int64(len(b))
	return nil
}

// Sync fsyncs what was appended. Appends go on meanwhile.
func (l *Log) Sync() error {
	l.mu.Lock()
	f := l.file
	l.mu.Unlock()
	if f == nil {
		return ErrClosed
	}
	if err := f.Sync(); err != nil && !errors.Is(err, os.ErrClosed) { // closed: by Rewrite or Close, which fsync
		return fmt.Errorf("sync log: %w", err)
	}
	return nil
}

// Bytes is the log's size on disk.
func (l *Log) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size + l.others
}

// Damaged counts the places that were skipped at the start.
func (l *Log) Damaged() int { return l.damaged }

// Rewrite replaces the log by the records that each yields, durably: a crash
// leaves the old log or the new one (and, for a moment, adopted records beside
// it). each must not call the Log, whose appends wait meanwhile. After an error
// the log is as it was.
func (l *Log) Rewrite(each func(yield func(data []byte) bool)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return ErrClosed
	}
	if err := l.rewrite(each); err != nil {
		return fmt.Errorf("rewrite log: %w", err)
	}
	return nil
}

func (l *Log) rewrite(each func(yield func(data []byte) bool)) (err error) {
	path := filepath.Join(l.folder, ownLog)
	f, err := os.OpenFile(path+".tmp", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(path + ".tmp")
		}
	}()
	w := bufio.NewWriterSize(f, 256<<10)
	size, err := w.WriteString(fileHeader)
	var rec []byte
	if err == nil {
		each(func(data []byte) bool {
			rec = appendRecord(rec[:0], data)
			_, err = w.Write(rec)
			size += len(rec)
			return err == nil
		})
	}
	if err != nil {
		return err
	}
	if err := errors.Join(w.Flush(), f.Sync()); err != nil {
		return err
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	syncDir(l.folder)
	_ = l.file.Close()
	l.file, l.size = f, int64(size)
	for _, old := range l.adopted {
		_ = os.Remove(old)
	}
	l.adopted, l.others = nil, 0
	return nil
}

// Close fsyncs and releases the folder. It may come twice.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := errors.Join(l.file.Sync(), l.file.Close())
	l.file = nil
	l.release()
	if err != nil {
		return fmt.Errorf("close log: %w", err)
	}
	return nil
}
